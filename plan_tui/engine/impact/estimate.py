"""How long the plan's backfill may take."""

from __future__ import annotations

from plan_tui.contract.impact import PlanEstimate
from plan_tui.engine.looking import Asked


def estimate_of(asked: Asked) -> PlanEstimate:
    """The estimate of the whole plan."""
    built = asked.built
    concurrency = asked.context.concurrent_tasks
    return PlanEstimate(
        plan_id=built.plan.plan_id,
        seconds=None,
        concurrency=concurrency,
        known=0,
        unknown=len(built.work.batches),
    )
