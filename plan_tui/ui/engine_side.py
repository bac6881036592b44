"""What the app knows of its engine: imported after the first paint, for it takes pydantic along."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.message import Message

from plan_tui.client.reducer import (
    ClientState,
    EngineAwaited,
    EngineWentAway,
    StateTaken,
    reduce,
)
from plan_tui.contract.errors import Problem
from plan_tui.contract.state import EngineState
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
        return before

    def lose(self, problem: Problem) -> None:
        """The engine is gone."""
        self.client_state = reduce(self.client_state, EngineWentAway(problem))
