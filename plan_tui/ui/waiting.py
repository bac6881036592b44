"""The app's half that waits for a database that another process holds, and then goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.ui import messages as ask
from plan_tui.ui.intents import Intents

if TYPE_CHECKING:
    from textual.timer import Timer

TICK = 1.0
"""Seconds between two looks at what waits."""
DELAYS = (1, 1, 2, 3, 5, 8, 10)
"""Ticks before each try; the last one again and again."""


class Backoff:
    """Says at which ticks something is tried, ever more rarely."""

    def __init__(self) -> None:
        self._tries = 0
        self._ticks = 0

    def is_due(self) -> bool:
        """Takes a tick; whether it is time for a try."""
        self._ticks += 1
        if self._ticks < DELAYS[min(self._tries, len(DELAYS) - 1)]:
            return False
        self._tries, self._ticks = self._tries + 1, 0
        return True


class Waiting(Intents, inherit_bindings=False):
    """Tries again by itself what a locked file kept from happening."""

    _backoff: Backoff | None = None
    """While something waits."""
    _waits: Timer | None = None
    _is_loading_again = False

    def wait_if_locked(self) -> None:
        """Begins to wait, where a locked file is what everything stands still for."""
        if self._waits is None and self._waits_for() is not None:
            self._backoff = Backoff()
            self._waits = self.set_interval(TICK, self.look_again)

    def look_again(self) -> None:
        """Takes a tick: tries again if it is time, and stops waiting once nothing waits."""
        waits_for = self._waits_for()
        if waits_for is None:
            if self._waits is not None and not self._is_trying():
                self._waits.stop()
                self._waits = None
        elif self._backoff is not None and self._backoff.is_due():
            self._try_again(waits_for)

    def _waits_for(self) -> str | None:
        """What is to be tried again: the ``problem`` on the screen, or the ``plan``."""
        from plan_tui.contract.errors import ProblemCode
        from plan_tui.contract.state import RunOutcome, SessionState
        from plan_tui.ui.screens.problem import ProblemScreen

        if isinstance(self.screen, ProblemScreen):
            waits = self.screen.problem.code is ProblemCode.LOCKED_DATABASE
            return "problem" if waits and not self.connection.lost else None
        state = self.engine_state
        planning = state.planning
        if self.current_mode != "review" or len(self.screen_stack) > 1 or planning is None:
            return None
        failed = state.state is SessionState.IDLE and planning.outcome is RunOutcome.FAILED
        problem = planning.problem if failed and state.plan is None else None
        locked = problem is not None and problem.code is ProblemCode.LOCKED_DATABASE
        return "plan" if locked else None

    def _is_trying(self) -> bool:
        """Whether a plan is being built that may find the file locked once more."""
        from plan_tui.contract.state import SessionState

        return self.engine_state.state is SessionState.PLANNING

    def _try_again(self, waits_for: str) -> None:
        if waits_for == "plan":
            self.post_message(ask.RefreshPlan())
        elif self.retry is not None:
            self.retry()
        else:
            self.load_again_if_locked()

    def load_again_if_locked(self) -> bool:
        """Has a project read again that a locked file kept from loading; False if there is none."""
        if self._waits_for() != "problem":
            return False
        if not self._is_loading_again:
            self._is_loading_again = True
            self.run_worker(self._load_again(), exit_on_error=False)
        return True

    async def _load_again(self) -> None:
        """Has the engine read the project and its state again."""
        from plan_tui.client.errors import ClientError

        try:
            await self.port.environments()
        except ClientError as error:
            self.show_problem(error.problem)
        else:
            self.close_locked()
        finally:
            self._is_loading_again = False

    def close_locked(self) -> None:
        """Closes what was shown of a locked file, once it is free."""
        from plan_tui.contract.errors import ProblemCode
        from plan_tui.ui.screens.problem import ProblemScreen

        screen = self.screen
        if isinstance(screen, ProblemScreen) and (
            screen.problem.code is ProblemCode.LOCKED_DATABASE
        ):
            self.close_problem()
