"""What all places and dialogs share: commands, state, look-ups, header and footer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.worker import WorkType

from plan_tui.client.errors import ClientError
from plan_tui.client.port import EnginePort
from plan_tui.contract.command_line import program_with, with_program
from plan_tui.contract.errors import Problem
from plan_tui.contract.state import EngineState, StageProgress
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import MOVING
from plan_tui.ui.messages import LeaveApp, OpenSetup
from plan_tui.ui.routing import Place
from plan_tui.ui.saved_keys import is_useless, why_useless
from plan_tui.ui.widgets.footer import CommandFooter
from plan_tui.ui.widgets.stage_rail import StageRail
from plan_tui.ui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from plan_tui.ui.app import PlanApp

T = TypeVar("T")
Answer = TypeVar("Answer")

MOVE_FOCUS: list[BindingType] = [
    Binding("tab", "app.focus_next", "Next", show=False),
    Binding("shift+tab", "app.focus_previous", "Previous", show=False),
]


class Commanding(Screen[T]):
    """A screen whose keys come from the table of commands."""

    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = ()
    """The commands of this screen; its ``BINDINGS`` are made from the same table."""

    HELP_TITLE: ClassVar[str] = ""
    """What the help calls this place."""

    ESCAPE_TO_MINIMIZE: ClassVar[bool | None] = False

    @property
    def plan_app(self) -> PlanApp:
        """The app, with its own type."""
        return self.app  # type: ignore[return-value]

    @property
    def port(self) -> EnginePort:
        """The engine; for look-ups only, commands go to the app as messages."""
        return self.plan_app.port

    async def on_event(self, event: events.Event) -> None:
        # One that is closed before it was composed has no widget to show anything in.
        closes = self._pruning or self._closing
        if not closes or isinstance(event, events.Unmount):
            await super().on_event(event)

    def commands(self) -> Iterable[Command]:
        """The commands of this screen, in the table's order."""
        return self.COMMANDS_TABLE

    def offered(self) -> list[Command]:
        """The commands that footer, help and palette show: none that can do nothing here."""
        state = self.plan_app.engine_state
        return [each for each in self.commands() if not is_useless(each.id, state)]

    def why_not(self, command_id: str) -> str | None:
        """Why a command can't be done now, in a sentence, or None when it can."""
        return None

    def is_offered(self, command_id: str) -> bool:
        """False while a command has no meaning here: its key falls through, the footer drops it."""
        return True

    def label_of(self, command: Command) -> str:
        """The footer's words for a command, which may follow the state."""
        return command.label

    def in_full(self, text: str) -> str:
        """A text with commands that lead to this project in place of those it mentions."""
        return with_program(text, clean(program_with(self.plan_app.command_prefix)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command":
            return self.is_offered(str(parameters[0]))
        return True

    async def action_command(self, command_id: str) -> None:
        """Does a command of the table, or says why it can't be done."""
        if not self.is_offered(command_id):
            return
        reason = why_useless(command_id, self.plan_app.engine_state) or self.why_not(command_id)
        if reason is not None:
            self.notify(self.in_full(reason), severity="warning", markup=False)
            return
        command = next(each for each in self.commands() if each.id == command_id)
        await self.app.run_action(command.action, self)

    def refresh_commands(self) -> None:
        """Draws the footer again, after what can be done may have changed."""
        with suppress(NoMatches):
            self.query_one(CommandFooter).refresh_commands()

    def fetch(
        self,
        lookup: Callable[[], Awaitable[Answer]],
        on_result: Callable[[Answer], object],
        *,
        group: str,
        delay: float = 0.0,
        on_problem: Callable[[Problem], object] | None = None,
    ) -> None:
        """Asks the engine something; a later look-up of the same group takes its place.

        Args:
            lookup: What to ask, called once the delay is over.
            on_result: Takes the answer, in this screen's own turn.
            group: A later look-up of the same group replaces this one.
            delay: Seconds to wait first, while a person types.
            on_problem: Takes the problem instead of the app's own way to show it.
        """

        async def run() -> None:
            if delay:
                await asyncio.sleep(delay)
            try:
                answer = await lookup()
            except ClientError as error:
                if on_problem is not None:
                    hint = self.in_full(error.problem.hint)
                    problem = error.problem.model_copy(update={"hint": hint})
                    self.call_later(self._take, on_problem, problem)
                else:
                    again = partial(self.fetch, lookup, on_result, group=group)
                    self.call_later(self._take, self.plan_app.show_problem, error.problem, again)
            else:
                self.call_later(self._take, on_result, answer)

        # Not a coroutine: one that is replaced before it starts would never be awaited.
        work: WorkType[None] = run
        self.run_worker(work, group=f"fetch-{group}", exclusive=True, exit_on_error=False)

    def _take(self, take: Callable[..., object], *answer: object) -> None:
        """Takes an answer, unless the app ends: its widgets go one by one then."""
        if self.app.is_running:
            take(*answer)

    async def action_help(self) -> None:
        """Shows every key of this screen."""
        from plan_tui.ui.screens.help import HelpScreen

        own = self.offered()
        taken = {key for each in own for key in each.keys}
        moving = [each for each in MOVING if taken.isdisjoint(each.keys)]
        self.app.push_screen(HelpScreen(self.HELP_TITLE, (*own, *moving)))

    def action_leave(self) -> None:
        """Leaves the app, after a question while something runs."""
        self.post_message(LeaveApp())

    def action_stop_or_leave(self) -> None:
        """Cancels what runs; when nothing runs, leaves."""
        self.plan_app.stop_or_leave()

    def action_history(self) -> None:
        """Opens the history over this place."""
        from plan_tui.ui.screens.history import HistoryScreen

        self.app.push_screen(HistoryScreen())

    def action_go(self, place: Place) -> None:
        """Goes to a place."""
        if place == "setup":
            self.plan_app.post_message(OpenSetup())
        else:
            self.plan_app.go(place)


class PlanScreen(Commanding[None], inherit_bindings=False):
    """A place of the app: header, rail, body, footer."""

    BINDINGS: ClassVar[list[BindingType]] = MOVE_FOCUS
    SHOW_RAIL: ClassVar[bool] = True

    def compose(self) -> ComposeResult:
        yield StatusBar()
        if self.SHOW_RAIL:
            yield StageRail()
        yield from self.compose_body()
        yield CommandFooter()

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between rail and footer."""
        return ()

    def show_state(self, state: EngineState) -> None:
        """Draws what this place shows of the state; called after each fold and on resume."""

    def rail_title(self, state: EngineState) -> str:
        """The words before the rail's stages."""
        return ""

    def rail_stages(self, state: EngineState) -> tuple[StageProgress, ...]:
        """The stages on the rail."""
        return ()

    def rail_note(self, state: EngineState) -> str:
        """The words at the rail's right end."""
        return ""

    def update_state(self, state: EngineState) -> None:
        """Draws header, rail, body and footer; called by the app."""
        if not self.is_mounted:
            return
        self.query_one(StatusBar).show(state, self.plan_app.connection)
        if self.SHOW_RAIL:
            self.query_one(StageRail).show(
                self.rail_title(state), self.rail_stages(state), self.rail_note(state)
            )
        self.show_state(state)
        self.refresh_commands()

    def state_to_show(self) -> EngineState:
        """What this place draws from."""
        return self.plan_app.engine_state

    def draw(self) -> None:
        """Draws the place as everything is now."""
        self.update_state(self.state_to_show())

    def on_screen_resume(self) -> None:
        self.draw()

    def on_mount(self) -> None:
        self.draw()


class PlanDialog(Commanding[T], ModalScreen[T], inherit_bindings=False):
    """A question or text over a place."""

    BINDINGS: ClassVar[list[BindingType]] = MOVE_FOCUS
