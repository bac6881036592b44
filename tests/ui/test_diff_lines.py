"""Diffs as lines, one below the other and side by side."""

from __future__ import annotations

import pytest

from plan_tui.ui.widgets import diff_view
from plan_tui.ui.widgets.diff_lines import DiffLine, changed_counts, pairs, parse_diff
from plan_tui.ui.widgets.diff_view import code_parts, diff_parts

from .review_samples import DIFF


def text(parts: list[tuple[tuple[str, str], ...]]) -> list[str]:
    return ["".join(words for words, _ in line) for line in parts]


def test_reads_sqlmeshs_unified_diff() -> None:
    lines = parse_diff(DIFF)
    assert [line.sign for line in lines] == [" ", " ", " ", "-", "+", "+", " ", " ", "-", "+"]
    assert lines[0].text == "SELECT"
    assert changed_counts(lines) == (3, 2)


def test_hunks_after_the_first_are_set_apart() -> None:
    diff = "--- \n+++ \n@@ -1,1 +1,1 @@\n-a\n+b\n@@ -9,2 +9,2 @@\n c\n \n+d"
    assert [(line.sign, line.text) for line in parse_diff(diff)] == [
        ("-", "a"), ("+", "b"), ("@", ""), (" ", "c"), (" ", ""), ("+", "d"),
    ]  # fmt: skip


def test_a_removed_comment_is_not_taken_for_a_header() -> None:
    diff = "--- \n+++ \n@@ -1,1 +0,0 @@\n--- a comment\n+++ plus"
    assert [(line.sign, line.text) for line in parse_diff(diff)] == [
        ("-", "-- a comment"), ("+", "++ plus"),
    ]  # fmt: skip


def test_reads_the_plain_diffs_of_requirements_and_statements() -> None:
    lines = parse_diff("    - pandas==1.0\n    ?         ^\n    + pandas==2.0\n      numpy==1.0")
    assert [(line.sign, line.text) for line in lines] == [
        ("-", "pandas==1.0"), ("+", "pandas==2.0"), (" ", "numpy==1.0"),
    ]  # fmt: skip
    assert parse_diff(" \n") == []


def test_marks_the_words_that_differ() -> None:
    old, new = parse_diff("--- \n+++ \n@@ -1 +1 @@\n-  x = 'done'\n+  x IN ('done')")
    assert [old.text[start:end] for start, end in old.spans] == ["="]
    assert [new.text[start:end] for start, end in new.spans] == ["IN", "(", ")"]


def test_lines_without_likeness_have_no_marked_words() -> None:
    old, new = parse_diff("--- \n+++ \n@@ -1 +1 @@\n-alpha beta\n+1, 2, 3, 4, 5, 6")
    assert not old.spans
    assert not new.spans


def test_sides_stand_beside_each_other() -> None:
    old, new, more = DiffLine("-", "a"), DiffLine("+", "b"), DiffLine("+", "c")
    same = DiffLine(" ", "d")
    assert pairs([old, new, more, same]) == [(old, new), (None, more), (same, same)]


def test_narrow_is_one_below_the_other() -> None:
    assert text(diff_parts(DIFF, 60))[3:6] == [
        "-   o.amount", "+   COALESCE(o.amount, 0) AS amount,", "+   o.discount",
    ]  # fmt: skip


def test_wide_is_side_by_side_with_long_lines_wrapped() -> None:
    long = "x" * 70
    diff = f"--- \n+++ \n@@ -1 +1 @@\n-a\n+{long} {long}"
    lines = text(diff_parts(diff, 120))
    assert lines[0].startswith("- a ")
    assert "│ + xxx" in lines[0]
    assert "".join(line[61:].strip("+ ↪│") for line in lines).replace(" ", "") == long + long
    assert max(map(len, lines)) <= 120


def test_control_characters_are_shown_and_not_obeyed() -> None:
    (line,) = text(diff_parts("--- \n+++ \n@@ -0,0 +1 @@\n+a\x1b[2Jb", 60))
    assert line == "+ a<U+001B>[2Jb"


LONG = "    CASE WHEN status = 'done' THEN amount WHEN status = 'paid' THEN amount * 2 ELSE 0 END"


def test_a_line_that_is_too_long_goes_on_below_itself() -> None:
    diff = f"--- \n+++ \n@@ -1 +1 @@\n-{LONG}\n+{LONG} AS sum"
    parts = diff_parts(diff, 50)
    lines = text(parts)
    assert max(map(len, lines)) <= 50
    assert "".join(line[0] for line in lines) == "---+++"
    again = "".join(line[2:].replace("    ↪ ", "") for line in lines if line[0] == "+")
    assert again == f"{LONG} AS sum"
    assert (" AS sum", "added-word") in [part for line in parts for part in line]


def test_code_that_is_too_long_goes_on_below_itself() -> None:
    lines = text(code_parts(f"SELECT\n{LONG}", 40))
    assert lines[0] == "SELECT"
    assert max(map(len, lines)) <= 40
    assert lines[1].startswith("    CASE")
    assert lines[2].startswith("    ↪ ")
    assert lines[1] + "".join(line.replace("    ↪ ", "") for line in lines[2:]) == LONG


def test_a_line_of_a_million_characters_is_gone_through_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[int] = []
    real = diff_view.cell_len

    def counting(text: str) -> int:
        measured.append(len(text))
        return real(text)

    monkeypatch.setattr(diff_view, "cell_len", counting)
    lines = code_parts("long " * 200_000, 60)
    assert len(lines) > 16_000
    assert sum(measured) < 3_000_000
