"""What a model's batches took before, and what one of another size may take."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from plan_tui.contract.base import Interval
from plan_tui.journal.durations import BatchTime

VIEW = "VIEW"


@dataclass
class Pace:
    """The batches of a project that were done, by model."""

    times: dict[str, list[BatchTime]] = field(default_factory=dict)

    @classmethod
    def of(cls, times: Iterable[BatchTime]) -> Pace:
        """From what the journal recorded, in any order."""
        pace = cls()
        for time in times:
            pace.times.setdefault(time.name, []).append(time)
        return pace

    def knows(self, name: str, kind: str) -> bool:
        """Whether batches of this model tell anything of it as it is now."""
        return bool(self._like(name, kind))

    def seconds(self, name: str, kind: str, unit: int, interval: Interval) -> float | None:
        """What a batch may take, or None where no batch of the model was ever done.

        Batches of its own size tell it alone; between two sizes it is read off the line between
        them, and beyond all of them it grows with the intervals.

        Args:
            name: The model's snapshot name.
            kind: Its kind, as it is now.
            unit: Milliseconds of its interval unit.
            interval: The batch.
        """
        times = self._like(name, kind)
        if not times:
            return None
        if not _grows(kind):
            return median(time.duration for time in times) / 1000
        by_size: dict[int, list[int]] = {}
        for time in times:
            by_size.setdefault(_size(time.interval, unit), []).append(time.duration)
        known = sorted((size, float(median(taken))) for size, taken in by_size.items())
        return _read_off(known, _size(interval, unit)) / 1000

    def _like(self, name: str, kind: str) -> list[BatchTime]:
        """The model's batches of the same kind, else those of a kind that takes comparable work."""
        times = self.times.get(name, [])
        same = [time for time in times if time.kind == kind]
        return same or [time for time in times if (time.kind == VIEW) == (kind == VIEW)]


def _grows(kind: str) -> bool:
    """Whether a batch takes longer for a longer interval; the others compute a whole table."""
    return kind.startswith("INCREMENTAL") or kind == "CUSTOM"


def _size(interval: Interval, unit: int) -> int:
    start, end = interval
    return max(1, round((end - start) / unit))


def _read_off(known: list[tuple[int, float]], size: int) -> float:
    """The value at a size, of medians by rising size."""
    if size <= known[0][0] or len(known) == 1:
        return known[0][1] * size / known[0][0]
    if size >= known[-1][0]:
        return known[-1][1] * size / known[-1][0]
    place = bisect_left([each for each, _ in known], size)
    (small, low), (large, high) = list(pairwise(known))[place - 1]
    return low + (high - low) * (size - small) / (large - small)
