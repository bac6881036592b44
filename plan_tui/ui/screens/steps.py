"""What the apply will run, step by step, in SQLMesh's own order of stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from plan_tui.contract.looks import STEP_SQL, STEPS
from plan_tui.contract.steps import PlannedStep, PlannedSteps, StepSql
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_steps import COMMANDS
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens import review_words
from plan_tui.ui.screens import steps_words as words
from plan_tui.ui.screens.plan_page import LookedUpPage
from plan_tui.ui.screens.step_sql import StepSqlScreen
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.filter_input import FilterInput
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.lines import Line
from plan_tui.ui.widgets.titled_pane import TitledPane

NARROW = 90
"""Cells below which the models' names stand only in what is done."""


class StepsScreen(LookedUpPage[PlannedSteps]):
    """Each step of the apply, and the way to its SQL."""

    CSS_PATH = "steps.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "What will run"
    LOOK = STEPS
    WAITING = "Listing the steps…"

    def __init__(self, model: str) -> None:
        super().__init__()
        self._opened_at = model
        self._deferred = False

    def compose_body(self) -> Iterable[Widget]:
        with TitledPane(id="steps-pane"):
            yield DetailView(id="steps")
            yield self.compose_waiting()
            yield FilterInput(id="filter")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()

    @property
    def _list(self) -> DetailView:
        return self.query_one("#steps", DetailView)

    @property
    def _step(self) -> PlannedStep | None:
        """The step under the cursor, where it has SQL."""
        key = self._list.cursor_key
        wanted = "" if key is None else self._list.opened_by(key)
        steps = () if self._found is None else self._found.steps
        return next((step for step in steps if step.id == wanted), None)

    @property
    def filtered_rows(self) -> LineList:
        return self._list

    def show_filtered(self) -> None:
        self._show_steps()

    def show_found(self, found: PlannedSteps, first: bool) -> None:
        self.remove_class("-waiting")
        self._show_steps(from_top=first)
        if first:
            self._go_to_model(self._opened_at)

    def _show_steps(self, from_top: bool = False) -> None:
        steps = self._found
        if steps is None:
            return
        shown = words.shown_steps(steps, self._filter, self._deferred)
        saved = review_words.saved_file(self.plan_app.engine_state) is not None
        notes = [each if saved else in_the_app(each) for each in steps.notes]
        notes += ["No step matches."] if steps.steps and not shown else []

        def page(width: int) -> list[Line]:
            return words.steps_page(shown, notes, width, width < NARROW)

        self._list.show(page, from_top=from_top)
        more = "after the promotion only" if self._deferred else ""
        if self._filter:
            more = f"{len(shown):,} match {clean(self._filter)}"
        self.query_one(TitledPane).show_titles(words.title(steps, shown), more)

    def _go_to_model(self, model: str) -> None:
        """Stands on the first step of a model."""
        steps = () if self._found is None else self._found.steps
        first = next((step.id for step in steps if step.model == model and step.has_sql), None)
        for line in self._list.page_lines:
            if first is not None and line.opens == first:
                self._list.move_to(line.key)

    # Commands

    def is_offered(self, command_id: str) -> bool:
        if command_id in ("steps.keep_filter", "steps.clear_filter"):
            return self._typed.has_focus
        if command_id in ("steps.open", "steps.back"):
            return not self._typed.has_focus
        return True

    def label_of(self, command: Command) -> str:
        if command.id == "steps.deferred" and self._deferred:
            return "All steps"
        return command.label

    def why_not(self, command_id: str) -> str | None:
        if command_id in ("steps.open", "steps.copy") and self._step is None:
            return "This step writes SQLMesh's own state only: it has no SQL to show."
        listed = () if self._found is None else self._found.steps
        deferred = self._deferred or any(step.deferred for step in listed)
        if command_id == "steps.deferred" and not deferred:
            return "Nothing is deferred to after the promotion."
        return None

    @on(LineList.Opened, "#steps")
    def action_open_step(self) -> None:
        """Shows the SQL of the step under the cursor."""
        step = self._step
        if step is not None:
            self.app.push_screen(StepSqlScreen(step))

    def action_copy_sql(self) -> None:
        """Copies the SQL of the step under the cursor."""
        step = self._step
        if step is not None:
            self.fetch(
                lambda: self.port.look(STEP_SQL, step=step.id), self._copied, group="copied-sql"
            )

    def _copied(self, sql: StepSql) -> None:
        if sql.statements:
            self.post_message(CopyText(words.sql_text(sql), "the SQL"))
        else:
            self.notify(clean(" ".join(sql.notes)) or "It runs no SQL.", markup=False)

    def action_stage(self, by: int) -> None:
        """Goes to the first step of the next stage, or of the one before."""
        lines = self._list.page_lines
        starts = [at + 1 for at, line in enumerate(lines) if line.heading and line.text]
        at = next((at for at, x in enumerate(lines) if x.key == self._list.cursor_key), 0)
        ahead = [start for start in starts if start > at]
        behind = [start for start in starts if start < at]
        target = ahead[:1] if by > 0 else behind[-1:]
        if target:
            self._list.move_to(lines[target[0]].key)

    def action_deferred(self) -> None:
        """Shows what runs after the promotion only, or all steps."""
        self._deferred = not self._deferred
        self._show_steps()
        self.refresh_commands()

    def action_back(self) -> None:
        """Clears the filter, or goes back to the review."""
        if not self._clear_filter():
            self.dismiss(None)
