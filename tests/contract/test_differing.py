"""What differs between two texts is in what is shown of them, however long they are."""

from __future__ import annotations

from plan_tui.contract.differing import MOST_LINES, changed_lines, from_difference

BEFORE = "def execute(context):\n    table = context.fetchdf('SELECT 1')\n    return table"


def test_only_the_lines_that_went_and_came_are_told() -> None:
    after = BEFORE.replace("SELECT 1", "SELECT 2")
    assert changed_lines(BEFORE, after) == (
        "-     table = context.fetchdf('SELECT 1')",
        "+     table = context.fetchdf('SELECT 2')",
    )
    assert changed_lines(BEFORE, f"{BEFORE}\n# end") == ("+ # end",)


def test_many_lines_are_counted() -> None:
    after = "\n".join(f"line {number}" for number in range(20))
    lines = changed_lines("x", after)
    assert lines[MOST_LINES:] == ("… 9 more lines",)


def test_there_are_no_lines_of_one_line_or_of_one_side() -> None:
    assert changed_lines("a", "b") == ()
    assert changed_lines(None, BEFORE) == ()
    assert changed_lines(BEFORE, BEFORE) == ()


def test_long_lines_begin_shortly_before_they_differ() -> None:
    lead = "x" * 500
    assert from_difference(f"{lead}a", f"{lead}b", 200) == (f"…{'x' * 20}a", f"…{'x' * 20}b")
    assert from_difference("xa", "xb", 200) == ("xa", "xb")
    first, second = changed_lines(f"{lead}a\nend", f"{lead}b\nend")
    assert (first, second) == (f"- …{'x' * 20}a", f"+ …{'x' * 20}b")
