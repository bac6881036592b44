"""What an engine says of itself and of what it does, in one short answer."""

from __future__ import annotations

from plan_tui.contract.base import Millis
from plan_tui.contract.state import EngineInfo, EngineState, SessionState


class EngineMeta(EngineInfo):
    """The answer of ``GET /api/meta``: the engine, its project, and what runs."""

    state: SessionState
    environment: str | None
    """The target of what runs, or of the plan under review; null while idle."""
    plan_id: str | None
    """The plan that is applied or reviewed; null where there is none."""
    since: Millis
    """When ``state`` was entered."""


def meta_of(info: EngineInfo, state: EngineState) -> EngineMeta:
    """The answer of an engine that stands like this."""
    return EngineMeta(
        **dict(info),
        state=state.state,
        environment=environment_of(state),
        plan_id=plan_id_of(state),
        since=state.since,
    )


def environment_of(state: EngineState) -> str | None:
    """The target of what an engine does; None while it does nothing."""
    match state.state:
        case SessionState.APPLYING:
            return state.apply.environment if state.apply is not None else None
        case SessionState.PLANNING:
            return state.planning.environment if state.planning is not None else None
        case SessionState.REVIEW:
            return state.plan.environment if state.plan is not None else None
        case _:
            return None


def plan_id_of(state: EngineState) -> str | None:
    """The plan that an engine applies or reviews; None where there is none."""
    match state.state:
        case SessionState.APPLYING:
            return state.apply.plan_id if state.apply is not None else None
        case SessionState.REVIEW:
            return state.plan.plan_id if state.plan is not None else None
        case _:
            return None
