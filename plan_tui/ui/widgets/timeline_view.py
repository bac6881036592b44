"""Which stretch of time a timeline shows, and what each cell of it stands for; all of it pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from plan_tui.contract.base import Interval
from plan_tui.contract.timeline import TimelineModel
from plan_tui.ui.formatting import DAY, HOUR, MINUTE

CELLS = (
    *(5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 3 * DAY, 4 * DAY, 5 * DAY, 7 * DAY, 10 * DAY, 14 * DAY, 21 * DAY, 28 * DAY),
    *(56 * DAY, 91 * DAY, 182 * DAY, 364 * DAY, 728 * DAY),
)
"""What a cell may stand for, from the closest look to the farthest."""

THERE = "there"
NOTHING = "nothing"
RANKS = {
    reason: rank
    for rank, reason in enumerate(
        ("gap", "restated", "lookback", "extended", "cron", "new", THERE, NOTHING)
    )
}
"""What a cell shows of all that falls into it: the rarest first, and all that is missing before
what is there."""
MISSING = frozenset(RANKS) - {THERE, NOTHING}


@dataclass(frozen=True)
class Piece:
    """A stretch of a model's time of which one thing is to be said."""

    start: int
    end: int
    state: str
    """A reason of missing intervals, or ``there``."""


class Track:
    """A model's pieces in order of time, and its batches."""

    def __init__(self, model: TimelineModel) -> None:
        self.model = model
        pieces = [Piece(start, end, THERE) for start, end in model.there]
        pieces += [Piece(run.start, run.end, run.reason) for run in model.missing]
        self.pieces = sorted(pieces, key=lambda piece: piece.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [piece.start for piece in self.pieces]

    def within(self, start: int, end: int) -> Sequence[Piece]:
        """The pieces that reach into a stretch of time."""
        first = max(0, bisect_right(self._starts, start) - 1)
        if self.pieces and self.pieces[first].end <= start:
            first += 1
        return self.pieces[first : bisect_left(self._starts, end)]

    def most(self, start: int, end: int) -> Piece | None:
        """The piece that a cell shows."""
        return min(self.within(start, end), key=_rank, default=None)

    def border(self, at: int, direction: int) -> int | None:
        """Where the next piece begins, or the one before."""
        if direction > 0:
            position = bisect_right(self._starts, at)
            return self._starts[position] if position < len(self._starts) else None
        position = bisect_left(self._starts, at) - 1
        return self._starts[position] if position >= 0 else None

    def batch_at(self, at: int) -> tuple[int, Interval] | None:
        """The number of the batch that computes a moment, counted from 1, and its interval."""
        before = 0
        for run in self.model.batches:
            if run.start <= at < run.end:
                number = (at - run.start) // run.every
                start = run.start + number * run.every
                return before + number + 1, (start, min(start + run.every, run.end))
            before += run.count
        return None


def _rank(piece: Piece) -> int:
    return RANKS.get(piece.state, 0)


@dataclass(frozen=True)
class TimeView:
    """The time in view: cells of one length from the left edge on."""

    origin: int
    """The moment at the left edge, a multiple of ``cell``."""
    cell: int
    width: int
    """How many cells there are."""

    @classmethod
    def fitting(cls, start: int, end: int, width: int) -> TimeView:
        """The closest look that has all of a stretch of time in view."""
        for cell in CELLS:
            origin = start // cell * cell
            if origin + cell * width >= end:
                break
        return cls(origin, cell, width)

    @property
    def end(self) -> int:
        """The moment at the right edge."""
        return self.moment(self.width)

    def moment(self, column: int) -> int:
        """Where a cell begins."""
        return self.origin + column * self.cell

    def column(self, at: int) -> int:
        """The cell that a moment falls into; it may be out of view."""
        return (at - self.origin) // self.cell

    def interval(self, at: int) -> Interval:
        """The cell of a moment, as an interval."""
        start = self.moment(self.column(at))
        return start, start + self.cell

    def zoomed(self, by: int, at: int) -> TimeView:
        """A closer look (by < 0) or a farther one; a moment keeps its column."""
        level = max(0, min(len(CELLS) - 1, CELLS.index(self.cell) + by))
        cell, column = CELLS[level], max(0, min(self.width - 1, self.column(at)))
        return TimeView((at // cell - column) * cell, cell, self.width)

    def panned(self, columns: int) -> TimeView:
        """The same look, later or earlier."""
        return replace(self, origin=self.origin + columns * self.cell)

    def showing(self, at: int) -> TimeView:
        """The same look with a moment in view; one out of view comes to the middle."""
        column = self.column(at)
        if 0 <= column < self.width:
            return self
        return self.panned(column - self.width // 2)

    def resized(self, width: int) -> TimeView:
        """The same look with another number of cells."""
        return replace(self, width=width)


def states_of(track: Track, view: TimeView) -> list[str]:
    """What each cell in view shows; a missing interval shows however small it is."""
    states = [NOTHING] * view.width
    for piece in track.within(view.origin, view.end):
        rank = _rank(piece)
        first = max(0, view.column(piece.start))
        last = min(view.width - 1, view.column(piece.end - 1))
        for column in range(first, last + 1):
            if rank < RANKS.get(states[column], 0):
                states[column] = piece.state
    return states


BORDER_CELLS = 3
"""A batch of fewer cells has no border drawn: it would hide what the batch is for."""


def borders_of(track: Track, view: TimeView, states: Sequence[str]) -> set[int]:
    """The cells in which a batch begins, where its neighbour shows the same state too."""
    found: set[int] = set()
    for run in track.model.batches:
        if run.end <= view.origin or run.start >= view.end or run.every < BORDER_CELLS * view.cell:
            continue
        first = max(0, (view.origin - run.start) // run.every)
        last = min(run.count - 1, (view.end - 1 - run.start) // run.every)
        for number in range(first, last + 1):
            column = view.column(run.start + number * run.every)
            if 0 <= column < view.width - 1 and states[column] == states[column + 1] != THERE:
                found.add(column)
    return found


def effective_column(model: TimelineModel, view: TimeView, states: Sequence[str]) -> int | None:
    """Where the effective date is marked: before it, so that the mark hides nothing missing."""
    if model.effective_from is None:
        return None
    column = view.column(model.effective_from)
    if 0 < column <= view.width and states[column - 1] not in MISSING:
        return column - 1
    if 0 <= column < view.width - 1 and states[column] == states[column + 1]:
        return column
    return None
