"""What a terminal takes on its clipboard (OSC 52), and in what words that is told; pure."""

from __future__ import annotations

from plan_tui.contract.text import clean

LARGEST_COPY = 74_994
"""Bytes: as base64 they make the 100,000 that terminals commonly take in one sequence."""


def copied_text(text: str) -> str:
    """The text as it is pasted: nothing in it that a terminal would obey."""
    return clean(text, keep_newlines=True)


def why_not_copied(text: str, what: str) -> str | None:
    """Why a text does not fit, in a sentence, or None where it does."""
    size = len(text.encode())
    if size <= LARGEST_COPY:
        return None
    return f"Not copied: {what} has {size:,} bytes, and terminals take {LARGEST_COPY:,} at most."
