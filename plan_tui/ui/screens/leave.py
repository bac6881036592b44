"""The question before leaving while something runs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from plan_tui.contract.state import EngineState, SessionState
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.widgets.footer import CommandFooter

COMMANDS = (
    Command("leave.yes", ("enter", "q", "y"), "Leave", "Leave; what runs goes on.",
            "Leave", "leave_now", footer=1),
    Command("leave.no", ("escape", "n"), "Stay", "Stay in the app.", "Leave", "dismiss", footer=2),
)  # fmt: skip

LOOK_SECONDS = 0.5
"""Between two looks at whether it goes on still."""


class LeaveScreen(PlanDialog[None]):
    """Says that what runs goes on, and how to come back."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS

    def __init__(self, state: EngineState, options: Sequence[str]) -> None:
        super().__init__()
        self._program = clean(shlex.join(("plan-tui", *options)))
        self._words = leave_words(state, self._program)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog pane") as pane:
            pane.border_title = "Leave?"
            yield Static(self._words, markup=False, id="leave-words")
            yield CommandFooter()

    def on_mount(self) -> None:
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Says so where what ran has ended while the question stands."""
        words = leave_words(self.plan_app.engine_state, self._program)
        if words != self._words:
            self._words = words
            self.query_one("#leave-words", Static).update(words)

    def action_leave_now(self) -> None:
        """Leaves."""
        self.app.exit(0)


def leave_words(state: EngineState, program: str) -> str:
    """What goes on, and how to see it again."""
    if state.state is SessionState.APPLYING and state.apply is not None:
        what = f"The apply to {clean(state.apply.environment)}"
    elif state.state is SessionState.PLANNING and state.plan is None:
        what = "Planning"
    else:
        return "What ran has ended meanwhile: escape shows how."
    wide = len(program) + len(" status")
    return (
        f"{what} goes on without this terminal.\n\n"
        f"{program:{wide}}  attaches to it again\n"
        f"{program} status  says how far it is\n"
        f"{program} cancel  cancels it"
    )
