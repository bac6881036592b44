"""Opens the app on a fake engine and waits for it, without sleeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypedDict, TypeVar

from textual.message import Message
from textual.pilot import Pilot
from textual.worker import WorkerError
from typing_extensions import Unpack

from plan_tui.contract.plan import PlanRequest
from plan_tui.ui.app import PlanApp
from plan_tui.ui.preferences import Preferences

from . import samples
from .fake_port import FakePort

MESSAGES = "plan_tui.ui.messages"
TURNS = 200

M = TypeVar("M", bound=Message)


class Given(TypedDict, total=False):
    """What an app may be made with."""

    review: PlanRequest | None
    read_only: bool
    preferences: Preferences | None
    project: str
    command_prefix: tuple[str, ...]


class OpenedApp(PlanApp):
    """The app with the time stopped, and what its widgets asked for."""

    def __init__(self, port: FakePort, **given: Unpack[Given]) -> None:
        super().__init__(port, clock=lambda: samples.NOW, **given)
        self.asked: list[Message] = []

    def hear(self, message: Message) -> None:
        """Keeps each message of ``ui.messages`` once, however far it bubbles."""
        if type(message).__module__ == MESSAGES and message not in self.asked:
            self.asked.append(message)

    def asked_for(self, kind: type[M]) -> list[M]:
        """The messages of a kind, in order."""
        return [message for message in self.asked if isinstance(message, kind)]


async def until(pilot: Pilot[int], true: Callable[[], object]) -> None:
    """Lets the app work until something is so."""
    for _ in range(TURNS):
        if true():
            return
        await pilot.pause()
    raise AssertionError("It did not come true.")


async def settled(pilot: Pilot[int]) -> None:
    """Lets the app work until every question to the engine is answered and drawn."""
    for _ in range(TURNS):
        await pilot.pause()
        asked = [
            worker
            for worker in pilot.app.workers
            if worker.group.startswith("fetch-") and not worker.is_finished
        ]
        if not asked:
            # The last answers are drawn in the screen's own turn.
            await pilot.pause()
            return
        with suppress(WorkerError):
            await pilot.app.workers.wait_for_complete(asked)
    raise AssertionError("There was always something to wait for.")


@asynccontextmanager
async def running(
    port: FakePort, size: tuple[int, int] = (80, 24), **given: Unpack[Given]
) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    """The app, connected."""
    app = OpenedApp(port, **given)
    async with app.run_test(size=size, message_hook=app.hear, notifications=True) as pilot:
        await until(pilot, lambda: app.client_state.connection != "starting")
        await pilot.pause()
        yield app, pilot


def screen_text(app: PlanApp) -> str:
    """What is on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
