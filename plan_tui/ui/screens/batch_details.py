"""One model of a run: its failure with the SQL, what it is at, and its batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from plan_tui.contract.state import BatchRecord, ModelProgress
from plan_tui.contract.text import clean
from plan_tui.ui.clock import now_of
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens.batch_details_page import details_page
from plan_tui.ui.screens.live_page import LivePage
from plan_tui.ui.widgets.detail_view import DetailView

COMMANDS: tuple[Command, ...] = (
    Command("details.close", ("escape", "q"), "Back", "Go back to the run.",
            "Model", "close", footer=1),
    Command("details.failure", ("f",), "Failure", "Go to why it failed.",
            "Model", "section('failure')", footer=10),
    Command("details.sql", ("s",), "SQL", "Go to the statement that failed.",
            "Model", "section('sql')", footer=20),
    Command("details.batches", ("b",), "Batches", "Go to the finished batches.",
            "Model", "section('batches')", footer=30),
    Command("details.copy", ("y",), "Copy SQL", "Copy the statement that failed.",
            "Model", "copy_sql", footer=40),
    Command("details.help", ("question_mark",), "Help", "Show every key of this place.",
            "App", "help", footer=80),
)  # fmt: skip


class BatchDetailsScreen(LivePage):
    """A model of the run over the whole screen, as it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "A model of the run"
    PANE = "details"
    DEFAULT_CSS = """
    BatchDetailsScreen {
        background: $background;
        #details { height: 1fr; }
    }
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._model_name = name

    @property
    def _model(self) -> ModelProgress | None:
        apply = self.plan_app.engine_state.apply
        return None if apply is None else apply.models.get(self._model_name)

    @property
    def _batches(self) -> Sequence[BatchRecord]:
        return self.plan_app.journal.batches(self._model_name)

    def draw(self, from_top: bool = False) -> None:
        """Draws the model as it is now, where anything about it moved."""
        model, batches, now = self._model, tuple(self._batches), now_of(self.app)
        if model is None:
            return
        seen = (model, len(batches), now if model.running else 0)
        if seen == self._drawn:
            return
        self._drawn = seen
        self.query_one("#details").border_title = Content(clean(model.view_name))
        self.query_one(DetailView).show(
            lambda width: details_page(model, batches, now, width), from_top=from_top
        )
        self.refresh_commands()

    def is_offered(self, command_id: str) -> bool:
        model = self._model
        failure = None if model is None else model.failure
        match command_id:
            case "details.failure":
                return failure is not None
            case "details.sql" | "details.copy":
                return failure is not None and bool(failure.sql)
            case _:
                return True

    def why_not(self, command_id: str) -> str | None:
        if command_id == "details.batches" and not self._batches:
            return "No batch has ended while this terminal watched."
        return None

    def action_close(self) -> None:
        """Goes back to the run."""
        self.dismiss(None)

    def action_section(self, name: str) -> None:
        """Shows a section from its heading on."""
        self.query_one(DetailView).go_to(name)

    def action_copy_sql(self) -> None:
        """Copies the statement that failed."""
        model = self._model
        if model is not None and model.failure is not None and model.failure.sql:
            self.post_message(CopyText(model.failure.sql, "the SQL"))
