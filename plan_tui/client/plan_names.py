"""Every model that a plan's document tells of, by its two names; pure."""

from __future__ import annotations

from plan_tui.contract.stages import ChangesStage, PlanOverviewStageTracker


def view_names(plan: PlanOverviewStageTracker) -> dict[str, str]:
    """Display names by snapshot name, in the document's order."""
    names = changed_names(plan.changes)
    for model in plan.backfills.models:
        names.setdefault(model.name, model.view_name)
    return names


def changed_names(changes: ChangesStage) -> dict[str, str]:
    """The same of the models that differ from the environment."""
    modified = changes.modified
    names = {change.name: change.view_name for change in modified.direct}
    names |= {change.name: change.view_name for change in changes.added}
    names |= {change.name: change.view_name for change in changes.removed}
    names |= {change.name: change.view_name for change in modified.indirect}
    return names | {change.name: change.view_name for change in modified.metadata}
