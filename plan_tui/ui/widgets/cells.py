"""Text cut and padded to terminal cells."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from plan_tui.ui.glyphs import ELLIPSIS


def clip_head(text: str, width: int) -> str:
    """The text's beginning in at most ``width`` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS if width > 1 else ELLIPSIS[:width]


def clip_tail(text: str, width: int) -> str:
    """The text's end in at most ``width`` cells."""
    if cell_len(text) <= width:
        return text
    kept = ""
    room = width - 1
    for character in reversed(text):
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept = character + kept
    return ELLIPSIS[:width] + kept


def clip_middle(text: str, width: int, tail: int | None = None) -> str:
    """The text's two ends in at most ``width`` cells.

    Args:
        text: What is cut.
        width: Cells for it.
        tail: Cells of its end; half of them without it.
    """
    if cell_len(text) <= width:
        return text
    tail = max(0, width - 1) // 2 if tail is None else tail
    head = clip_head(text, width - tail)
    return head + clip_tail(text, tail + 1).removeprefix(ELLIPSIS) if tail else head


@lru_cache(maxsize=4096)
def fit(text: str, width: int) -> str:
    """The text's beginning in exactly ``width`` cells."""
    return _padded(clip_head(text, width), width)


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken at spaces where there are any."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph.rstrip()
        while cell_len(rest) > width > 0:
            cut = _fitting(rest, width)
            space = rest.rfind(" ", 1, cut + 1)
            cut = space if space > width // 3 else cut
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        lines.append(rest)
    return lines


def _fitting(text: str, width: int) -> int:
    """How many characters fit, at least one."""
    sizes = accumulate(get_character_cell_size(character) for character in text)
    return max(1, sum(1 for size in sizes if size <= width))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
