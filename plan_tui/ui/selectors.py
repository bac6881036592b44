"""Model selectors as they are typed: split, joined and completed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_OPERATORS = re.compile(r"[&|()]")
_TAIL = re.compile(r"[^\s,&|()]*$")
_PREFIX = re.compile(r"^[\^+]*")
MAX_COMPLETIONS = 7


def split_names(text: str) -> tuple[str, ...]:
    """Selectors from text: commas part them, spaces too where no operator stands between."""
    found: list[str] = []
    for piece in text.split(","):
        piece = piece.strip()
        if _OPERATORS.search(piece):
            found.append(piece)
        else:
            found += piece.split()
    return tuple(found)


def join_names(names: Iterable[str]) -> str:
    """Selectors as they are shown and edited."""
    return ", ".join(names)


@dataclass(frozen=True)
class Completion:
    """A way to go on, and the whole text with it."""

    label: str
    text: str


def complete(text: str, words: Iterable[str]) -> list[Completion]:
    """How the last word of a text may go on; ``+`` and ``^`` before it stay.

    Args:
        text: What was typed up to the cursor.
        words: Model names and ``tag:`` selectors.
    """
    match = _TAIL.search(text)
    tail = match.group() if match else ""
    prefix_match = _PREFIX.match(tail)
    prefix = prefix_match.group() if prefix_match else ""
    typed = tail[len(prefix) :].casefold()
    head = text[: len(text) - len(tail)] + prefix
    ranked = sorted(
        (rank, word) for word in words if (rank := _rank(word.casefold(), typed)) is not None
    )
    return [
        Completion(word, head + word)
        for _, word in ranked[:MAX_COMPLETIONS]
        if word.casefold() != typed
    ]


def _rank(word: str, typed: str) -> int | None:
    """0 for a word that starts so, 1 for a part of a name that does, 2 for one that has it."""
    if word.startswith(typed):
        return 0
    if re.search(rf"[._:]{re.escape(typed)}", word):
        return 1
    return 2 if typed in word else None
