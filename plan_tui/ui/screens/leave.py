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


class LeaveScreen(PlanDialog[None]):
    """Says that what runs goes on, and how to come back."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS

    def __init__(self, state: EngineState, options: Sequence[str]) -> None:
        super().__init__()
        self._state, self._program = state, clean(shlex.join(("plan-tui", *options)))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog pane") as pane:
            pane.border_title = "Leave?"
            yield Static(leave_words(self._state, self._program), markup=False)
            yield CommandFooter()

    def action_leave_now(self) -> None:
        """Leaves."""
        self.app.exit(0)


def leave_words(state: EngineState, program: str) -> str:
    """What goes on, and how to see it again."""
    if state.state is SessionState.APPLYING and state.apply is not None:
        what = f"The apply to {clean(state.apply.environment)}"
    else:
        what = "Planning"
    wide = len(program) + len(" status")
    return (
        f"{what} goes on without this terminal.\n\n"
        f"{program:{wide}}  attaches to it again\n"
        f"{program} status  says how far it is\n"
        f"{program} cancel  cancels it"
    )
