"""What a change of categories or of what is allowed changes in a plan, as one event."""

from __future__ import annotations

from sqlmesh.utils.date import make_exclusive, to_timestamp

from plan_tui.contract import events as ev
from plan_tui.contract.changes import ModelBackfill
from plan_tui.engine.planner import BuiltPlan


def difference(
    categories: dict[str, str | None], backfills: tuple[ModelBackfill, ...], after: BuiltPlan
) -> ev.PlanRevised:
    """What moved.

    Args:
        categories: Categories before, by name; SQLMesh changes its snapshots in place.
        backfills: Backfills before.
        after: The plan with its new categories.
    """
    old, new = categories, after.categories()
    gone, moved = _moved_backfills(backfills, after.backfills)
    return ev.PlanRevised(
        plan_id=after.plan.plan_id,
        start=to_timestamp(after.plan.start),
        end=to_timestamp(make_exclusive(after.plan.end)),
        categories={name: value for name, value in new.items() if old.get(name) != value},
        backfills=moved,
        backfills_removed=gone,
        restatements={
            snapshot_id.name: (int(start), int(end))
            for snapshot_id, (start, end) in after.plan.restatements.items()
        },
        facts=after.facts,
        dangers=after.dangers,
        plan_options=after.request.options,
    )


def _moved_backfills(
    before: tuple[ModelBackfill, ...], after: tuple[ModelBackfill, ...]
) -> tuple[tuple[str, ...], tuple[ModelBackfill, ...]]:
    old = {model.name: model for model in before}
    new = {model.name: model for model in after}
    gone = tuple(name for name in old if name not in new)
    return gone, tuple(model for name, model in new.items() if old.get(name) != model)
