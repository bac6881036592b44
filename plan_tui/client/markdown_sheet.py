"""A document that never grows over a bound: its sections share the room, and say what is left out.

Pure, and the same for the same content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LARGEST = 65_535
"""Characters that a comment of a pull request may have; the document has as few bytes."""


@dataclass(frozen=True)
class Item:
    """A piece that is shown whole, or in short, or not at all."""

    text: str
    """Ends with a line feed."""
    short: str = ""
    """What stands for it where there is no room; empty where nothing does."""
    cut: bool = False
    """Whether even the text is not all that there is."""

    @property
    def least(self) -> int:
        """Bytes of the shorter form, which of a few short lines may be the text itself."""
        return min(size(self.short), size(self.text))


@dataclass(frozen=True)
class Section:
    """A heading with its items."""

    title: str
    """Markdown; of a folded section HTML."""
    noun: str
    """What an item is: ``model``."""
    items: tuple[Item, ...]
    folded: bool = False

    @property
    def head(self) -> str:
        """What comes before the items."""
        if self.folded:
            return f"\n<details>\n<summary>{self.title}</summary>\n\n"
        return f"\n### {self.title}\n\n"

    @property
    def foot(self) -> str:
        """What comes after them."""
        return "\n</details>\n" if self.folded else ""

    @property
    def frame(self) -> int:
        """Bytes that it needs beside its items, with a word for those left out."""
        return size(self.head) + size(self.foot) + _WORD

    @property
    def need(self) -> int:
        """Bytes of the whole section."""
        return self.frame + sum(size(item.text) for item in self.items)


_WORD = 200
"""Bytes kept for the sentence about what is left out."""
_REST = 700


def size(text: str) -> int:
    """The bytes of a text, which are at least its characters, however these are counted."""
    return len(text.encode())


def sheet(head: str, sections: Sequence[Section], tail: str, largest: int = LARGEST) -> str:
    """The document.

    Args:
        head: What is always shown, and short.
        sections: Shown as far as there is room, each at least with its fair share.
        tail: The last lines.
        largest: Bytes that it may have.
    """
    shown = [section for section in sections if section.items]
    shares = _shares([each.need for each in shown], largest - size(head) - size(tail) - _REST)
    parts, left_out = [head], []
    for section, share in zip(shown, shares, strict=True):
        text, missing = _fill(section, share)
        parts.append(text)
        if missing:
            left_out.append(missing)
    if left_out:
        words = "; ".join(left_out)
        parts.append(f"\n**Left out**, as a comment has an end: {words}. "
                     "`plan-tui plan` prints all of it.\n")  # fmt: skip
    return "".join((*parts, tail))


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """Shares the room so that whoever needs less than a fair part leaves the rest to others."""
    shares = [0] * len(needs)
    left = max(0, room)
    order = sorted(range(len(needs)), key=lambda index: (needs[index], index))
    for position, index in enumerate(order):
        shares[index] = min(needs[index], left // (len(order) - position))
        left -= shares[index]
    return shares


def _fill(section: Section, share: int) -> tuple[str, str]:
    """A section in at most so many bytes, and the words for what it lacks."""
    room = share - section.frame
    parts: list[str] = []
    shortened = missing = 0
    # What a short form needs is kept for those to come, so that a long first one starves none.
    short = sum(item.least for item in section.items)
    for item in section.items:
        short -= item.least
        if size(item.text) <= room - short:
            chosen, shortened = item.text, shortened + item.cut
        elif item.short and size(item.short) <= room:
            chosen, shortened = item.short, shortened + 1
        elif size(item.text) <= room:
            chosen, shortened = item.text, shortened + item.cut
        else:
            missing += 1
            continue
        parts.append(chosen)
        room -= size(chosen)
    words = _missing_words(section, shortened, missing)
    if not parts:
        return "", words
    note = f"\n{words[0].upper()}{words[1:]}.\n" if words else ""
    return f"{section.head}{''.join(parts)}{note}{section.foot}", words


def _missing_words(section: Section, shortened: int, missing: int) -> str:
    parts = []
    if missing:
        parts.append(f"{missing:,} of {len(section.items):,} {section.noun} not shown")
    if shortened:
        parts.append(f"{shortened:,} of {len(section.items):,} {section.noun} in short only")
    return ", ".join(parts)
