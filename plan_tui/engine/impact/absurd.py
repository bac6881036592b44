"""Models with more intervals than anybody means, told before they cost anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from sqlmesh.core.snapshot import Snapshot, start_date
from sqlmesh.utils.date import make_exclusive, to_timestamp

from plan_tui.contract.base import Interval

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

MANY = 50_000
"""Intervals of one model in one plan: 137 years of days, 6 years of hours, 6 months of five
minutes."""

UNITS = {
    "year": "years",
    "month": "months",
    "day": "days",
    "hour": "hours",
    "half_hour": "half hours",
    "quarter_hour": "quarter hours",
    "five_minute": "five-minute intervals",
}


def absurd_intervals(
    snapshot: Snapshot, missing: Sequence[Interval], count: int | None = None
) -> str | None:
    """Says that a model has more intervals to fill than are likely to be meant.

    Args:
        snapshot: The model.
        missing: Its missing intervals, merged.
        count: How many they are, where that is known; else their length tells it.
    """
    unit = snapshot.node.interval_unit
    if not count:
        count = sum(end - start for start, end in missing) // unit.milliseconds
    if count < MANY:
        return None
    first = datetime.fromtimestamp(missing[0][0] / 1000, tz=timezone.utc)
    return (
        f"{count:,} {UNITS.get(unit.value, 'intervals')} from {first:%Y-%m-%d}, "
        f"by its cron {snapshot.node.cron}. "
        "Set a later start in the model, a coarser cron or interval_unit, or plan with a later "
        "start date."
    )


def foretold(plan: Plan) -> Iterator[tuple[Snapshot, str]]:
    """The models of which a plan will find that many intervals missing, and the sentence.

    SQLMesh writes each interval down to find those that are missing: minutes and gigabytes where
    they are millions. This is told before, from the dates alone.
    """
    if plan.skip_backfill:
        return
    for snapshot, interval, count in expected(plan):
        sentence = absurd_intervals(snapshot, (interval,), count)
        if sentence is not None:
            yield snapshot, sentence


def expected(plan: Plan) -> Iterator[tuple[Snapshot, Interval, int]]:
    """Each model's range in a plan, and about how many intervals of it are missing."""
    snapshots, starts = plan.snapshots, dict[str, datetime]()
    overrides = plan.start_override_per_model or {}
    last = min(to_timestamp(make_exclusive(plan.end)), to_timestamp(plan.execution_time))
    for snapshot in snapshots.values():
        if not snapshot.is_model or not snapshot.evaluatable or snapshot.is_seed:
            continue
        if not plan.is_selected_for_backfill(snapshot.name):
            continue
        own = to_timestamp(start_date(snapshot, snapshots, starts, relative_to=plan.end))
        asked = overrides.get(snapshot.name, plan.provided_start)
        start, end = max(own, to_timestamp(asked)) if asked else own, last
        restated = plan.restatements.get(snapshot.snapshot_id)
        if restated:
            start, end = max(own, restated[0]), restated[1]
        end = min(end, _end_of(snapshot, end))
        filled = 0 if restated else _filled(plan, snapshot, start, end)
        count = (end - start - filled) // snapshot.node.interval_unit.milliseconds
        if count > 0:
            yield snapshot, (start, end), count


def _end_of(snapshot: Snapshot, otherwise: int) -> int:
    return to_timestamp(make_exclusive(snapshot.node.end)) if snapshot.node.end else otherwise


def _filled(plan: Plan, snapshot: Snapshot, start: int, end: int) -> int:
    """How much of a range is there."""
    representative = plan.deployability_index.is_representative(snapshot)
    intervals = snapshot.intervals if representative else snapshot.dev_intervals
    return sum(max(0, min(end, high) - max(start, low)) for low, high in intervals)
