"""One screen for each kind of problem, with a retry."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from plan_tui.contract.errors import Problem
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_common import COMMON
from plan_tui.ui.screens.base import PlanDialog


class ProblemScreen(PlanDialog[None]):
    """What happened, why, and what to do."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMON)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMON

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem

    def show(self, problem: Problem) -> None:
        """Shows another problem."""
        self.problem = problem

    def compose(self) -> ComposeResult:
        yield Static(self.problem.title, markup=False)
