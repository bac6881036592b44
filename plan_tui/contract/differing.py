"""What differs between two texts, shown short: both cut at the same place look the same."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

MOST_LINES = 12
LONGEST_LINE = 200
LARGEST = 200_000
"""Characters of texts that are compared line by line."""
LEAD = 20
"""Characters that are kept before the first that differs."""


def changed_lines(before: str | None, after: str | None) -> tuple[str, ...]:
    """The lines that went and came, ``- `` and ``+ `` before each; the rest of many is counted.

    Args:
        before: The text as it was.
        after: The text as it is.

    Returns:
        Nothing where a text is missing or very large, or both are of one line.
    """
    if not before or not after or "\n" not in before.strip() + after.strip():
        return ()
    if len(before) + len(after) > LARGEST:
        return ()
    lines = list(_moved(before.splitlines(), after.splitlines()))
    rest = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"… {rest:,} more lines"] if rest > 0 else ()))


def _moved(before: list[str], after: list[str]) -> Iterator[str]:
    for what, i, to_i, j, to_j in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            continue
        gone, came = before[i:to_i], after[j:to_j]
        if len(gone) == len(came):
            pairs = zip(gone, came, strict=True)
            for one, two in (from_difference(*pair, LONGEST_LINE) for pair in pairs):
                yield f"- {one}"
                yield f"+ {two}"
        else:
            yield from (f"- {line}" for line in gone)
            yield from (f"+ {line}" for line in came)


def from_difference(before: str, after: str, longest: int) -> tuple[str, str]:
    """Both texts, without what they begin with alike where they are too long to be shown whole.

    Args:
        before: The text as it was, in one line.
        after: The text as it is, in one line.
        longest: Characters that are shown of each.
    """
    if max(len(before), len(after)) <= longest:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    same = next((at for at, (one, two) in pairs if one != two), min(len(before), len(after)))
    start = same - LEAD
    return (before, after) if start <= 0 else (f"…{before[start:]}", f"…{after[start:]}")
