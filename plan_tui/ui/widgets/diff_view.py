"""A diff as toned lines, one below the other or side by side; pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from rich.cells import cell_len

from plan_tui.contract.text import clean
from plan_tui.ui.widgets.cells import clip_head
from plan_tui.ui.widgets.diff_lines import DiffLine, Span, pairs, parse_diff
from plan_tui.ui.widgets.lines import Part

SIDE_BY_SIDE = 100
"""Cells from which both sides fit beside each other."""

_TONES = {"+": "added", "-": "removed"}
_LEFT_OUT = "⋯"
_WRAPPED = "↪ "


def diff_parts(diff: str, width: int) -> list[tuple[Part, ...]]:
    """A diff's lines, drawn for a width."""
    lines = parse_diff(clean(diff, keep_newlines=True))
    if width >= SIDE_BY_SIDE and any(line.sign == "-" for line in lines):
        return list(_beside(lines, width))
    return [parts for line in lines for parts in _below(line, width)]


def code_parts(code: str, width: int) -> list[tuple[Part, ...]]:
    """Lines of code, those that are too long in as many as they need.

    Args:
        code: The code, without control characters.
        width: Cells of a line.
    """
    return [
        parts
        for line in code.split("\n")
        for parts in _wrapped(DiffLine(" ", line), width, margin="")
    ]


def _below(line: DiffLine, width: int) -> list[tuple[Part, ...]]:
    if line.sign == "@":
        return [((_LEFT_OUT, "muted"),)]
    return _wrapped(line, width)


def _words(line: DiffLine, start: int, end: int) -> Iterator[Part]:
    """A stretch of a line, with the changed words set off."""
    tone = _TONES.get(line.sign, "")
    at = start
    for first, last in _within(line.spans, start, end):
        if at < first:
            yield line.text[at:first], tone
        yield line.text[first:last], f"{tone}-word" if tone else ""
        at = last
    if at < end:
        yield line.text[at:end], tone


def _within(spans: tuple[Span, ...], start: int, end: int) -> Iterator[Span]:
    for first, last in spans:
        if first < end and last > start:
            yield max(first, start), min(last, end)


def _beside(lines: list[DiffLine], width: int) -> Iterator[tuple[Part, ...]]:
    room = (width - 3) // 2
    for old, new in pairs(lines):
        if old is not None and old.sign == "@":
            yield ((_LEFT_OUT, "muted"),)
            continue
        left, right = _wrapped(old, room), _wrapped(new, room)
        for one, other in zip_longest(left, right, fillvalue=()):
            gap = " " * (room - sum(cell_len(text) for text, _ in one))
            yield (*one, (f"{gap} │ ", "muted"), *other)


def _wrapped(line: DiffLine | None, room: int, margin: str | None = None) -> list[tuple[Part, ...]]:
    """A line in as many as it needs; where it goes on, it is as far in as it began.

    Args:
        line: The line, or none.
        room: Cells of a line.
        margin: What stands before it; its sign without it.
    """
    if line is None:
        return []
    tone = _TONES.get(line.sign, "")
    first = f"{line.sign} " if margin is None else margin
    indent = len(line.text) - len(line.text.lstrip(" "))
    rest = f"{first}{' ' * min(indent, room // 3)}{_WRAPPED}"
    sides: list[tuple[Part, ...]] = []
    at, lead = 0, first
    while not sides or at < len(line.text):
        left = max(1, room - len(lead))
        # Not the whole rest: a line of a million characters would be gone through for each part.
        taken = _fitting(line.text[at : at + left + 1], left)
        sides.append(((lead, tone), *_words(line, at, at + taken)))
        at += taken
        lead = rest
    return sides


def _fitting(text: str, room: int) -> int:
    """How many characters fit, cut at a space where one is near the end."""
    if cell_len(text) <= room:
        return len(text)
    taken = max(1, len(clip_head(text, room)) - 1)
    space = text.rfind(" ", room // 2, taken)
    return space + 1 if space > 0 else taken
