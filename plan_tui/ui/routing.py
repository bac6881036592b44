"""Which place fits what the engine does; only a change of it moves anybody."""

from __future__ import annotations

from typing import Literal

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ProjectState,
    RunOutcome,
    SessionState,
)
from plan_tui.ui.formatting import count
from plan_tui.ui.widgets.progress_rows import batches_of

Place = Literal["setup", "review", "run"]


def place_on_attach(state: EngineState, seen_run: str | None) -> Place:
    """Where to go when the app finds an engine that may be at work.

    Args:
        state: The engine's state.
        seen_run: The last apply whose end this user has seen.
    """
    match state.state:
        case SessionState.PLANNING | SessionState.REVIEW:
            return "review"
        case SessionState.APPLYING:
            return "run"
        case _:
            ended = state.apply is not None and state.apply.outcome is not None
            unseen = state.apply is not None and state.apply.run_id != seen_run
            return "run" if ended and unseen else "setup"


def place_after(before: EngineState, after: EngineState) -> Place | None:
    """Where an event leads, or None when everybody stays where they are."""
    if after.apply is not None and _run_id(after.apply) != _run_id(before.apply):
        return "run"
    planning = after.planning
    if planning is None:
        return None
    if _run_id(planning) != _run_id(before.planning):
        return "review"
    ended = before.planning is not None and before.planning.outcome is None
    if ended and planning.outcome is RunOutcome.CANCELLED:
        return "setup"
    return None


def new_problem(before: EngineState | None, after: EngineState) -> Problem | None:
    """The problem that has just come up and needs a screen of its own.

    A plan that can't be built is not one of them: the review shows it in its place.
    """
    if (problem := _project_problem(after)) is not None:
        known = None if before is None else _project_problem(before)
        return None if problem == known else problem
    return None


def is_mended(before: EngineState | None, after: EngineState) -> bool:
    """Whether a project that could not be loaded now can."""
    return (
        before is not None
        and _project_problem(before) is not None
        and _project_problem(after) is None
    )


def _project_problem(state: EngineState) -> Problem | None:
    info = state.info
    if info is None or info.project_state is not ProjectState.BROKEN:
        return None
    return info.problem or Problem(
        code=ProblemCode.BROKEN_PROJECT, title="The project can't be loaded."
    )


def lost_engine(problem: Problem, state: EngineState) -> Problem:
    """What to say of an engine that is gone: of an apply, that nobody knows how it went on."""
    said = f"{problem.message} {problem.hint}"
    path = None if state.info is None else state.info.log_path
    log = "" if path is None or path in said else f" Its log: {path}"
    if state.state is not SessionState.APPLYING or state.apply is None:
        return problem.model_copy(update={"message": (problem.message + log).strip()})
    return Problem(
        code=ProblemCode.ENGINE_LOST,
        title=f"The engine is lost: how the apply to {state.apply.environment} went on is unknown.",
        message=f"{problem.title} {problem.message} {_heard(state.apply)}{log}".strip(),
        hint="r looks for it, or starts another, which compares the journal with SQLMesh's state; "
        "u does so too, and plans only what is left.",
    )


def _heard(apply: ApplyProgress) -> str:
    """How far an apply was when it was last heard of."""
    done, total = batches_of(apply.models)
    running = sum(len(model.running) for model in apply.models.values())
    if not total:
        return ""
    batches = count(total, "batch", "batches")
    return f"When last heard of, {done:,} of {batches} were done and {running:,} running."


def request_again(
    state: EngineState, last: PlanRequest | None, *, after_apply: bool
) -> PlanRequest | None:
    """The request that asks for the same plan again; after an apply, for its environment's rest."""
    planning = None if state.planning is None else state.planning.request
    if not after_apply or state.apply is None:
        return last or planning
    environment = state.apply.environment
    for request in (planning, last):
        if request is not None and request.environment == environment:
            return request
    return PlanRequest(environment=environment)


def with_choices(request: PlanRequest, state: EngineState) -> PlanRequest:
    """A request that keeps the categories chosen in the reviewed plan."""
    chosen = state.facts.chosen if state.facts is not None else {}
    kept = {**(request.categories or {}), **chosen}
    return request.model_copy(update={"categories": kept or None})


def _run_id(run: object) -> str | None:
    return getattr(run, "run_id", None)
