"""What a client knows of its engine, as a pure function of what it was told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from typing_extensions import assert_never

from plan_tui.contract.errors import Problem
from plan_tui.contract.events import Event
from plan_tui.contract.fold import fold
from plan_tui.contract.state import EngineInfo, EngineState, SessionState

Connection = Literal["starting", "connected", "lost"]


@dataclass(frozen=True)
class UnknownRun:
    """A run that was going on when its engine was lost: how it ended can't be known."""

    run_id: str
    environment: str
    plan_id: str | None
    """Null where it was a plan being built."""


@dataclass(frozen=True)
class ClientState:
    """Everything that a screen draws from."""

    connection: Connection = "starting"
    doing: str = ""
    """What is waited for while the connection is made."""
    engine: EngineState | None = None
    """The last state that was known; kept when the engine is lost."""
    problem: Problem | None = None
    """Why there is no connection, or what the engine last refused."""
    log_path: str | None = None
    unknown: UnknownRun | None = None
    """The run whose outcome the lost engine took with it."""


@dataclass(frozen=True)
class EngineAwaited:
    """The engine is being found or started."""

    doing: str


@dataclass(frozen=True)
class EngineConnected:
    """The engine answered."""

    info: EngineInfo


@dataclass(frozen=True)
class StateTaken:
    """The engine's whole state came in, at the start or after a gap."""

    state: EngineState


@dataclass(frozen=True)
class EventReceived:
    """The engine told something."""

    event: Event


@dataclass(frozen=True)
class EngineRefusedCommand:
    """The engine said no to a command."""

    problem: Problem


@dataclass(frozen=True)
class RefusalDismissed:
    """The user has read why a command was refused."""


@dataclass(frozen=True)
class EngineWentAway:
    """The engine is lost, or could not be started."""

    problem: Problem


ClientEvent = (
    EngineAwaited
    | EngineConnected
    | StateTaken
    | EventReceived
    | EngineRefusedCommand
    | RefusalDismissed
    | EngineWentAway
)


def reduce(state: ClientState, event: ClientEvent) -> ClientState:
    """The state after an event; neither argument is changed."""
    match event:
        case EngineAwaited():
            return replace(state, connection="starting", doing=event.doing, problem=None)
        case EngineConnected():
            log_path = event.info.log_path
            return replace(state, connection="connected", doing="", problem=None, log_path=log_path)
        case StateTaken():
            # A run that the engine tells of again is not unknown: the connection had broken.
            unknown = None if _tells_of(event.state, state.unknown) else state.unknown
            return replace(state, connection="connected", engine=event.state, unknown=unknown)
        case EventReceived():
            return replace(state, engine=fold(state.engine or EngineState(), event.event))
        case EngineRefusedCommand():
            return replace(state, problem=event.problem)
        case RefusalDismissed():
            return state if state.connection == "lost" else replace(state, problem=None)
        case EngineWentAway():
            return replace(
                state,
                connection="lost",
                doing="",
                problem=event.problem,
                unknown=_unfinished(state.engine) or state.unknown,
            )
        case _:
            assert_never(event)


def _unfinished(engine: EngineState | None) -> UnknownRun | None:
    if engine is None:
        return None
    apply, planning = engine.apply, engine.planning
    if engine.state is SessionState.APPLYING and apply is not None and apply.outcome is None:
        return UnknownRun(apply.run_id, apply.environment, apply.plan_id)
    if engine.state is SessionState.PLANNING and planning is not None and planning.outcome is None:
        return UnknownRun(planning.run_id, planning.environment, None)
    return None


def _tells_of(engine: EngineState, run: UnknownRun | None) -> bool:
    runs = {current.run_id for current in (engine.apply, engine.planning) if current is not None}
    return run is not None and run.run_id in runs
