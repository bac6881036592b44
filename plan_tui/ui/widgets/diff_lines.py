"""Text diffs as lines with their changed words; pure.

Line numbers are left out: SQLMesh compares definitions as it formats them, so they are not those
of the project's file.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

Sign = Literal[" ", "+", "-", "@"]
Span = tuple[int, int]

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_STATEMENTS = re.compile(r"^\s*(before_all|after_all|dependencies):\s*$")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST_COMPARED = 400
_ALIKE = 0.4
"""Below this two lines are not the same line changed, and words are not compared."""


@dataclass(frozen=True)
class DiffLine:
    """One line of a diff."""

    sign: Sign
    """A space for context, ``@`` where lines are left out."""
    text: str
    spans: tuple[Span, ...] = ()
    """The characters that differ from the line it replaces or is replaced by."""


Pair = tuple[DiffLine | None, DiffLine | None]


def parse_diff(diff: str) -> list[DiffLine]:
    """Lines of a unified diff, or of the plain ``+``/``-`` diffs that SQLMesh also writes."""
    if not diff.strip():
        return []
    lines = diff.split("\n")
    numbered = any(_HUNK.match(line) for line in lines)
    parsed = _unified(lines) if numbered else _plain(textwrap.dedent(diff).split("\n"))
    return _with_words(list(parsed))


def statement_diffs(text: str) -> list[tuple[str, str]]:
    """The parts of a diff of environment statements: what each is of, and its own diff."""
    parts: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if heading := _STATEMENTS.match(line):
            parts.append((heading[1], []))
        elif parts:
            parts[-1][1].append(line)
    return [(name, textwrap.dedent("\n".join(lines)).strip("\n")) for name, lines in parts]


def pairs(lines: list[DiffLine]) -> list[Pair]:
    """Lines side by side: what was at the left, what will be at the right."""
    sides: list[Pair] = []
    for removed, added, other in _blocks(lines):
        sides.extend(zip_longest(removed, added))
        if other is not None:
            sides.append((other, other))
    return sides


def changed_counts(lines: list[DiffLine]) -> tuple[int, int]:
    """How many lines are added and how many removed."""
    signs = [line.sign for line in lines]
    return signs.count("+"), signs.count("-")


def _unified(lines: list[str]) -> Iterator[DiffLine]:
    after_header = started = False
    for line in lines:
        if _HUNK.match(line):
            if started:
                yield DiffLine("@", "")
            after_header = started = True
        elif not started or not line or (after_header and not line.strip()):
            # difflib ends its headers with a newline, and SQLMesh joins them by another.
            continue
        else:
            after_header = False
            sign: Sign = "+" if line[0] == "+" else "-" if line[0] == "-" else " "
            yield DiffLine(sign, line[1:])


def _plain(lines: list[str]) -> Iterator[DiffLine]:
    for line in lines:
        if line.startswith("? ") or not line.strip():
            continue
        if line[:2] in ("+ ", "- "):
            yield DiffLine("+" if line[0] == "+" else "-", line[2:])
        else:
            yield DiffLine(" ", line[2:] if line.startswith("  ") else line)


def _blocks(
    lines: list[DiffLine],
) -> Iterator[tuple[list[DiffLine], list[DiffLine], DiffLine | None]]:
    """Runs of removed lines with the added ones after them, and what follows them."""
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in lines:
        if line.sign == "-" and added:
            yield removed, added, None
            removed, added = [line], []
        elif line.sign == "-":
            removed.append(line)
        elif line.sign == "+":
            added.append(line)
        else:
            yield removed, added, line
            removed, added = [], []
    if removed or added:
        yield removed, added, None


def _with_words(lines: list[DiffLine]) -> list[DiffLine]:
    marked: list[DiffLine] = []
    for removed, added, other in _blocks(lines):
        if len(removed) == len(added):
            compared = [_compared(old, new) for old, new in zip(removed, added, strict=True)]
            removed, added = [old for old, _ in compared], [new for _, new in compared]
        marked += removed + added
        if other is not None:
            marked.append(other)
    return marked


def _compared(old: DiffLine, new: DiffLine) -> tuple[DiffLine, DiffLine]:
    """Both lines with the words that differ."""
    if max(len(old.text), len(new.text)) > _LONGEST_COMPARED:
        return old, new
    before, after = _WORD.findall(old.text), _WORD.findall(new.text)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return old, new
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        replace(old, spans=_spans(before, [(code[1], code[2]) for code in changes])),
        replace(new, spans=_spans(after, [(code[3], code[4]) for code in changes])),
    )


def _spans(words: list[str], changes: list[Span]) -> tuple[Span, ...]:
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    return tuple((ends[start], ends[end]) for start, end in changes if end > start)
