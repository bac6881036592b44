"""The SQL of one step, over the steps."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from plan_tui.contract.errors import Problem
from plan_tui.contract.looks import STEP_SQL
from plan_tui.contract.steps import PlannedStep, StepSql
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_steps import SQL_COMMANDS
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.screens.steps_words import sql_page, sql_text
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.footer import CommandFooter


class StepSqlScreen(PlanDialog[None]):
    """What a step will run, formatted for the warehouse."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SQL_COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = SQL_COMMANDS
    HELP_TITLE = "SQL of a step"
    DEFAULT_CSS = """
    StepSqlScreen {
        background: $background;
        #sql-pane { height: 1fr; }
    }
    """

    def __init__(self, step: PlannedStep) -> None:
        super().__init__()
        self._step = step
        self._sql: StepSql | None = None
        self._problem: Problem | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="sql-pane", classes="pane") as pane:
            pane.border_title = Content(clean(self._step.view_name) or "SQL")
            yield DetailView()
        yield CommandFooter()

    def on_mount(self) -> None:
        self.query_one(DetailView).focus()
        self._draw_page()
        self.fetch(
            lambda: self.port.look(STEP_SQL, step=self._step.id),
            self._show,
            group="step-sql",
            on_problem=self._show_problem,
        )

    def _show(self, sql: StepSql) -> None:
        self._sql = sql
        self._draw_page()
        self.refresh_commands()

    def _show_problem(self, problem: Problem) -> None:
        self._problem = problem
        self._draw_page()

    def _draw_page(self) -> None:
        step, sql, problem = self._step, self._sql, self._problem
        page = self.query_one(DetailView)
        page.show(lambda width: sql_page(step, sql, problem, width), from_top=True)

    def why_not(self, command_id: str) -> str | None:
        if command_id == "sql.copy" and not (self._sql and self._sql.statements):
            return "There is no SQL to copy."
        return None

    def action_close(self) -> None:
        """Goes back to the steps."""
        self.dismiss(None)

    def action_copy_sql(self) -> None:
        """Copies all statements."""
        if self._sql is not None:
            self.post_message(CopyText(sql_text(self._sql), "the SQL"))
