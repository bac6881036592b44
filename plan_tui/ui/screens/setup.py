"""The environments and the options of a plan."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_setup import COMMANDS
from plan_tui.ui.screens.base import PlanScreen


class SetupScreen(PlanScreen):
    """The environment picker beside the form of dates and options."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Setup"
    SHOW_RAIL = False
