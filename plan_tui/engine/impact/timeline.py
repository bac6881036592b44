"""The timeline of a plan: every model with what is there, what is missing and its batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlmesh.core.snapshot import Snapshot
from sqlmesh.core.snapshot.definition import merge_intervals
from sqlmesh.utils.date import make_exclusive, to_timestamp

from plan_tui.contract.base import Interval
from plan_tui.contract.timeline import BatchRun, Timeline, TimelineModel
from plan_tui.engine.impact.absurd import absurd_intervals
from plan_tui.engine.impact.missing import Filled, filled_of, missing_of, runs_of, without
from plan_tui.engine.looking import Asked
from plan_tui.engine.mapping import kind_of, upstream_first

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan

CHECK_EVERY = 50
"""Models between two looks at whether anybody still waits."""


def timeline_of(asked: Asked) -> Timeline:
    """The timeline of the plan under review."""
    built = asked.built
    with built.guard:
        missing = missing_of(built)
    snapshots = built.plan.context_diff.snapshots_by_name
    counts = {each.name: each.interval_count for each in built.backfills}
    models = []
    for at, name in enumerate(upstream_first(snapshots)):
        if at % CHECK_EVERY == 0:
            asked.check()
        snapshot = snapshots[name]
        if not snapshot.is_model or not snapshot.evaluatable:
            continue
        filled = filled_of(built, snapshot)
        found = missing.get(name, ())
        if found or filled.intervals:
            models.append(_model(built, snapshot, found, filled, counts.get(name, 0)))
    return Timeline(
        plan_id=built.plan.plan_id,
        now=to_timestamp(built.plan.execution_time),
        fills=_why_nothing(built) is None,
        note=_why_nothing(built),
        models=tuple(models),
    )


def _why_nothing(built: BuiltPlan) -> str | None:
    if built.plan.skip_backfill:
        return "This plan fills nothing: its option skip_backfill is set."
    if built.plan.empty_backfill:
        return "This plan marks intervals as filled without computing them: empty_backfill is set."
    return None


def _model(
    built: BuiltPlan,
    snapshot: Snapshot,
    missing: Sequence[Interval],
    filled: Filled,
    count: int,
) -> TimelineModel:
    unit = snapshot.node.interval_unit
    batches = built.work.batches.get(snapshot.name, [])
    return TimelineModel(
        name=snapshot.name,
        view_name=built.view.view_name(snapshot),
        kind=kind_of(snapshot),
        unit=unit.value,
        unit_millis=unit.milliseconds,
        there=tuple(piece for interval in filled.intervals for piece in without(interval, missing)),
        missing=runs_of(snapshot, missing, filled),
        restated=filled.restated[0] if filled.restated else None,
        effective_from=snapshot.normalized_effective_from_ts,
        start=to_timestamp(snapshot.node.start) if snapshot.node.start else None,
        end=to_timestamp(make_exclusive(snapshot.node.end)) if snapshot.node.end else None,
        interval_count=count,
        batches=batch_runs(batches),
        batch_count=len(batches),
        absurd=absurd_intervals(snapshot, merge_intervals(list(missing)), count),
    )


def batch_runs(batches: Iterable[Interval]) -> tuple[BatchRun, ...]:
    """Batches, those of one length that follow each other as one run; nothing is lost.

    Args:
        batches: In any order.
    """
    runs: list[BatchRun] = []
    start, end, every, count = 0, 0, 0, 0
    closed = True
    for low, high in sorted(batches):
        length = high - low
        if not closed and low == end and length <= every:
            end, count, closed = high, count + 1, length < every
            continue
        if count:
            runs.append(BatchRun(start=start, end=end, every=every, count=count))
        start, end, every, count, closed = low, high, length, 1, False
    if count:
        runs.append(BatchRun(start=start, end=end, every=every, count=count))
    return tuple(runs)
