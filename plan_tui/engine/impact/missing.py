"""Why intervals of a model are missing.

SQLMesh says which intervals are missing, and not why. The reason follows from what is filled:
intervals that are filled and yet missing are restated or looked back at; of the others it tells
whether anything is filled before them, after them, or both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmesh.core.snapshot import Snapshot
from sqlmesh.core.snapshot.definition import merge_intervals
from sqlmesh.utils.date import to_timestamp

from plan_tui.contract.base import Interval
from plan_tui.contract.impact import MissingRun

if TYPE_CHECKING:
    from sqlmesh.core.node import IntervalUnit

    from plan_tui.engine.planner import BuiltPlan

NEW = "new"
"""Nothing of this version of the model is filled, or nothing since its effective date."""
LOOKBACK = "lookback"
"""It is filled, and computed again as the model looks back from what is missing after it."""
RESTATED = "restated"
"""It is filled, and the plan computes it again."""
GAP = "gap"
"""Something before it is filled, and something after it."""
CRON = "cron"
"""It came due since the last fill."""
EXTENDED = "extended"
"""It lies before everything that is filled."""

_SHORT_UNITS = 86_400_000
"""Intervals of a day and less begin at multiples of their length since the epoch."""


@dataclass(frozen=True)
class Filled:
    """What is filled of a model, and what makes it missing all the same."""

    intervals: tuple[Interval, ...]
    restated: tuple[Interval, ...] = ()
    effective_from: int | None = None


def missing_runs(built: BuiltPlan, name: str) -> tuple[MissingRun, ...]:
    """The missing stretches of a model, each with its reason.

    Args:
        built: The plan.
        name: The snapshot name of the model.

    Returns:
        In order and apart; together they are what SQLMesh counts as missing.
    """
    snapshot = built.plan.context_diff.snapshots_by_name[name]
    return runs_of(snapshot, missing_of(built).get(name, ()), filled_of(built, snapshot))


def missing_of(built: BuiltPlan) -> dict[str, tuple[Interval, ...]]:
    """The merged missing intervals of every model, those of a plan that fills nothing too."""
    plan = built.plan
    if plan.skip_backfill or plan.empty_backfill:
        return {
            plan.snapshots[each.snapshot_id].name: tuple(each.merged_intervals)
            for each in plan.missing_intervals
        }
    return {model.name: model.intervals for model in built.backfills}


def filled_of(built: BuiltPlan, snapshot: Snapshot) -> Filled:
    """What is filled of a model in the tables that the plan's environment uses."""
    plan = built.plan
    representative = plan.deployability_index.is_representative(snapshot)
    intervals = snapshot.intervals if representative else snapshot.dev_intervals
    restated = plan.restatements.get(snapshot.snapshot_id)
    return Filled(
        tuple(merge_intervals(list(intervals))),
        ((restated[0], restated[1]),) if restated else (),
        snapshot.normalized_effective_from_ts,
    )


def runs_of(
    snapshot: Snapshot, missing: Sequence[Interval], filled: Filled
) -> tuple[MissingRun, ...]:
    """Splits missing intervals by their reasons.

    Args:
        snapshot: The model, for its interval unit.
        missing: Merged intervals, in order.
        filled: What is filled of it.
    """
    align = _Aligned(snapshot.node.interval_unit)
    pieces: list[MissingRun] = []
    for stretch in missing:
        covered = list(_covered(stretch, filled.intervals, align))
        for start, end in covered:
            pieces += _again(start, end, filled.restated)
        for start, end in without(stretch, covered):
            pieces += _never(start, end, filled)
    return _joined(sorted(pieces, key=lambda piece: piece.start))


@dataclass(frozen=True)
class _Aligned:
    """The borders of a unit's intervals."""

    unit: IntervalUnit

    def floor(self, at: int) -> int:
        """The last border at a moment or before it."""
        length = self.unit.milliseconds
        if length <= _SHORT_UNITS:
            return at - at % length
        return to_timestamp(self.unit.cron_floor(at))

    def ceil(self, at: int) -> int:
        """The first border at a moment or after it."""
        floor = self.floor(at)
        return floor if floor == at else to_timestamp(self.unit.cron_next(floor))


def _covered(stretch: Interval, filled: Sequence[Interval], align: _Aligned) -> Iterator[Interval]:
    """The parts of a missing stretch that are filled; an interval that is half filled is not."""
    first, last = stretch
    at = max(0, bisect_right(filled, first, key=lambda interval: interval[0]) - 1)
    for low, high in filled[at:]:
        if low >= last:
            return
        start = first if low <= first else align.ceil(low)
        end = last if high >= last else align.floor(high)
        if start < end:
            yield start, end


def without(stretch: Interval, taken: Iterable[Interval]) -> Iterator[Interval]:
    """What is left of a stretch; the parts that are taken are in order and apart."""
    at, last = stretch
    for start, end in taken:
        if end <= at or start >= last:
            continue
        if at < start:
            yield at, start
        at = end
    if at < last:
        yield at, last


def _again(start: int, end: int, restated: Sequence[Interval]) -> Iterator[MissingRun]:
    """Missing though it is filled."""
    taken = [
        (max(start, low), min(end, high)) for low, high in restated if low < end and high > start
    ]
    yield from (_run(piece, RESTATED) for piece in taken)
    yield from (_run(piece, LOOKBACK) for piece in without((start, end), taken))


def _never(start: int, end: int, filled: Filled) -> Iterator[MissingRun]:
    """Missing and not filled: cut where what is filled begins and ends."""
    since = filled.effective_from
    if since is not None and filled.intervals and filled.intervals[-1][1] <= since:
        # What was filled before the effective date is another version's.
        if end > since:
            yield MissingRun(start=max(start, since), end=end, reason=NEW)
        end = min(end, since)
    if start >= end:
        return
    if not filled.intervals:
        yield MissingRun(start=start, end=end, reason=NEW)
        return
    # An interval that is filled in part only lies on both sides of a border.
    if start < filled.intervals[0][0]:
        reason = EXTENDED
    elif end > filled.intervals[-1][1]:
        reason = CRON
    else:
        reason = GAP
    yield MissingRun(start=start, end=end, reason=reason)


def _run(interval: Interval, reason: str) -> MissingRun:
    return MissingRun(start=interval[0], end=interval[1], reason=reason)


def _joined(pieces: Iterable[MissingRun]) -> tuple[MissingRun, ...]:
    joined: list[MissingRun] = []
    for piece in pieces:
        if joined and joined[-1].end == piece.start and joined[-1].reason == piece.reason:
            joined[-1] = MissingRun(start=joined[-1].start, end=piece.end, reason=piece.reason)
        else:
            joined.append(piece)
    return tuple(joined)
