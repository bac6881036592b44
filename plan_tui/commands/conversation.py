"""One headless command's talk with its engine: send a command, follow it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

from plan_tui.client.errors import ClientError
from plan_tui.client.port import EnginePort
from plan_tui.client.stream import follow
from plan_tui.commands.failures import CommandFailed, show_problem
from plan_tui.commands.presses import Presses
from plan_tui.contract.command_line import PROGRAM
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.plan import CancelMode, PlanRequest
from plan_tui.contract.state import (
    ApplyProgress,
    CancelProgress,
    EngineState,
    PlanningProgress,
    RunOutcome,
)

T = TypeVar("T")
Steps = AsyncIterator[tuple[EngineState, Event | None]]
OnStep = Callable[[EngineState, Event | None], None]


class Conversation:
    """Follows one engine; each step of it is shown to ``on_step``."""

    def __init__(
        self, port: EnginePort, presses: Presses, on_step: OnStep, program: str = PROGRAM
    ) -> None:
        self.state = EngineState()
        """The engine's state as of the last step."""
        self._port = port
        self._presses = presses
        self._on_step = on_step
        self._program = program
        self._sending: set[asyncio.Task[None]] = set()
        self._steps: Steps
        self._next: asyncio.Task[tuple[EngineState, Event | None]]

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[Conversation]:
        """Takes the state and follows the engine while the block runs."""
        async with aclosing(follow(self._port)) as steps:
            self._steps = steps
            self.state, _ = await anext(steps)
            self._next = asyncio.ensure_future(anext(steps))
            try:
                yield self
            finally:
                await _ended(self._next, *self._sending)

    async def plan(self, request: PlanRequest) -> PlanningProgress:
        """Has a plan built; returns how that ended.

        Raises:
            EngineRefused: The engine says no to the request.
            CommandFailed: Another client's plan took the place of this one.
        """
        before = self.state.planning.run_id if self.state.planning else None
        ours: str | None = None

        def ended(state: EngineState) -> PlanningProgress | None:
            nonlocal ours
            planning = state.planning
            if planning is None or planning.run_id == before:
                return None
            ours = ours or planning.run_id
            # A run that nobody cancelled and that was cancelled made way for another one.
            gave_way = planning.outcome is RunOutcome.CANCELLED and state.cancel is None
            if planning.run_id != ours or gave_way:
                raise CommandFailed(_replaced())
            return planning if planning.outcome is not None else None

        return await self._until(ended, self._port.build_plan(request))

    async def apply(self, plan_id: str) -> ApplyProgress:
        """Has the reviewed plan applied; returns how that ended.

        Raises:
            EngineRefused: The engine says no.
        """
        before = self.state.apply.run_id if self.state.apply else None

        def ended(state: EngineState) -> ApplyProgress | None:
            apply = state.apply
            known = apply is not None and apply.run_id != before and apply.outcome is not None
            return apply if known else None

        return await self._until(ended, self._port.apply_plan(plan_id))

    async def cancel(self, mode: CancelMode) -> CancelProgress:
        """Trips the breaker; returns what the engine first says to that."""
        before = self.state.cancel

        def ended(state: EngineState) -> CancelProgress | None:
            return state.cancel if state.cancel is not before else None

        return await self._until(ended, self._port.cancel(mode))

    async def _until(
        self, ended: Callable[[EngineState], T | None], command: Coroutine[Any, Any, None]
    ) -> T:
        """Sends a command, and follows the engine until the state says that it ended."""
        sending = asyncio.ensure_future(command)
        self._presses.handle(self._press)
        try:
            waiting: set[asyncio.Future[Any]] = {sending}
            while True:
                done, _ = await asyncio.wait(
                    {*waiting, self._next}, return_when=asyncio.FIRST_COMPLETED
                )
                if sending in done:
                    waiting.clear()
                    await sending
                if self._next in done:
                    self._take(*self._next.result())
                    if (end := ended(self.state)) is not None:
                        return end
        finally:
            self._presses.handle(None)
            await _ended(sending)

    def _take(self, state: EngineState, event: Event | None) -> None:
        self.state = state
        self._next = asyncio.ensure_future(anext(self._steps))
        self._on_step(state, event)

    def _press(self, number: int) -> None:
        if number > 2:
            self._presses.leave(
                f"Left: the engine goes on. {self._program} status shows how far it is."
            )
            return
        mode = CancelMode.GRACEFUL if number == 1 else CancelMode.INTERRUPT
        task = asyncio.ensure_future(self._cancel(mode))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _cancel(self, mode: CancelMode) -> None:
        try:
            await self._port.cancel(mode)
        except ClientError as error:
            show_problem(error.problem, self._program)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _replaced() -> Problem:
    return Problem(
        code=ProblemCode.CONFLICT,
        title="Another client built a plan in this engine, and it took the place of this one.",
        message="An engine reviews one plan at a time.",
        hint="Run the command again when the other one is through.",
    )
