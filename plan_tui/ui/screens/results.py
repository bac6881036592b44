"""What came of a run, over the whole screen: failures with their SQL, and what was left out."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from plan_tui.contract.errors import Problem
from plan_tui.contract.results import failures_of
from plan_tui.contract.state import ApplyProgress, RunOutcome
from plan_tui.contract.text import clean
from plan_tui.ui.clock import now_of
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.messages import RefreshPlan
from plan_tui.ui.screens.failures_dialog import FailuresDialog, copy_commands
from plan_tui.ui.screens.live_page import LivePage
from plan_tui.ui.screens.results_page import results_page
from plan_tui.ui.widgets.detail_view import DetailView

COMMANDS: tuple[Command, ...] = (
    Command("results.close", ("escape", "q", "v"), "Back", "Go back to the run.",
            "Results", "close", footer=1),
    Command("results.rest", ("ctrl+r",), "Plan the rest",
            "Build the plan again with the same options and categories: it has only what failed "
            "and what was left out, and is applied after the confirmation.",
            "Results", "plan_rest", footer=2),
    Command("results.next", ("n",), "Next failure", "Go to the next failure.",
            "Results", "step(1)", footer=10),
    Command("results.previous", ("p",), "Failure before", "Go to the failure before.",
            "Results", "step(-1)"),
    Command("results.skipped", ("s",), "Skipped", "Go to what was left out, and why.",
            "Results", "section('skipped')", footer=20),
    *copy_commands("Results", footer=30),
    Command("results.help", ("question_mark",), "Help", "Show every key of this place.",
            "App", "help", footer=80),
)  # fmt: skip


class ResultsScreen(LivePage, FailuresDialog):
    """The results of the run, also while it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Results"
    PANE = "results"
    DEFAULT_CSS = """
    ResultsScreen {
        background: $background;
        #results { height: 1fr; }
    }
    """

    @property
    def _apply(self) -> ApplyProgress | None:
        return self.plan_app.engine_side.run_state.apply

    @property
    def _failures(self) -> tuple[Problem, ...]:
        apply = self._apply
        return () if apply is None else failures_of(apply.models.values(), apply.problem)

    def draw(self, from_top: bool = False) -> None:
        """Draws the results as they are now, where anything about them moved."""
        apply, now = self._apply, now_of(self.app)
        if apply is None:
            return
        seen = (apply.run_id, apply.outcome, tuple(m.status for m in apply.models.values()))
        if seen == self._drawn:
            return
        self._drawn = seen
        pane = self.query_one("#results")
        pane.border_title = Content(f"Results of the apply to {clean(apply.environment)}")
        view = self.query_one(DetailView)
        view.show(lambda width: results_page(apply, now, width), from_top=from_top)
        self.refresh_commands()

    def is_offered(self, command_id: str) -> bool:
        apply = self._apply
        match command_id:
            case "results.rest":
                over = apply is not None and apply.outcome is not None
                return over and apply is not None and apply.outcome is not RunOutcome.SUCCEEDED
            case "results.next" | "results.previous":
                return len(self._failures) > 1
            case "results.skipped":
                summary = apply.models.values() if apply is not None else ()
                return any(model.skipped_because for model in summary)
            case _:
                return super().is_offered(command_id)

    def action_plan_rest(self) -> None:
        """Builds the plan of what is left; the review shows it."""
        self.post_message(RefreshPlan())
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        """Goes to another failure, around the ends."""
        failures, current = self._failures, self._current
        at = failures.index(current) if current in failures else -1 if by > 0 else 0
        self.query_one(DetailView).go_to(f"failure-{(at + by) % len(failures)}")
        self.refresh_commands()
