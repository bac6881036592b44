"""From SQLMesh's missing intervals to the contract's backfills, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlmesh.core.plan.common import is_breaking_kind_change

from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.dangers import Danger
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import Category
from plan_tui.contract.state import PlanFacts, StageName
from plan_tui.engine.broken.dangers import broken_refusal
from plan_tui.engine.dangers.schema_words import dangers_refusal
from plan_tui.engine.mapping import PlanView, kind_of
from plan_tui.engine.work import PlanWork

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.snapshot import Snapshot


def backfills_of(view: PlanView, work: PlanWork) -> tuple[ModelBackfill, ...]:
    """What is missing of each model; empty where the plan fills nothing."""
    plan = view.plan
    if plan.skip_backfill or plan.empty_backfill:
        return ()
    found = []
    # Without stages, while a category is open, the plan's own index tells what is known by now.
    index = work.index or plan.deployability_index
    for missing in plan.missing_intervals:
        snapshot = plan.snapshots[missing.snapshot_id]
        found.append(
            ModelBackfill(
                name=snapshot.name,
                view_name=view.view_name(snapshot),
                kind=kind_of(snapshot),
                intervals=tuple((start, end) for start, end in missing.merged_intervals),
                interval_count=len(missing.intervals),
                batches=len(work.batches.get(snapshot.name, ())),
                label=missing.format_intervals(snapshot.node.interval_unit),
                preview=not index.is_deployable(snapshot) or _will_be_preview(plan, snapshot),
            )
        )
    return tuple(found)


def _will_be_preview(plan: Plan, snapshot: Snapshot) -> bool:
    """Whether a change without a category will be forward-only, whichever it gets.

    SQLMesh marks it so together with its category; what a model says of itself it knows before.
    """
    if snapshot.change_category is not None or not (plan.is_dev and plan.forward_only):
        return False
    pair = plan.context_diff.modified_snapshots.get(snapshot.name)
    if pair is None or snapshot.is_seed:
        return False
    new, old = pair
    return not is_breaking_kind_change(old, new)


def facts_of(
    view: PlanView,
    work: PlanWork,
    backfills: tuple[ModelBackfill, ...],
    chosen: Mapping[str, Category],
    dangers: tuple[Danger, ...],
) -> PlanFacts:
    """The sums and the refusals of a plan."""
    plan = view.plan
    uncategorized = tuple(snapshot.name for snapshot in plan.uncategorized)
    names = view.view_names()
    chosen_anew = plan.restatements if plan.selected_models_to_restate else ()
    restated = tuple(sorted(names[snapshot_id.name] for snapshot_id in chosen_anew))
    fills = not plan.skip_backfill and not plan.empty_backfill
    requires_backfill = fills and bool(plan.restatements or backfills)
    filled = {each.name for each in backfills}.intersection(work.batches)
    return PlanFacts(
        plan_id=plan.plan_id,
        uncategorized=uncategorized,
        chosen=dict(chosen),
        has_changes=plan.has_changes,
        half_applied=plan.context_diff.is_unfinalized_environment,
        requires_backfill=requires_backfill,
        refusal=_refusal(view, uncategorized, requires_backfill, dangers),
        categories_locked=_locked(plan),
        create_from=_source(plan),
        models=len(filled),
        intervals=sum(model.interval_count for model in backfills),
        batches=sum(len(batches) for batches in work.batches.values()),
        audits=sum(len(each) for name, each in work.batches.items() if name not in filled),
        deferred=_deferred(work),
        tables_created=len(work.tables),
        views_updated=work.views_updated,
        views_removed=work.views_removed,
        rewritten=len(restated),
        restated=restated,
        models_total=sum(1 for snapshot in plan.snapshots.values() if snapshot.is_model),
    )


def _deferred(work: PlanWork) -> int:
    late = [each for each in work.layout if each.name is StageName.DEFERRED_BACKFILL]
    return sum(len(batches) for each in late for batches in each.batches.values())


def _source(plan: Plan) -> str | None:
    """The environment that a new one starts from, where there is one of that name."""
    diff = plan.context_diff
    return diff.create_from if diff.is_new_environment and diff.create_from_env_exists else None


def nothing_to_do(environment: str, has_changes: bool = False) -> Problem:
    """Says that the environment is as the project wants it, and what would change that."""
    return Problem(
        code=ProblemCode.NOTHING_TO_DO,
        title=f"There is nothing to do in {environment}.",
        message="The project equals the environment; by SQLMesh's state no interval is missing.",
        hint="Plan with --include-unmodified for views of unchanged models, --restate-model to "
        "compute data again, --run for what has come due by cron, or another --end.",
    )


def _refusal(
    view: PlanView,
    uncategorized: tuple[str, ...],
    requires_backfill: bool,
    dangers: tuple[Danger, ...],
) -> Problem | None:
    plan = view.plan
    if (broken := broken_refusal(dangers)) is not None:
        return broken
    if uncategorized:
        names = view.view_names()
        listed = ", ".join(names[name] for name in uncategorized[:5])
        more = len(uncategorized) - 5
        return Problem(
            code=ProblemCode.UNCATEGORIZED,
            title=f"{len(uncategorized):,} changed models have no category yet."
            if len(uncategorized) > 1
            else "A changed model has no category yet.",
            message=f"{listed}{f' and {more:,} more' if more > 0 else ''}",
            hint="Choose breaking or non-breaking for each.",
        )
    if not (plan.has_changes or requires_backfill or plan.has_unmodified_unpromoted):
        return nothing_to_do(plan.environment_naming_info.name)
    return dangers_refusal(dangers)


def _locked(plan: Plan) -> str | None:
    diff = plan.context_diff
    direct = list(plan.directly_modified)
    if not direct or any(snapshot_id in diff.new_snapshots for snapshot_id in direct):
        return None
    return (
        "An apply of these changes has begun, so SQLMesh has recorded their categories: "
        "change the model again to choose anew."
    )
