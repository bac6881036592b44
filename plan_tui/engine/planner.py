"""Builds plans with SQLMesh's own ``PlanBuilder`` and tells what is in them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from sqlmesh.core.constants import PROD
from sqlmesh.core.plan import Plan
from sqlmesh.core.snapshot import SnapshotChangeCategory

from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.dangers import Danger
from plan_tui.contract.plan import Category, Names, PlanDates, PlanOptions, PlanRequest
from plan_tui.contract.state import PlanFacts
from plan_tui.engine import mapping
from plan_tui.engine.backfills import backfills_of, facts_of
from plan_tui.engine.dangers.schema_changes import schema_dangers
from plan_tui.engine.impact.absurd import foretold
from plan_tui.engine.impact.restated_seeds import seeds_left_out
from plan_tui.engine.known_work import work_context
from plan_tui.engine.mapping import PlanView
from plan_tui.engine.missing_once import missing_once
from plan_tui.engine.names import NameFinder, plain
from plan_tui.engine.work import PlanWork, WorkContext, work_of

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.dangers.losses import Losses
    from plan_tui.engine.impact.known_state import KnownState
    from plan_tui.engine.plan_builder import ReviewingPlanBuilder


@dataclass
class BuiltPlan:
    """A plan under review, with the builder that changes its categories."""

    builder: ReviewingPlanBuilder
    plan: Plan
    view: PlanView
    work: PlanWork
    backfills: tuple[ModelBackfill, ...]
    facts: PlanFacts
    request: PlanRequest
    choices: dict[str, Category] = field(default_factory=dict)
    known: Future[KnownState] = field(default_factory=Future)
    """The state that the plan was built from, for trying other categories; read after it."""
    guard: threading.Lock = field(default_factory=threading.Lock)
    """Held while the builder's snapshots change, or are copied."""
    dangers: tuple[Danger, ...] = ()
    """Broken models and changes of tables in place: all that can block."""
    broken: tuple[Danger, ...] = ()
    """Those of them that tell of broken models."""
    ignored: tuple[str, ...] = ()
    """Names of models whose local changes a restatement leaves out."""
    losses: Future[Losses] = field(default_factory=Future)
    """What other environments lose by a restatement; read after the plan."""
    chosen: Mapping[str, str | None] = field(init=False)
    """The categories of all models that have a choice, as they are when this is built."""

    def __post_init__(self) -> None:
        snapshots = self.plan.context_diff.snapshots
        direct = (snapshots[each] for each in self.plan.directly_modified)
        choices = self.view.choices
        self.chosen = {each.name: mapping.category_of(each) for each in direct if choices(each)}

    def categories(self) -> dict[str, str | None]:
        """The category of every changed model, by name."""
        diff = self.plan.context_diff
        names = [*diff.modified_snapshots, *(snapshot_id.name for snapshot_id in diff.added)]
        by_name = diff.snapshots_by_name
        return {name: mapping.category_of(by_name[name]) for name in names}


def make_builder(
    context: EngineContext, dates: PlanDates, options: PlanOptions, environment: str | None
) -> ReviewingPlanBuilder:
    """SQLMesh's builder for a request; lint and tests run in here.

    Raises:
        sqlmesh.utils.errors.PlanError: SQLMesh refuses, or tests fail.
    """
    values = options.model_dump(exclude={"run"})
    lists = {
        name: list(value) if value else None
        for name, value in values.items()
        if isinstance(value, tuple)
    }
    builder = context.plan_builder(
        environment,
        start=dates.start,
        end=dates.end,
        execution_time=dates.execution_time,
        run=options.run or None,
        **{**values, **lists},
    )
    return cast("ReviewingPlanBuilder", builder)


def compared_with(request: PlanRequest) -> tuple[str, ...]:
    """The environments that tell what a model was: the target, then what it is made from."""
    return (request.environment or "", request.options.create_from or "prod", "prod")


def set_choices(
    builder: ReviewingPlanBuilder, context: EngineContext, choices: Mapping[str, Category]
) -> Plan:
    """Sets categories by snapshot name and builds.

    Raises:
        sqlmesh.utils.errors.PlanError: SQLMesh lets nobody choose for one of the models.
    """
    plan = builder.build()
    by_name = plan.context_diff.snapshots_by_name
    for name, category in choices.items():
        snapshot = by_name.get(name)
        if snapshot is not None:
            builder.set_choice(snapshot, SnapshotChangeCategory[category.value])
    return builder.build()


def effective_choices(
    view: PlanView, choices: Mapping[str, Category]
) -> tuple[dict[str, Category], list[str]]:
    """Splits choices into those that can be set and the names of those that can not."""
    by_name = view.plan.context_diff.snapshots_by_name
    usable = {
        name: category
        for name, category in choices.items()
        if name in by_name and view.choices(by_name[name])
    }
    return usable, sorted(set(choices) - set(usable))


def build(
    context: EngineContext,
    request: PlanRequest,
    on_stage: Callable[[str], None],
    check: Callable[[], None],
    broken: tuple[Danger, ...] = (),
) -> BuiltPlan:
    """Builds a plan and lays out its work.

    Args:
        context: The loaded context.
        request: What is asked; its categories are snapshot names.
        on_stage: Called with ``changes`` and ``backfills`` as they start.
        check: Called between steps; may raise to stop.
        broken: What is to be said of models that could not be read.
    """
    builder = make_builder(context, request.dates, request.options, request.environment)
    on_stage("changes")
    plan = builder.build()
    view = PlanView(plan, context.default_catalog, context.default_dialect)
    usable, refused = effective_choices(view, request.categories or {})
    _tell_refused(context, view, request.categories or {}, refused)
    _tell_missing_source(context, plan, request.options.create_from)
    if usable:
        plan = set_choices(builder, context, usable)
        view = PlanView(plan, context.default_catalog, context.default_dialect)
    check()
    flagged = _tell_foretold(context, plan, view)
    on_stage("backfills")
    if flagged:
        # SQLMesh may take minutes over these: whoever waits is told what for.
        context._step(flagged[0].partition(", by its cron")[0])
    work, backfills = _laid_out(context, view, check)
    dangers = (*broken, *schema_dangers(context, builder, view, work))
    facts = facts_of(view, work, backfills, usable, dangers)
    return BuiltPlan(
        builder, plan, view, work, backfills, facts, request, usable, dangers=dangers,
        broken=broken, ignored=context.left_out if request.options.restate_models else (),
    )  # fmt: skip


def _laid_out(
    context: WorkContext, view: PlanView, check: Callable[[], None]
) -> tuple[PlanWork, tuple[ModelBackfill, ...]]:
    with missing_once(view.plan):
        work = work_of(context, view.plan, check)
        return work, backfills_of(view, work)


def _tell_foretold(context: EngineContext, plan: Plan, view: PlanView) -> list[str]:
    """Warns of what can be seen before SQLMesh expands the intervals.

    Returns:
        The sentences about models with too many of them.
    """
    flagged = [f"{view.view_name(each)} would fill {words}" for each, words in foretold(plan)]
    for sentence in (*seeds_left_out(plan, view), *flagged):
        _warn(context, sentence)
    return flagged


def _tell_refused(
    context: EngineContext, view: PlanView, asked: Mapping[str, Category], refused: list[str]
) -> None:
    """Warns of choices that can't be made, unless the model has that category anyway."""
    by_name = view.plan.context_diff.snapshots_by_name
    for name in refused:
        snapshot = by_name.get(name)
        if snapshot is not None and mapping.category_of(snapshot) == str(asked[name]):
            continue
        shown = view.view_name(snapshot) if snapshot is not None else plain(name)
        _warn(context, f"{shown} has no category to choose in this plan: the choice is left out.")


def _tell_missing_source(context: EngineContext, plan: Plan, source: str | None) -> None:
    diff = plan.context_diff
    # Of any other environment SQLMesh says so itself.
    if source == PROD and diff.is_new_environment and not diff.create_from_env_exists:
        environment = plan.environment_naming_info.name
        _warn(context, f"There is no environment {source}, so {environment} starts empty.")


def _warn(context: EngineContext, message: str) -> None:
    if context.planning is not None:
        context.planning.warned(message)


def revise(context: EngineContext, built: BuiltPlan, choices: Mapping[str, Category]) -> BuiltPlan:
    """The same plan with other categories.

    Raises:
        sqlmesh.utils.errors.PlanError: SQLMesh lets nobody choose for one of the models.
    """
    with built.guard:
        plan = set_choices(built.builder, context, choices)
    return _rebuilt(context, built, plan, {**built.choices, **choices}, built.request)


def allow(
    context: EngineContext, built: BuiltPlan, destructive: Names, additive: Names
) -> BuiltPlan:
    """The same plan with other models allowed to change their tables.

    Args:
        context: The context that built the plan.
        built: The plan.
        destructive: Selectors of all models whose change may be destructive.
        additive: Selectors of all models whose change may be additive.
    """
    allowed = {"allow_destructive_models": destructive, "allow_additive_models": additive}
    options = built.request.options.model_copy(update=allowed)
    selector = context._new_selector()
    with built.guard:
        built.builder.allow(
            set(selector.expand_model_selections(destructive) if destructive else ()),
            set(selector.expand_model_selections(additive) if additive else ()),
        )
        plan = built.builder.build()
    request = built.request.model_copy(update={"plan_options": options})
    return _rebuilt(context, built, plan, built.choices, request)


def _rebuilt(
    context: EngineContext,
    built: BuiltPlan,
    plan: Plan,
    choices: dict[str, Category],
    request: PlanRequest,
) -> BuiltPlan:
    view = PlanView(plan, context.default_catalog, context.default_dialect)
    work, backfills = _laid_out(work_context(context, built), view, lambda: None)
    dangers = (*built.broken, *schema_dangers(context, built.builder, view, work))
    return replace(
        built,
        plan=plan,
        view=view,
        work=work,
        backfills=backfills,
        facts=facts_of(view, work, backfills, choices, dangers),
        request=request,
        choices=choices,
        dangers=dangers,
    )


def finder_of(
    context: EngineContext, plan: Plan | None = None, environment: str | None = None
) -> NameFinder:
    """Finds names among the project's models, and those that a plan removes."""
    names = [*context.models, *context.standalone_audits]
    if plan is not None:
        environment = plan.environment_naming_info.name
        names += [snapshot.name for snapshot in plan.snapshots.values()]
        names += [removed.name for removed in plan.context_diff.removed_snapshots.values()]
    return NameFinder(names, context.default_catalog, environment)
