"""The reach of every directly changed model, as counts."""

from __future__ import annotations

from plan_tui.contract.impact import ReachCount, ReachCounts
from plan_tui.engine.impact.reach import reach_of
from plan_tui.engine.looking import Asked


def reach_counts_of(asked: Asked) -> ReachCounts:
    """Counts what each directly changed model reaches."""
    built = asked.built
    counts = {}
    for snapshot in built.plan.directly_modified:
        reached = reach_of(built, snapshot.name, asked.check)
        reading = sum(1 for each in reached if each.reads is not False)
        counts[snapshot.name] = ReachCount(reached=len(reached), reading=reading)
    return ReachCounts(plan_id=built.plan.plan_id, counts=counts)
