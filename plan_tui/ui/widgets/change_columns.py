"""The columns of the change list, by importance."""

from __future__ import annotations

from dataclasses import dataclass

CHIP = 5
REACH = 9
"""Cells for how many models read a change, as long as there are fewer than 100."""
_INTERVALS = 10
_BATCHES = 8
_SHORTEST_NAME = 13
"""Cells that a name keeps beside the batches; with fewer, these go first."""
_NOTE = 12
_NOTE_WIDE = 28
_KIND = 26


@dataclass(frozen=True)
class Columns:
    """How wide each column is; 0 leaves it out."""

    name: int
    note: int
    kind: int
    reach: int
    intervals: int
    batches: int

    @classmethod
    def of(cls, width: int, longest: int, widest: int = REACH) -> Columns:
        """Columns by importance: name, intervals, reach, batches, note, kind.

        Args:
            width: Cells for all of them.
            longest: Cells of the longest name.
            widest: Cells of the widest reach; 0 where nothing has one.
        """
        left = width - CHIP
        intervals = _INTERVALS if left >= 26 else 0
        reach = widest if left >= 28 + widest else 0
        numbers = intervals + reach + _BATCHES
        fits = reach == widest and left >= numbers + _SHORTEST_NAME
        batches = _BATCHES if fits else 0
        left -= intervals + reach + batches
        spare = left - min(longest + 1, left)
        note = 0 if spare < _NOTE else min(spare, _NOTE_WIDE)
        kind = _KIND if spare - note >= _KIND else 0
        return cls(left - note - kind, note, kind, reach, intervals, batches)
