"""The book of an apply that is about to start, from the work of its plan."""

from __future__ import annotations

from plan_tui.contract.state import ModelProgress
from plan_tui.engine.apply_progress import ApplyBook
from plan_tui.engine.mapping import upstream_first
from plan_tui.engine.planner import BuiltPlan


def book_of(built: BuiltPlan, workers: int) -> ApplyBook:
    """Every model with work, waiting for those upstream of it.

    Args:
        built: The plan.
        workers: How many batches may run at once.
    """
    views = built.view.view_names()
    kinds = {model.name: model.kind for model in built.backfills}
    models = {
        name: ModelProgress(
            name=name, view_name=views.get(name, name), kind=kinds.get(name, ""), total=len(batches)
        )
        for name, batches in built.work.batches.items()
    }
    return ApplyBook(
        models=models,
        upstream=_upstream(built, set(models)),
        views=views,
        workers=workers,
        restating=bool(built.facts.restated),
    )


def _upstream(built: BuiltPlan, working: set[str]) -> dict[str, tuple[str, ...]]:
    """The nearest upstream models with work, of each model with work."""
    snapshots = built.plan.context_diff.snapshots_by_name
    nearest: dict[str, frozenset[str]] = {}
    for name in upstream_first(snapshots):
        nearest[name] = frozenset(
            found
            for parent in snapshots[name].parents
            if parent.name in snapshots and parent.name != name
            for found in ({parent.name} if parent.name in working else nearest[parent.name])
        )
    return {name: tuple(sorted(nearest[name])) for name in working if name in nearest}
