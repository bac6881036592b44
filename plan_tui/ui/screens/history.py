"""The history: what was planned and applied when, how long it took and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.errors import Problem
from plan_tui.contract.history import History, RecordedDetail, RunKind
from plan_tui.contract.state import EngineState
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_history import COMMANDS, RUN_COMMANDS
from plan_tui.ui.history_words import sum_words
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens.base import MOVE_FOCUS, PlanScreen
from plan_tui.ui.screens.failure_sections import SECTIONS
from plan_tui.ui.screens.failures_dialog import FailuresDialog
from plan_tui.ui.screens.history_page import has_diffs, recorded_failures, recorded_page
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.footer import CommandFooter
from plan_tui.ui.widgets.history_list import HistoryList
from plan_tui.ui.widgets.titled_pane import TitledPane

MOST = 500
"""The newest runs that are listed."""
NOTHING = (
    "Nothing was applied to this project yet, as far as this computer's history goes.\n\n"
    "Each apply is recorded, whether it is made here or with plan-tui apply."
)


class HistoryScreen(PlanScreen):
    """The recorded runs, read from the journal: no engine has to be up."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS), *MOVE_FOCUS]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "The history"
    SHOW_RAIL = False
    DEFAULT_CSS = """
    HistoryScreen {
        #history { height: 1fr; }
        #said { display: none; padding: 1 2; color: $text-muted; }
        &.-said #said { display: block; }
        &.-said HistoryList { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plans = False
        self._ended: object = None
        self._history: History | None = None

    def compose_body(self) -> Iterable[Widget]:
        with TitledPane(id="history"):
            yield Static(id="said", markup=False)
            yield HistoryList()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TitledPane).show_titles("History")
        self.query_one(HistoryList).focus()

    def show_state(self, state: EngineState) -> None:
        """Reads the journal again once a run has begun or ended."""
        runs = (state.planning, state.apply)
        ended = tuple((run.run_id, run.outcome) if run is not None else None for run in runs)
        if ended != self._ended or self._history is None:
            self._ended = ended
            self.read_again()

    def read_again(self) -> None:
        """Reads the journal."""
        kinds = (RunKind.APPLY, RunKind.PLAN) if self._plans else (RunKind.APPLY,)
        self.fetch(
            lambda: self.port.history(kinds, MOST),
            self._show,
            group="history",
            on_problem=self._show_problem,
        )

    def _show(self, history: History) -> None:
        self._history = history
        self.set_class(not history.runs, "-said")
        self.query_one("#said", Static).update(f"{NOTHING}\n\n{clean(history.journal)}")
        self.query_one(HistoryList).show(history.runs)
        words = sum_words(len(history.runs), history.total, self._plans)
        self.query_one(TitledPane).show_titles("History", words if history.runs else "")
        self.refresh_commands()

    def _show_problem(self, problem: Problem) -> None:
        self.add_class("-said")
        said = "\n\n".join(part for part in (problem.title, problem.message, problem.hint) if part)
        self.query_one("#said", Static).update(clean(said, keep_newlines=True))
        self.query_one(HistoryList).show(())
        self.refresh_commands()

    def why_not(self, command_id: str) -> str | None:
        if command_id == "history.open" and self.query_one(HistoryList).cursor_key is None:
            return "Nothing was recorded that could be opened."
        return None

    def label_of(self, command: Command) -> str:
        if command.id == "history.plans" and self._plans:
            return "Applies only"
        return command.label

    @on(HistoryList.Opened)
    def _on_opened(self, event: HistoryList.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the run under the cursor."""
        run_id = self.query_one(HistoryList).cursor_key
        if run_id is not None:
            self.fetch(
                lambda: self.port.recorded(run_id),
                lambda detail: self.app.push_screen(RecordedRunScreen(detail)),
                group="recorded",
            )

    def action_toggle_plans(self) -> None:
        """Lists plans that were built too, or applies only."""
        self._plans = not self._plans
        self.read_again()

    def action_history(self) -> None:
        """Reads it again: one is there already."""
        self.read_again()

    def action_close(self) -> None:
        """Goes back to where one came from."""
        self.dismiss(None)


class RecordedRunScreen(FailuresDialog):
    """One recorded run over the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(RUN_COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = RUN_COMMANDS
    HELP_TITLE = "A recorded run"
    DEFAULT_CSS = """
    RecordedRunScreen {
        background: $background;
        #recorded { height: 1fr; }
    }
    """

    def __init__(self, detail: RecordedDetail) -> None:
        super().__init__()
        self._detail = detail
        self._recorded = recorded_failures(detail)

    def compose(self) -> ComposeResult:
        run = self._detail.run
        with Vertical(id="recorded", classes="pane") as pane:
            pane.border_title = Content(clean(f"{run.kind.value} {run.environment}"))
            yield DetailView()
        yield CommandFooter()

    def on_mount(self) -> None:
        view = self.query_one(DetailView)
        view.focus()
        view.show(lambda width: recorded_page(self._detail, width), from_top=True)

    def is_offered(self, command_id: str) -> bool:
        detail = self._detail
        match command_id:
            case "recorded.failures":
                return bool(self._failures)
            case "recorded.review":
                return detail.review is not None
            case "recorded.diffs":
                return has_diffs(detail)
            case "recorded.batches":
                return bool(detail.batches)
            case "recorded.models":
                return bool(detail.models)
            case "recorded.log":
                return bool(detail.log)
            case _:
                return super().is_offered(command_id)

    @property
    def _failures(self) -> Sequence[Problem]:
        return self._recorded

    def action_next_failure(self) -> None:
        """Goes to the first failure, from a failure to the next one, and around."""
        current = self._current
        view = self.query_one(DetailView)
        at_one = view.cursor_key is not None and view.cursor_key.startswith(SECTIONS)
        at = self._failures.index(current) + 1 if current is not None and at_one else 0
        view.go_to(f"failure-{at % len(self._failures)}")
        self.refresh_commands()

    def action_copy_id(self) -> None:
        """Copies the run's id, as plan-tui history takes it."""
        self.post_message(CopyText(self._detail.run.run_id, "the run's id"))
