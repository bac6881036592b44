"""Calls a person when the apply of a command without a screen ends."""

from __future__ import annotations

import sys

from plan_tui.cli import Settings
from plan_tui.client.announcing import Announcer, Notifier, starting
from plan_tui.client.errors import ClientError
from plan_tui.contract.state import EngineState


class ApplyAnnouncer:
    """Takes the steps of one apply, from its beginning."""

    def __init__(self, settings: Settings, *, quiet: bool) -> None:
        """Makes it.

        Args:
            settings: Whether and how somebody is called.
            quiet: Whether nothing but the answer may be on standard output.
        """
        rings = settings.bell and not quiet and sys.stdout.isatty()
        self._announcer = Announcer(
            _write if rings else None, starting(settings.key, settings.notify)
        )
        self._before: EngineState | None = None
        self._notifier: Notifier | None = None
        self._failure: str | None = None

    def begin(self, state: EngineState) -> None:
        """The apply is about to be asked for: what ran before is none of this command's."""
        self._before = state

    def take(self, state: EngineState) -> None:
        """Takes a step."""
        if self._before is None:
            return
        try:
            self._notifier = self._announcer.take(self._before, state) or self._notifier
        except (OSError, ClientError) as error:
            self._failure = f"The --notify command can't be run: {error}"
        self._before = state

    async def end(self) -> str | None:
        """Waits for the command that was run; returns what went wrong with it."""
        if self._notifier is None:
            return self._failure
        return await self._notifier.failure()


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
