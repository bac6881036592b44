"""The reach of every directly changed model, as counts."""

from __future__ import annotations

from plan_tui.contract.impact import ReachCount, ReachCounts
from plan_tui.engine.impact.plan_graph import graph_of
from plan_tui.engine.impact.reach import reads_of
from plan_tui.engine.looking import Asked


def reach_counts_of(asked: Asked) -> ReachCounts:
    """Counts what each changed, added or removed model reaches."""
    built = asked.built
    counts = {}
    for name in sorted(graph_of(built).changed):
        asked.check()
        reads = reads_of(built, name, asked.check)
        reading = sum(1 for each in reads if each is not False)
        counts[name] = ReachCount(reached=len(reads), reading=reading)
    return ReachCounts(plan_id=built.plan.plan_id, counts=counts)
