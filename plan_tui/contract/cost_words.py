"""What a plan costs, in words; pure."""

from __future__ import annotations

from plan_tui.contract.impact import Cost
from plan_tui.contract.words import count, duration


def cost_text(cost: Cost) -> str:
    """Models, intervals, batches and time of a plan; without history no time is made up."""
    time = "no history"
    if cost.seconds is not None:
        rest = f", {count(cost.unknown, 'model')} without history" if cost.unknown else ""
        time = f"about {duration(round(cost.seconds * 1000))}{rest}"
    parts = (
        count(cost.models, "model"),
        count(cost.intervals, "interval"),
        count(cost.batches, "batch"),
        time,
    )
    return ", ".join(parts)
