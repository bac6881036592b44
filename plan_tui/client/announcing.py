"""Calls a person when an apply ends: by the terminal, and by a command."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from plan_tui.client.notify import Notifier, start_notifier
from plan_tui.client.terminal_notice import notice
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.result import sentence
from plan_tui.contract.state import ApplyProgress, EngineState, RunOutcome, SessionState

__all__ = ["Announcer", "Notifier", "Start", "starting"]

Start = Callable[[str], Notifier]
"""Starts a notifier for the apply with an id."""


def starting(key: ProjectKey, command: str | None) -> Start | None:
    """What starts a notifier for a project's applies; None without a command."""
    return None if command is None else lambda run_id: start_notifier(key, run_id, command)


class Announcer:
    """Watches the state of one engine; tells of each apply once."""

    def __init__(
        self,
        write: Callable[[str], object] | None,
        start: Start | None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Makes it.

        Args:
            write: Writes to the terminal as it is; None where nothing shall be written.
            start: Starts a notifier; None where there is no command.
            environ: The environment, which says what terminal it is.
        """
        self._write = write
        self._start = start
        self._environ = environ
        self._told: tuple[str, RunOutcome | None] | None = None
        """The apply whose end was told, with how it ended."""
        self._awaited: str | None = None
        """The apply that a notifier waits for."""

    def take(self, before: EngineState | None, after: EngineState) -> Notifier | None:
        """Takes the engine's next state; returns a notifier that it started.

        Args:
            before: The state before it; None where one has just attached, so that an apply that
                is over was over before.
            after: The state.
        """
        apply = after.apply
        if apply is None:
            return None
        if apply.outcome is not None and self._is_news(before, apply):
            self._tell(apply)
        return self._await(before, apply)

    def lost(self, state: EngineState) -> None:
        """The engine is gone: nobody will say how its apply ended."""
        if state.state is SessionState.APPLYING and state.apply is not None:
            self._tell(state.apply)

    def _await(self, before: EngineState | None, apply: ApplyProgress) -> Notifier | None:
        if self._start is None or apply.run_id == self._awaited:
            return None
        if apply.outcome is not None and not self._is_news(before, apply):
            return None
        self._awaited = apply.run_id
        return self._start(apply.run_id)

    def _is_news(self, before: EngineState | None, apply: ApplyProgress) -> bool:
        if before is None:
            return False
        old = before.apply
        return old is None or old.run_id != apply.run_id or old.outcome is None

    def _tell(self, apply: ApplyProgress) -> None:
        end = (apply.run_id, apply.outcome)
        if self._write is not None and end != self._told:
            self._told = end
            self._write(notice(sentence(apply), self._environ))
