"""The documents of plans: built, without changes, and refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmesh.utils.date import make_exclusive, now_timestamp, to_timestamp

from plan_tui.contract.dangers import Danger
from plan_tui.contract.errors import VALIDATION, Problem, ProblemCode
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import (
    BackfillsStage,
    ChangesStage,
    LintViolation,
    Meta,
    ModelTests,
    PlanOverviewStageTracker,
    StageStatus,
    ValidationStage,
    judged,
)
from plan_tui.contract.state import PlanFacts, StageName
from plan_tui.contract.words import DAY
from plan_tui.engine import mapping
from plan_tui.engine.broken.dangers import broken_refusal
from plan_tui.engine.dangers.checks import findings
from plan_tui.engine.event_log import now_ms
from plan_tui.engine.impact.steps import document_steps
from plan_tui.engine.lookups import read_date
from plan_tui.engine.plan_run import PlanRun
from plan_tui.engine.planner import BuiltPlan

if TYPE_CHECKING:
    from plan_tui.engine.mapping import PlanView

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext


@dataclass
class Validation:
    """What lint and tests found while a plan was built."""

    tests: ModelTests = field(default_factory=ModelTests)
    lint: list[LintViolation] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def settled(run: PlanRun, success: bool = True) -> tuple[Validation, dict[str, Meta]]:
    """What a planning run found, and the times of ``plan`` and of each stage of the document."""
    stages = (StageName.VALIDATION, StageName.CHANGES, StageName.BACKFILLS)
    metas = {str(name): run.metas.get(str(name)) or done_meta(now_ms(), success) for name in stages}
    found = Validation(run.tests, list(run.lint), list(run.warnings))
    return found, {"plan": done_meta(run.started, success), **metas}


def document(
    built: BuiltPlan, validation: Validation, metas: Mapping[str, Meta], diffs: bool
) -> PlanOverviewStageTracker:
    """The plan's document.

    Args:
        built: The plan.
        validation: What lint and tests found.
        metas: Times of ``plan``, ``validation``, ``changes`` and ``backfills``.
        diffs: Whether the whole document is wanted, with text diffs and steps.
    """
    plan, view = built.plan, built.view
    steps, notes = document_steps(built) if diffs else ((), ())
    return PlanOverviewStageTracker(
        plan_id=plan.plan_id,
        environment=plan.environment_naming_info.name,
        start=to_timestamp(plan.start),
        end=to_timestamp(make_exclusive(plan.end)),
        execution_time=to_timestamp(plan.execution_time),
        is_new_environment=plan.context_diff.is_new_environment,
        plan_options=built.request.options,
        meta=metas["plan"],
        validation=ValidationStage(
            meta=judged(metas["validation"], built.dangers),
            tests=validation.tests,
            lint=tuple(validation.lint),
        ),
        changes=_changes(view, metas["changes"], diffs),
        backfills=BackfillsStage(meta=metas["backfills"], models=built.backfills),
        restatements={
            each.name: (int(start), int(end)) for each, (start, end) in plan.restatements.items()
        },
        warnings=(*validation.warnings, *_half_applied(built)),
        steps=steps,
        steps_notes=notes,
        dangers=built.dangers,
    )


def _changes(view: PlanView, meta: Meta, diffs: bool) -> ChangesStage:
    return ChangesStage(
        meta=meta,
        added=mapping.added_changes(view),
        removed=mapping.removed_changes(view),
        modified=mapping.modified_changes(view, diffs),
        requirements=mapping.requirements_diff(view.plan),
        environment_statements=mapping.statements_diff(view.plan),
    )


def _half_applied(built: BuiltPlan) -> tuple[str, ...]:
    """Says that the plan resumes an apply, which no change and no interval of it may show."""
    if not built.plan.context_diff.is_unfinalized_environment:
        return ()
    environment = built.plan.environment_naming_info.name
    return (
        f"{environment} is half applied: its last apply ended before it was finalized. "
        "Applying this plan resumes it.",
    )


def empty_document(
    request: PlanRequest,
    environment: str,
    validation: Validation,
    metas: Mapping[str, Meta],
    warning: str,
    *,
    is_new: bool = True,
    broken: tuple[Danger, ...] = (),
) -> PlanOverviewStageTracker:
    """The document of a plan that SQLMesh does not build: no changes, or refused.

    It has no id, and of its range only what was asked for; without a start the range is empty.
    """
    start, end, execution_time = _asked_range(request)
    return PlanOverviewStageTracker(
        plan_id="",
        environment=environment,
        start=start,
        end=end,
        execution_time=execution_time,
        is_new_environment=is_new,
        plan_options=request.options,
        meta=metas["plan"],
        validation=ValidationStage(
            meta=judged(metas["validation"], broken) if broken else metas["validation"],
            tests=validation.tests,
            lint=tuple(validation.lint),
        ),
        changes=ChangesStage(meta=metas["changes"]),
        backfills=BackfillsStage(meta=metas["backfills"]),
        warnings=(*validation.warnings, warning),
        dangers=(*broken, *findings(validation)),
    )


def refused_document(
    context: EngineContext, run: PlanRun, environment: str, problem: Problem
) -> PlanOverviewStageTracker:
    """The document of a plan that was not built, with what lint and tests found of it."""
    found, metas = settled(run, success=False)
    is_new = True
    if problem.code in VALIDATION:
        is_new = context.state_reader.get_environment(environment) is None
    warning = f"{problem.title} {problem.message}"
    return empty_document(run.request, environment, found, metas, warning, is_new=is_new)


def _asked_range(request: PlanRequest) -> tuple[int, int, int]:
    """Start, end and execution time, as far as a request says them."""
    dates = request.dates
    base = dates.execution_time
    execution = read_date(base, None).at if base else None
    execution_time = now_timestamp() if execution is None else execution
    end = read_date(dates.end, base) if dates.end else None
    until = execution_time
    if end is not None and end.at is not None:
        until = end.at + DAY if end.whole_day else end.at
    start = read_date(dates.start, base).at if dates.start else None
    return until if start is None else start, until, execution_time


def no_changes(
    environment: str, error: Exception, broken: tuple[Danger, ...]
) -> tuple[str, PlanFacts]:
    """The warning and the facts where SQLMesh refuses an environment without changes.

    Args:
        environment: Its name.
        error: SQLMesh's words.
        broken: What is said of models that could not be read: they may have changes.
    """
    warning = (
        f"Nothing differs, so SQLMesh creates no environment {environment}. "
        "Plan with --include-unmodified (a request: include_unmodified) to create it anyway."
    )
    refusal = Problem(
        code=ProblemCode.NOTHING_TO_DO,
        title=f"No changes: {environment} is not created.",
        message=str(error),
        hint="Plan with --include-unmodified to create it with views of all models, or change "
        "a model first.",
    )
    return warning, PlanFacts(plan_id="", refusal=broken_refusal(broken) or refusal)


def done_meta(start: int, success: bool = True) -> Meta:
    """The times of a stage that ends now."""
    status = StageStatus.SUCCESS if success else StageStatus.FAIL
    return Meta(status=status, start=start, end=now_ms(), done=True)
