"""Models with more intervals than anybody means, told before they cost anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from plan_tui.contract.base import Interval

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

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
