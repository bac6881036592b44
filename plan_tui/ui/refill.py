"""What a run may have left empty, in words, and the plan that fills it again; pure."""

from __future__ import annotations

from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest
from plan_tui.contract.state import ApplyProgress, RunSummary
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count, instant, interval

MOST = 3
"""Holes that the summary names; the others it counts."""


def hole_lines(summary: RunSummary) -> list[str]:
    """Which intervals may be empty now, or nothing."""
    if not summary.holes:
        return []
    named = [f"{clean(hole.view_name)} {interval(hole.interval)}" for hole in summary.holes[:MOST]]
    more = len(summary.holes) - MOST
    names = f"{'; '.join(named)}{f'; and {more:,} more' if more > 0 else ''}"
    what = count(len(summary.holes), "interval")
    return [
        f"{what} may be empty now, old rows deleted and new ones not written: {names}.",
        "SQLMesh's state calls them filled, so no later plan does it by itself: R plans it.",
    ]


def refill_request(apply: ApplyProgress) -> PlanRequest | None:
    """The restatement that fills a run's holes, or None where it left none."""
    holes = apply.summary.holes if apply.summary is not None else ()
    if not holes:
        return None
    start = min(hole.interval[0] for hole in holes)
    end = max(hole.interval[1] for hole in holes)
    names = tuple(dict.fromkeys(hole.name for hole in holes))
    return PlanRequest(
        environment=apply.environment,
        # A moment ends a plan where it stands; a date would add its whole day.
        plan_dates=PlanDates(start=instant(start), end=instant(end)),
        plan_options=PlanOptions(restate_models=names),
    )
