"""The app: the only caller of the engine, and the only one who moves between places."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.filter import Monochrome, NoColor

from plan_tui.contract.text import clean
from plan_tui.ui import messages as ask
from plan_tui.ui.announcing import Announcing
from plan_tui.ui.beginning import Beginning
from plan_tui.ui.clock import Clock, wall_clock
from plan_tui.ui.intents import CONNECTING
from plan_tui.ui.launch import run_app
from plan_tui.ui.lean_output import LeanOutput
from plan_tui.ui.preferences import Preferences
from plan_tui.ui.screens.places import OPENING, PLACES
from plan_tui.ui.terminal import HANG_UP_CHECK, end_soon, is_hung_up, leave_on_signals
from plan_tui.ui.themes import THEMES, terminal_theme
from plan_tui.ui.tidying import Tidying
from plan_tui.ui.waiting import Waiting

# What knows the engine's types is imported after the first paint: pydantic takes its time.
if TYPE_CHECKING:
    from textual.command import Provider

    from plan_tui.client.port import EnginePort
    from plan_tui.client.reducer import ClientState
    from plan_tui.contract.errors import Problem
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.contract.state import EngineState
    from plan_tui.ui.engine_side import EngineSide
    from plan_tui.ui.pump import PumpEnded, StateMoved
    from plan_tui.ui.routing import Place
    from plan_tui.ui.run_journal import RunJournal
    from plan_tui.ui.widgets.status_bar import Connection

__all__ = ["PlanApp", "run_app"]

HERE = Path(__file__).parent
HUNG_UP_CODE = 128 + signal.SIGHUP


def _table_commands() -> type[Provider]:
    from plan_tui.ui.palette import TableCommands

    return TableCommands


class PlanApp(Tidying, Beginning, Announcing, Waiting, LeanOutput, inherit_bindings=False):
    """plan_tui."""

    TITLE = "plan_tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [HERE / "app.tcss", HERE / "screens" / "setup.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = []
    COMMANDS = {_table_commands}  # noqa: RUF012 - Textual's own name and type
    MODES = PLACES
    DEFAULT_MODE = OPENING
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
        self._honour_no_color()
        self.port = port
        self.read_only = read_only
        self.preferences = preferences if preferences is not None else Preferences.in_memory()
        self.clock = clock
        self.command_prefix = command_prefix
        self.project = project
        self._terminal = terminal
        self.tidies = terminal is not None
        self.retry = None
        self.last_request = review
        self._to_build = review
        self._attached = False
        self._lost_plan: str | None = None

    def _honour_no_color(self) -> None:
        """Textual's own filter leaves greys; who asks for no colour gets none."""
        self._filters = [
            NoColor() if isinstance(each, Monochrome) else each for each in self._filters
        ]

    @cached_property
    def engine_side(self) -> EngineSide:
        """What is known of the engine."""
        from plan_tui.ui.engine_side import EngineSide

        return EngineSide(self.clock)

    @property
    def client_state(self) -> ClientState:
        """The client's state."""
        return self.engine_side.client_state

    @property
    def engine_state(self) -> EngineState:
        """The last known state of the engine."""
        return self.engine_side.engine_state

    @property
    def journal(self) -> RunJournal:
        """Batches and log lines of the run."""
        return self.engine_side.journal

    @property
    def connection(self) -> Connection:
        """How the app and its engine stand."""
        return self.engine_side.connection(read_only=self.read_only, project=self.project)

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
        self.call_after_refresh(self.begin)

    def _look_for_terminal(self) -> None:
        if self._terminal is not None and is_hung_up(self._terminal):
            self._leave_at_once(HUNG_UP_CODE)

    def _leave_at_once(self, code: int) -> None:
        """Leaves without a question: the terminal is gone, or the session is being ended."""
        end_soon(code)
        self.exit(code, return_code=code)

    def follow(self) -> None:
        """Finds the engine and follows it, in place of an earlier attempt."""
        run = self.engine_side.start(self.port, self.post_message)
        self.run_worker(run, group=CONNECTING, exclusive=True, exit_on_error=False)
        self._draw()

    def _draw(self) -> None:
        """Draws the place on top; what lies under a dialog is drawn when it comes back."""
        from plan_tui.ui.screens.base import PlanScreen

        for screen in reversed(self.screen_stack):
            if isinstance(screen, PlanScreen):
                screen.draw()
                return

    # What the engine says

    def on_state_moved(self, message: StateMoved) -> None:
        from plan_tui.ui import routing

        if not self.screen_stack:  # it is closing
            return
        after = message.state
        before = self.engine_side.take(after)
        if routing.is_mended(before, after) or before is None:
            self.close_problem()
        place = self._place(before, after)
        if place in (None, "setup"):
            self.begin_with_setup()
        self._note_seen_run()
        self.announce(before, after)
        if place is not None and (before is not None or place != self.current_mode):
            self.forget_typed_at_first()
            self.go(place)
        self.tell_displaced(before, after)
        problem = routing.new_problem(before, after)
        if problem is not None:
            self.show_problem(problem)
        self.wait_if_locked()
        self._draw()
        self.ask_for_rest()

    def on_pump_ended(self, message: PumpEnded) -> None:
        from plan_tui.ui import routing

        if not self.screen_stack:  # it is closing
            return
        self.begin_with_setup()
        self.announce_lost(self.engine_state)
        self.engine_side.lose(message.problem)
        self._draw()
        self.run_worker(self._read_lost(), group="lost", exclusive=True, exit_on_error=False)
        self.show_problem(routing.lost_engine(message.problem, self.engine_state))

    async def _read_lost(self) -> None:
        from plan_tui.ui.screens.base import Commanding

        await self.engine_side.read_lost(self.port)
        self._draw()
        if isinstance(self.screen, Commanding):
            self.screen.refresh_commands()

    def _place(self, before: EngineState | None, after: EngineState) -> Place | None:
        from plan_tui.contract.state import SessionState
        from plan_tui.ui import routing

        if before is not None:
            return routing.place_after(before, after)
        if self._attached:
            return None
        self._attached = True
        if after.planning is not None and after.planning.run_id == self._lost_plan:
            # Only the connection had broken: the engine still has that plan.
            self._to_build = None
        self._lost_plan = None
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
        if place != "run" and self.current_mode == "run":
            self.engine_side.unknown = None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self.current_mode != place:
            self.clear_notifications()
            self.switch_mode(place)

    def show_problem(self, problem: Problem, retry: Callable[[], object] | None = None) -> None:
        """Shows a problem on a screen of its own, in place of an earlier one.

        Args:
            problem: What to show.
            retry: What its retry does; without it, the plan is built again.
        """
        from plan_tui.ui.screens.problem import ProblemScreen

        self.retry = retry
        if isinstance(self.screen, ProblemScreen):
            self.screen.show(problem)
        else:
            self.push_screen(ProblemScreen(problem))
        self.wait_if_locked()

    def close_problem(self) -> None:
        """Closes the problem's screen, once it is mended."""
        from plan_tui.ui.screens.problem import ProblemScreen

        if isinstance(self.screen, ProblemScreen):
            self.pop_screen()

    def notify(self, message: str, *, markup: bool = False, **options: Any) -> None:
        """Shows a short message in place of the one before; nothing in it is obeyed."""
        self.clear_notifications()
        message = clean(message, keep_newlines=True)
        super().notify(message, markup=markup, **{"timeout": 3.0, **options})
