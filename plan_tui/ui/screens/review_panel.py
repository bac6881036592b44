"""What the review says where no list does: the plan is built, failed, or has nothing in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.options import OPTION_BY_FIELD
from plan_tui.contract.stages import ModelTests, PlanOverviewStageTracker
from plan_tui.contract.state import (
    EngineState,
    LogLine,
    PlanFacts,
    PlanningProgress,
    RunOutcome,
    StageProgress,
)
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import clock_time, count, duration, interval
from plan_tui.ui.problem_words import steps
from plan_tui.ui.screens.confirm_words import is_production
from plan_tui.ui.widgets.stage_rail import (
    GLYPH_STYLES,
    stage_count,
    stage_glyph,
    stage_time,
    stage_words,
)

_TITLE = "bold"
_MUTED = "$text-muted"
_LOG_LINES = 8


def panel_lines(state: EngineState, now: int) -> list[Content]:
    """The panel's lines; none where the list says it all."""
    if state.plan is not None and state.facts is not None:
        return list(_empty(state.plan, state.facts))
    planning = state.planning
    if planning is None:
        return list(_no_plan())
    match planning.outcome:
        case RunOutcome.FAILED:
            return list(_failed(planning, state))
        case RunOutcome.CANCELLED:
            return list(_cancelled(planning))
        case RunOutcome.SUCCEEDED:
            return list(_applied(planning, state))
        case _:
            return list(_building(planning, state.log, now))


def _no_plan() -> Iterator[Content]:
    yield Content.styled("There is no plan to review.", _TITLE)
    yield Content("")
    yield _key("esc", "goes to the set-up, where an environment and dates are chosen")


def _applied(planning: PlanningProgress, state: EngineState) -> Iterator[Content]:
    """A plan is gone once it is applied."""
    environment = clean(planning.environment)
    if state.apply is not None and state.apply.outcome is RunOutcome.SUCCEEDED:
        yield Content.styled(f"The plan for {environment} is applied.", _TITLE)
    else:
        yield Content.styled(f"The plan for {environment} is gone.", _TITLE)
    yield Content("")
    yield _key("f3", "goes to the run")
    yield _key("ctrl+r", "builds the plan again: it shows what is left")
    yield _key("esc", "goes to the set-up")


def _building(planning: PlanningProgress, log: tuple[LogLine, ...], now: int) -> Iterator[Content]:
    yield Content.assemble(
        (f"Building the plan for {clean(planning.environment)}", _TITLE),
        (f"   {duration(now - planning.started)}", _MUTED),
    )
    yield Content("")
    for stage in planning.stages:
        yield _stage(stage, now)
    if log:
        yield Content("")
        yield from _log(log)
    yield Content("")
    yield _key("c", "cancels")


def _stage(stage: StageProgress, now: int) -> Content:
    glyph = stage_glyph(stage)
    return Content.assemble(
        (f"{glyph} ", GLYPH_STYLES.get(glyph, _MUTED)),
        (f"{stage_words(stage.name):<12}", "" if stage.meta else _MUTED),
        f"{stage_time(stage, now):>7}",
        f"  {stage_count(stage):>11}  ",
        (clean(stage.message), _MUTED),
    )


def _log(log: tuple[LogLine, ...]) -> Iterator[Content]:
    styles = {"warning": "$text-warning", "error": "$text-error"}
    for line in log[-_LOG_LINES:]:
        text = clean(line.text.strip().split("\n", 1)[0])
        yield Content.assemble(
            (f"{clock_time(line.at)} ", _MUTED), (text, styles.get(line.level, _MUTED))
        )


def _cancelled(planning: PlanningProgress) -> Iterator[Content]:
    yield Content.styled(f"Planning {clean(planning.environment)} was cancelled.", _TITLE)
    yield Content("")
    yield _key("ctrl+r", "builds it again")
    yield _key("esc", "goes to the set-up")


def _failed(planning: PlanningProgress, state: EngineState) -> Iterator[Content]:
    title = f"✗ The plan for {clean(planning.environment)} could not be built."
    yield Content.styled(title, "$text-error bold")
    if planning.problem is not None:
        yield Content("")
        yield from problem_lines(planning.problem)
    if state.tests is not None and state.tests.failures:
        yield from _failed_tests(state.tests)
    errors = [line for line in state.log if line.level in ("error", "warning")]
    if errors:
        yield Content("")
        yield from _log(tuple(errors))
    yield Content("")
    yield _key("ctrl+r", "tries again, after what you have changed")
    yield _key("esc", "goes to the set-up, to change the options")


def _failed_tests(tests: ModelTests) -> Iterator[Content]:
    yield Content("")
    run = count(tests.run, "test")
    yield Content.styled(f"{len(tests.failures):,} of {run} failed", _TITLE)
    for failure in tests.failures:
        yield Content.assemble(
            ("✗ ", "$text-error"),
            (clean(failure.name), _TITLE),
            (f"  {clean(failure.path)}", _MUTED),
        )
        yield from _indented(failure.message)


def problem_lines(problem: Problem) -> Iterator[Content]:
    """Every field of a problem."""
    yield Content.styled(clean(problem.title), _TITLE)
    if problem.message:
        yield from (Content(line) for line in _split(problem.message))
    where = clean(problem.path or "") + (f":{problem.line}" if problem.line else "")
    facts = (
        ("File", where if problem.path else ""),
        ("Model", clean(problem.model or "")),
        ("Interval", interval(problem.interval) if problem.interval else ""),
        ("Nearest", ", ".join(clean(name) for name in problem.nearest)),
    )
    if any(value for _, value in facts):
        yield Content("")
    for label, value in facts:
        if value:
            yield Content.assemble((f"{label:<10}", _MUTED), (value, _TITLE))
    if problem.sql:
        yield Content("")
        yield Content.styled("SQL", _MUTED)
        yield from _indented(problem.sql)
    if problem.hint:
        yield Content("")
        for step in steps(problem):
            yield Content.assemble(("→ ", "$text-accent bold"), clean(step))


def _empty(plan: PlanOverviewStageTracker, facts: PlanFacts) -> Iterator[Content]:
    """Words for a plan without changes; none for a plan that has some."""
    environment = clean(plan.environment)
    if facts.half_applied and plan.changes.is_empty and not plan.backfills.models:
        yield Content.styled(f"{environment} is half applied: applying again resumes.", _TITLE)
        yield Content("Its last apply ended before it was finalized. Nothing is left to compute:")
        yield Content(f"{count(facts.views_updated, 'view')} will show the new versions.")
        return
    if facts.has_changes:
        if plan.changes.is_empty and not plan.backfills.models:
            yield from _views_only(plan, facts)
        return
    if facts.refusal is not None and facts.refusal.code is ProblemCode.BROKEN_MODEL:
        yield Content.styled(f"No other changes: {environment} has the rest as it is.", _TITLE)
        yield Content(
            "What is broken is listed below. It may have changes that nobody can see yet."
        )
        return
    if plan.is_new_environment and not plan.backfills.models:
        yield Content.styled(f"No changes: nothing would be in {environment}.", _TITLE)
        source = clean(facts.create_from or "prod")
        yield Content(f"{environment} does not exist yet, and the project is the same as {source}.")
        yield from _ways(plan, ("include_unmodified", "create_from", "select_models"))
        return
    if facts.requires_backfill or plan.backfills.models:
        yield Content.styled(f"No changes: {environment} has what the project says.", _TITLE)
        yield Content("What is left is to compute the intervals below.")
        return
    # A warning may be of data that is missing though SQLMesh's state has it.
    stands = f" by SQLMesh's state of {environment}" if plan.warnings else ""
    yield Content.styled(f"Nothing to do{stands or f': {environment} is up to date'}.", _TITLE)
    yield Content("It has what the project says; by SQLMesh's state no interval is missing.")
    # Production has views of all models anyway, and takes dates with a restatement only.
    own = () if is_production(plan) else ("include_unmodified",)
    dates = () if is_production(plan) else ("end",)
    yield from _ways(plan, (*dates, "run", "restate_models", *own))


def _views_only(plan: PlanOverviewStageTracker, facts: PlanFacts) -> Iterator[Content]:
    environment, source = clean(plan.environment), clean(facts.create_from or "prod")
    views = count(facts.views_updated, "view")
    yield Content.styled(f"{environment} gets {views}, and no data is to be computed.", _TITLE)
    if plan.is_new_environment:
        yield Content(f"It does not exist yet: its views show the tables of {source}.")
    yield Content("")
    yield _key("a", "applies it, after its confirmation")
    yield _key("esc", "goes to the set-up")


def _ways(plan: PlanOverviewStageTracker, fields: Iterable[str]) -> Iterator[Content]:
    """What to plan with instead, but for what was asked for already."""
    fields = [field for field in fields if not getattr(plan.plan_options, field, None)]
    yield Content("")
    yield Content.styled("What would change that:", _MUTED)
    for field in fields:
        option = OPTION_BY_FIELD[field]
        yield Content.assemble((f"{option.label:<20}", _TITLE), (option.flag, "$text-accent"))
        yield Content.styled(f"  {option.help}", _MUTED)
    yield Content("")
    yield _key("esc", "goes to the set-up, where these options are")


def _key(key: str, words: str) -> Content:
    return Content.assemble((f"{key:<8}", "$text-accent bold"), words)


def _split(text: str) -> list[str]:
    return clean(text, keep_newlines=True).strip("\n").split("\n")


def _indented(text: str) -> Iterator[Content]:
    return (Content(f"  {line}") for line in _split(text))
