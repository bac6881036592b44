"""The app: the only caller of the engine, and the only one who moves between places."""

from __future__ import annotations

import os
import signal
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.filter import Monochrome, NoColor

from plan_tui.client.port import EnginePort
from plan_tui.client.reducer import (
    ClientState,
    EngineAwaited,
    EngineWentAway,
    StateTaken,
    reduce,
)
from plan_tui.contract.errors import Problem
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import EngineState, SessionState
from plan_tui.ui import messages as ask
from plan_tui.ui import routing
from plan_tui.ui.clock import Clock, wall_clock
from plan_tui.ui.intents import CONNECTING, Intents
from plan_tui.ui.launch import run_app
from plan_tui.ui.palette import TableCommands
from plan_tui.ui.preferences import Preferences
from plan_tui.ui.pump import Pump, PumpEnded, StateMoved
from plan_tui.ui.routing import Place
from plan_tui.ui.run_journal import RunJournal
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.screens.places import PLACES
from plan_tui.ui.terminal import HANG_UP_CHECK, end_soon, is_hung_up, leave_on_signals
from plan_tui.ui.themes import THEMES, terminal_theme
from plan_tui.ui.widgets.status_bar import Connection

__all__ = ["PlanApp", "run_app"]

HERE = Path(__file__).parent
HUNG_UP_CODE = 128 + signal.SIGHUP


class PlanApp(Intents, inherit_bindings=False):
    """plan_tui."""

    TITLE = "plan_tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [HERE / "app.tcss", HERE / "screens" / "setup.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = []
    COMMANDS = {TableCommands}  # noqa: RUF012 - Textual's own name and type
    MODES = PLACES
    DEFAULT_MODE = "setup"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        port: EnginePort,
        *,
        review: PlanRequest | None = None,
        read_only: bool = False,
        preferences: Preferences | None = None,
        clock: Clock = wall_clock,
        project: str = "",
        command_prefix: tuple[str, ...] = ("sqlmesh",),
        terminal: int | None = None,
    ) -> None:
        """Makes the app.

        Args:
            port: The engine, however it is reached.
            review: A plan to build at once.
            read_only: Whether nothing may be applied.
            preferences: What earlier sessions remembered; nothing is remembered without it.
            clock: The time, for tests that stop it.
            project: What to call the project until the engine says its name.
            command_prefix: ``sqlmesh`` with the global options that lead it to this project.
            terminal: The descriptor of the terminal, which the app leaves with.
        """
        super().__init__()
        if self.no_color:
            # Textual's own filter leaves greys; who asks for no colour gets none.
            self._filters = [
                NoColor() if isinstance(each, Monochrome) else each for each in self._filters
            ]
        self.port = port
        self.read_only = read_only
        self.preferences = preferences if preferences is not None else Preferences.in_memory()
        self.clock = clock
        self.client_state = ClientState()
        self.journal = RunJournal()
        self.command_prefix = command_prefix
        self._since = clock()
        self._project = project
        self._terminal = terminal
        self.last_request = review
        self._to_build = review
        self._attached = False

    @property
    def connection(self) -> Connection:
        """How the app and its engine stand."""
        return Connection(
            self._since,
            connected=self.client_state.connection == "connected",
            lost=self.client_state.connection == "lost",
            read_only=self.read_only,
            project=self._project,
        )

    # Life

    def on_mount(self) -> None:
        if not os.environ.get("TEXTUAL_ANIMATIONS"):
            self.animation_level = "none"
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.preferences.theme or terminal_theme()
        if self._terminal is not None:
            leave_on_signals(self._leave_at_once)
            self.set_interval(HANG_UP_CHECK, self._look_for_terminal)
        self.call_after_refresh(self.follow)

    def _look_for_terminal(self) -> None:
        if self._terminal is not None and is_hung_up(self._terminal):
            self._leave_at_once(HUNG_UP_CODE)

    def _leave_at_once(self, code: int) -> None:
        """Leaves without a question: the terminal is gone, or the session is being ended."""
        end_soon(code)
        self.exit(code, return_code=code)

    def follow(self) -> None:
        """Finds the engine and follows it, in place of an earlier attempt."""
        self._since = self.clock()
        self.client_state = reduce(self.client_state, EngineAwaited("finding the engine"))
        pump = Pump(self.port, self.post_message, self.journal)
        self.run_worker(pump.run(), group=CONNECTING, exclusive=True, exit_on_error=False)
        self._draw()

    def _draw(self) -> None:
        """Draws the place on top; what lies under a dialog is drawn when it comes back."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, PlanScreen):
                screen.update_state(self.engine_state)
                return

    # What the engine says

    def on_state_moved(self, message: StateMoved) -> None:
        before = self.engine_state if self.connection.connected else None
        after = message.state
        self.client_state = reduce(self.client_state, StateTaken(after))
        if routing.is_mended(before, after) or before is None:
            self.close_problem()
        place = self._place(before, after)
        self._note_seen_run()
        if place is not None:
            self.go(place)
        problem = routing.new_problem(before, after)
        if problem is not None:
            self.show_problem(problem)
        self._draw()

    def on_pump_ended(self, message: PumpEnded) -> None:
        self.client_state = reduce(self.client_state, EngineWentAway(message.problem))
        self._draw()
        self.show_problem(routing.lost_engine(message.problem, self.engine_state))

    def _place(self, before: EngineState | None, after: EngineState) -> Place | None:
        if before is not None:
            return routing.place_after(before, after)
        if self._attached:
            return None
        self._attached = True
        if self._to_build is not None and after.state is not SessionState.APPLYING:
            self.post_message(ask.BuildPlan(self._to_build))
            self._to_build = None
            return None
        return routing.place_on_attach(after, self.preferences.seen_run)

    def _note_seen_run(self) -> None:
        """An apply whose end was on this screen is not shown again by the next session."""
        apply = self.engine_state.apply
        if apply is not None and apply.outcome is not None:
            self.preferences.seen_run = apply.run_id

    # Places and dialogs

    def go(self, place: Place) -> None:
        """Goes to a place; what stood over the old one is closed."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self.current_mode != place:
            self.switch_mode(place)

    def show_problem(self, problem: Problem) -> None:
        """Shows a problem on a screen of its own, in place of an earlier one."""
        from plan_tui.ui.screens.problem import ProblemScreen

        if isinstance(self.screen, ProblemScreen):
            self.screen.show(problem)
        else:
            self.push_screen(ProblemScreen(problem))

    def close_problem(self) -> None:
        """Closes the problem's screen, once it is mended."""
        from plan_tui.ui.screens.problem import ProblemScreen

        if isinstance(self.screen, ProblemScreen):
            self.pop_screen()

    def notify(self, message: str, *, markup: bool = False, **options: Any) -> None:
        """Shows a short message in place of the one before; it is never read as markup."""
        self.clear_notifications()
        super().notify(message, markup=markup, **options)
