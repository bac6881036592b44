"""The app's half that calls a person when an apply ends, who may look elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from plan_tui.client.announcing import Announcer, Notifier
    from plan_tui.contract.locations import ProjectKey
    from plan_tui.contract.state import EngineState


@dataclass(frozen=True)
class Calling:
    """How a person is called."""

    key: ProjectKey
    bell: bool = True
    """Whether the terminal rings, and notifies where it can."""
    command: str | None = None
    """What is run when an apply ends."""


class Announcing(App[int], inherit_bindings=False):
    """Rings, and has a command run, for an app that was told how."""

    calling: Calling | None = None

    @cached_property
    def _announcer(self) -> Announcer | None:
        from plan_tui.client.announcing import Announcer, starting

        calling = self.calling
        if calling is None:
            return None
        start = starting(calling.key, calling.command)
        return Announcer(self._write_raw if calling.bell else None, start)

    def announce(self, before: EngineState | None, after: EngineState) -> None:
        """Calls somebody where an apply has ended."""
        from plan_tui.client.errors import ClientError

        if self._announcer is None:
            return
        try:
            notifier = self._announcer.take(before, after)
        except (OSError, ClientError) as error:
            self.notify(f"The --notify command can't be run: {error}", severity="warning")
            return
        if notifier is not None:
            self.run_worker(self._watch_command(notifier), group="notifier", exit_on_error=False)

    def announce_lost(self, state: EngineState) -> None:
        """Calls somebody where an apply lost its engine."""
        if self._announcer is not None:
            self._announcer.lost(state)

    async def _watch_command(self, notifier: Notifier) -> None:
        if failure := await notifier.failure():
            self.notify(failure, severity="warning", timeout=10)

    def _write_raw(self, text: str) -> None:
        if self._driver is not None:
            self._driver.write(text)
