"""What is fetched when it is looked at: environments, names, dates, one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmesh.core.environment import Environment
from sqlmesh.core.model.kind import ModelKindName
from sqlmesh.utils.date import is_date, make_exclusive, to_datetime, to_timestamp

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import (
    DateReading,
    EnvironmentInfo,
    Environments,
    ProjectInfo,
    ProjectModel,
    SelectionReading,
)
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest
from plan_tui.engine.names import BadNameError, UnreadableSelectorError
from plan_tui.engine.planner import finder_of
from plan_tui.engine.problems import sentence_of
from plan_tui.engine.selecting import UNREADABLE, read_selectors

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext


def environments(context: EngineContext) -> Environments:
    """Every environment in the state, by name, prod first.

    SQLMesh records no time of planning; the time of finalizing stands for it.
    """
    reader = context.state_reader
    found = sorted(reader.get_environments(), key=lambda e: (e.name != "prod", e.name))
    return Environments(
        environments=tuple(_environment(context, each) for each in found),
        default_target=str(context.config.default_target_environment),
        pinned=tuple(sorted(context.pinned_environments)),
    )


def _environment(context: EngineContext, environment: Environment) -> EnvironmentInfo:
    ends = context.state_reader.max_interval_end_per_model(environment.name)
    # SQLMesh takes no plan's end from a seed: one is filled up to when it was loaded.
    seeds = {each.name for each in environment.snapshots if each.kind_name is ModelKindName.SEED}
    return EnvironmentInfo(
        name=environment.name,
        plan_id=environment.plan_id,
        start=_millis(environment.start_at),
        end=_millis(environment.end_at, exclusive=True),
        planned=environment.finalized_ts,
        expires=environment.expiration_ts,
        finalized=environment.finalized_ts is not None,
        models=sum(1 for snapshot in environment.promoted_snapshots if snapshot.is_model),
        data_end=max((end for name, end in ends.items() if name not in seeds), default=None),
    )


def _millis(value: Any, exclusive: bool = False) -> int | None:
    if value is None:
        return None
    return to_timestamp(make_exclusive(value) if exclusive else value)


def project_info(context: EngineContext) -> ProjectInfo:
    """Models and tags of the loaded project, and what its configuration sets."""
    models = tuple(
        ProjectModel(
            name=model.fqn,
            view_name=_display(context, model.name),
            kind=model.kind.name.value,
            tags=tuple(sorted(model.tags)),
            owner=model.owner,
        )
        for model in sorted(context.models.values(), key=lambda model: model.fqn)
    )
    plan = context.config.plan
    return ProjectInfo(
        models=models,
        tags=tuple(sorted({tag for model in models for tag in model.tags})),
        defaults=PlanOptions(
            forward_only=plan.forward_only,
            include_unmodified=plan.include_unmodified,
            # SQLMesh's own answer where the configuration leaves it open.
            enable_preview=context._plan_preview_enabled,
        ),
    )


def _display(context: EngineContext, name: str) -> str:
    return name.replace('"', "")


def read_date(text: str, execution_time: str | None) -> DateReading:
    """How SQLMesh understands a date, relative to the execution time where one is given."""
    try:
        base = to_datetime(execution_time) if execution_time else None
    except ValueError:
        base = None
    try:
        at = to_timestamp(to_datetime(text, relative_base=base))
        return DateReading(text=text, at=at, whole_day=is_date(text))
    except (ValueError, TypeError, OverflowError) as error:
        return DateReading(
            text=text, at=None, problem=f"{sentence_of(error)} Try 2024-01-31 or '1 week ago'."
        )


def date_problem(request: PlanRequest) -> Problem | None:
    """Why the dates of a request are none that SQLMesh takes, or None."""
    dates = request.dates
    given = {**dates.model_dump(), "effective_from": request.options.effective_from}
    for field, text in given.items():
        reading = read_date(text, dates.execution_time) if text else None
        if reading is not None and reading.at is None:
            return Problem(
                code=ProblemCode.BAD_REQUEST,
                title=f"The {field.replace('_', ' ')} {text!r} is not a date that SQLMesh takes.",
                message=reading.problem,
                hint="Write a date, a date and time, or words such as 'yesterday'.",
            )
    return _order_problem(dates)


def _order_problem(dates: PlanDates) -> Problem | None:
    """Why the end is none for the start; SQLMesh takes a day as its 0:00 here."""
    if not dates.start or not dates.end:
        return None
    start = read_date(dates.start, dates.execution_time).at
    end = read_date(dates.end, dates.execution_time).at
    if start is None or end is None or start <= end:
        return None
    return Problem(
        code=ProblemCode.BAD_REQUEST,
        title=f"The end {dates.end!r} lies before the start {dates.start!r}.",
        message="A plan fills what lies between its start and its end.",
        hint="Give an earlier start or a later end.",
    )


def read_selection(context: EngineContext, expressions: list[str]) -> SelectionReading:
    """What selectors match in the loaded project."""
    try:
        names = read_selectors(context, finder_of(context), expressions)
    except BadNameError as error:
        problem = f"{error.problem.title} {error.problem.message}"
        unreadable = isinstance(error, UnreadableSelectorError)
        return SelectionReading(names=(), problem=problem, unreadable=unreadable)
    except UNREADABLE as error:
        return SelectionReading(names=(), problem=sentence_of(error))
    models = context.models
    return SelectionReading(
        names=tuple(sorted(_display(context, models[n].name) for n in names if n in models))
    )
