"""What the app knows of its engine: imported after the first paint, for it takes pydantic along."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.message import Message

from plan_tui.client.errors import ClientError
from plan_tui.client.reducer import (
    ClientState,
    EngineAwaited,
    EngineWentAway,
    StateTaken,
    reduce,
)
from plan_tui.contract.errors import Problem
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.state import EngineState, SessionState
from plan_tui.journal.interrupted import unread
from plan_tui.ui.pump import Pump
from plan_tui.ui.run_journal import RunJournal
from plan_tui.ui.widgets.status_bar import Connection

if TYPE_CHECKING:
    from plan_tui.client.port import EnginePort
    from plan_tui.ui.clock import Clock


class EngineSide:
    """The client's state and the pump that feeds it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock()
        self.client_state = ClientState()
        self.journal = RunJournal()
        self.unknown: EngineState | None = None
        """The last of an apply whose engine was lost; it stays until it is left."""
        self._recorded: InterruptedRun | None = None

    @property
    def engine_state(self) -> EngineState:
        """The last known state of the engine."""
        return self.client_state.engine or EngineState()

    def connection(self, *, read_only: bool, project: str) -> Connection:
        """How the app and its engine stand."""
        return Connection(
            self._since,
            connected=self.client_state.connection == "connected",
            lost=self.client_state.connection == "lost",
            read_only=read_only,
            project=project,
        )

    def start(
        self, port: EnginePort, post: Callable[[Message], object]
    ) -> Coroutine[Any, Any, None]:
        """Begins to follow an engine, by running what it returns."""
        self._since = self._clock()
        self.client_state = reduce(self.client_state, EngineAwaited("finding the engine"))
        return Pump(port, post, self.journal).run()

    def take(self, state: EngineState) -> EngineState | None:
        """Takes a state, and returns the one before it on the same connection."""
        before = self.engine_state if self.client_state.connection == "connected" else None
        self.client_state = reduce(self.client_state, StateTaken(state))
        if state.apply is not None:
            self.unknown = None
        return before

    @property
    def run_state(self) -> EngineState:
        """The state, with the apply that a lost engine has left behind."""
        state, left = self.engine_state, self.unknown
        if left is None:
            return state
        return state.model_copy(update={"apply": left.apply, "log": left.log, "cancel": None})

    @property
    def interrupted(self) -> InterruptedRun | None:
        """What is known of that apply: an engine's word, once one has compared it, goes first."""
        run_id = self._lost_run
        found = [run for run in self.engine_state.interrupted if run.run_id == run_id]
        recorded = self._recorded
        known = recorded if recorded is not None and recorded.run_id == run_id else None
        return found[0] if found else known

    @property
    def _lost_run(self) -> str | None:
        left = self.unknown
        return left.apply.run_id if left is not None and left.apply is not None else None

    async def read_lost(self, port: EnginePort) -> None:
        """Reads what the journal has of an apply whose engine was lost, if there is one."""
        run_id = self._lost_run
        if run_id is not None:
            with suppress(ClientError, OSError, StopIteration):
                self._recorded = unread(await port.recorded(run_id))

    def lose(self, problem: Problem) -> None:
        """The engine is gone."""
        state = self.engine_state
        if state.state is SessionState.APPLYING and self.unknown is None:
            self.unknown = stopped(state, self._clock())
        self.client_state = reduce(self.client_state, EngineWentAway(problem))


def stopped(state: EngineState, at: int) -> EngineState | None:
    """An unfinished apply with its clocks stopped, or None where there is none."""
    apply = state.apply
    if apply is None or apply.outcome is not None:
        return None
    stages = tuple(
        stage.model_copy(update={"meta": stage.meta.model_copy(update={"end": at})})
        if stage.meta is not None and stage.meta.end is None
        else stage
        for stage in apply.stages
    )
    left = apply.model_copy(update={"stages": stages, "ended": at, "remaining": None})
    return state.model_copy(update={"apply": left})
