"""Follows the engine: one reader, one fold, at most one message per tick."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message import Message

from plan_tui.client.errors import ClientError, EngineLost, EventGap
from plan_tui.client.port import EnginePort
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.fold import fold
from plan_tui.contract.state import EngineState
from plan_tui.ui.run_journal import RunJournal

TICK = 0.05
"""Seconds between two updates of the screen."""

EVENTS_PER_SLICE = 200
"""Events folded before the keyboard gets its turn."""


class StateMoved(Message):
    """The engine's state, with all events up to its ``seq``."""

    def __init__(self, state: EngineState) -> None:
        super().__init__()
        self.state = state


class PumpEnded(Message):
    """Nothing follows the engine any more."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


class Pump:
    """Turns an engine's state and events into messages; started anew by each retry."""

    def __init__(
        self,
        port: EnginePort,
        post: Callable[[Message], object],
        journal: RunJournal | None = None,
        tick: float = TICK,
    ) -> None:
        self._port = port
        self._post = post
        self._journal = journal or RunJournal()
        self._tick = tick
        self._state: EngineState | None = None
        self._due: asyncio.TimerHandle | None = None
        self._posted_at = float("-inf")

    async def run(self) -> None:
        """Follows the engine until it is lost, and always says how it ended."""
        try:
            await self._port.connect()
            while True:
                try:
                    await self._follow()
                except EventGap:
                    continue
        except ClientError as error:
            self._end(error.problem)
        except asyncio.CancelledError:
            self._cancel_due()
            raise
        except Exception as error:
            self._end(_surprise(error))

    async def _follow(self) -> None:
        state = await self._port.state()
        self._journal.restart(state)
        self._keep(state)
        count = 0
        async for event in self._port.events(self._required().seq):
            self._fold(event)
            count += 1
            if count % EVENTS_PER_SLICE == 0:
                await asyncio.sleep(0)
        raise EngineLost(_ended())

    def _required(self) -> EngineState:
        assert self._state is not None
        return self._state

    def _fold(self, event: Event) -> None:
        state = self._required()
        if event.seq > state.seq:
            self._journal.note(event)
            self._keep(fold(state, event))

    def _keep(self, state: EngineState) -> None:
        self._state = state
        if self._due is not None:
            return
        loop = asyncio.get_running_loop()
        wait = self._posted_at + self._tick - loop.time()
        if wait <= 0:
            self._flush()
        else:
            self._due = loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        self._cancel_due()
        self._posted_at = asyncio.get_running_loop().time()
        if self._state is not None:
            self._post(StateMoved(self._state))

    def _cancel_due(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end(self, problem: Problem) -> None:
        if self._due is not None:
            self._flush()
        self._post(PumpEnded(problem))


def _ended() -> Problem:
    return Problem(
        code=ProblemCode.ENGINE_LOST,
        title="The engine closed the connection.",
        message="It stopped telling what it does.",
        hint="Retry finds it again, or starts a new one.",
    )


def _surprise(error: Exception) -> Problem:
    return Problem(
        code=ProblemCode.INTERNAL,
        title="The connection to the engine broke in a way nobody expected.",
        message=f"{type(error).__name__}: {error}",
        hint="Retry connects again; what the engine runs goes on.",
    )
