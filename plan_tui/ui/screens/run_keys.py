"""What can be done on the run screen, when, and why not."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.plan import CancelMode, PlanRequest
from plan_tui.contract.state import ApplyProgress, EngineState, ModelStatus, StageName
from plan_tui.ui import run_text
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_run import COMMANDS
from plan_tui.ui.messages import BuildPlan, CancelRun, OpenSetup, RefreshPlan, ResumeRun, Retry
from plan_tui.ui.refill import refill_request
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.widgets.progress_rows import counts_of
from plan_tui.ui.widgets.progress_table import ProgressTable
from plan_tui.ui.widgets.run_summary import RunSummaryPane


class RunKeys(PlanScreen):
    """The commands of a run; the screen itself draws."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Run"

    def __init__(self) -> None:
        super().__init__()
        self._state = EngineState()
        self._asking = False
        self._only_failed = False

    def paint_progress(self) -> None:
        """Draws what moves."""
        raise NotImplementedError

    # The state

    @property
    def _is_lost(self) -> bool:
        """Whether the run's engine went away, though another one may have been found."""
        return self.plan_app.engine_side.unknown is not None

    def state_to_show(self) -> EngineState:
        return self.plan_app.engine_side.run_state

    @property
    def _is_over(self) -> bool:
        apply = self._state.apply
        return apply is not None and (apply.outcome is not None or self._is_lost)

    @property
    def _goes_on(self) -> bool:
        return self._state.apply is not None and not self._is_over

    # Commands

    def is_offered(self, command_id: str) -> bool:
        match command_id:
            case "run.confirm" | "run.withdraw":
                return self._asking
            case "run.cancel":
                return self._goes_on
            case "run.again":
                return self._is_over
            case "run.resume":
                return self.resumable is not None
            case "run.refill":
                return self._is_over and self._refill is not None
            case "run.results":
                return self._has_results and not self._asking
            case "run.details" if self.focused is self.query_one(RunSummaryPane):
                return False
            case "run.details" | "run.log" | "run.failed":
                return self._state.apply is not None and not self._asking
            case "run.back":
                return not self._asking
            case _:
                return True

    def why_not(self, command_id: str) -> str | None:
        apply = self._state.apply
        if command_id == "run.failed" and apply is not None and not self._only_failed:
            none = counts_of(apply.models)[ModelStatus.FAILED] == 0
            return "No model has failed." if none else None
        if command_id == "run.cancel" and run_text.is_cancelling(self._state):
            return self._no_interrupt()
        return None

    def _no_interrupt(self) -> str | None:
        cancel, info = self._state.cancel, self._state.info
        if cancel is not None and cancel.mode is CancelMode.INTERRUPT:
            return "The running queries are being interrupted already."
        if info is not None and not info.interruptible:
            return (
                f"Running queries can't be interrupted on {info.engine_type or 'this warehouse'}: "
                "the run ends with the batches at work."
            )
        return None

    def label_of(self, command: Command) -> str:
        match command.id:
            case "app.quit" if self._goes_on:
                return "Leave, it goes on"
            case "run.cancel" if run_text.is_cancelling(self._state):
                return "Interrupt"
            case "run.failed" if self._only_failed:
                return "All models"
            case "run.again" if self.plan_app.connection.lost:
                return "Find the engine"
            case _:
                return command.label

    def action_cancel(self) -> None:
        """Asks; asked already, cancels; cancelling already, interrupts."""
        if run_text.is_cancelling(self._state):
            self.post_message(CancelRun(CancelMode.INTERRUPT))
        elif self._asking or _is_past_return(self._state.apply):
            self.action_confirm_cancel()
        else:
            self._ask(True)

    def action_confirm_cancel(self) -> None:
        """Cancels gracefully."""
        self._ask(False)
        self.post_message(CancelRun(CancelMode.GRACEFUL))

    def action_withdraw_cancel(self) -> None:
        """Lets the run go on."""
        self._ask(False)

    def _ask(self, asking: bool) -> None:
        self._asking = asking
        self.paint_progress()
        self.refresh_commands()

    def action_failed_only(self) -> None:
        """Shows failed models only, or all of them."""
        self._only_failed = not self._only_failed
        self.paint_progress()
        self.refresh_commands()

    def action_toggle_log(self) -> None:
        """Gives the log more room, or less."""
        self.toggle_class("-log-large")

    def action_plan_again(self) -> None:
        """Builds the plan again, or looks for a lost engine."""
        self.post_message(Retry() if self.plan_app.connection.lost else RefreshPlan())

    @property
    def resumable(self) -> InterruptedRun | None:
        """What is known of the run whose engine was lost, where it can be resumed."""
        run = self.plan_app.engine_side.interrupted
        return run if self._is_lost and run is not None and run.is_resumable else None

    def action_resume(self) -> None:
        """Plans what is left of it."""
        if self.resumable is not None:
            self.post_message(ResumeRun(self.resumable))

    @property
    def _refill(self) -> PlanRequest | None:
        return None if self._state.apply is None else refill_request(self._state.apply)

    def action_refill(self) -> None:
        """Builds the plan that fills what may be empty."""
        if self._refill is not None:
            self.post_message(BuildPlan(self._refill))

    @property
    def _has_results(self) -> bool:
        """Whether it is over, or anything has failed already."""
        apply = self._state.apply
        failed = apply is not None and counts_of(apply.models)[ModelStatus.FAILED] > 0
        return failed or self._is_over

    def action_results(self) -> None:
        """Shows what came of the run, as far as it is."""
        from plan_tui.ui.screens.results import ResultsScreen

        self.app.push_screen(ResultsScreen())

    def action_back(self) -> None:
        """Goes to the environments."""
        self.post_message(OpenSetup())

    def action_details(self) -> None:
        """Opens the model under the cursor."""
        self.query_one(ProgressTable).action_open()


def _is_past_return(apply: ApplyProgress | None) -> bool:
    """Whether the run is where the engine refuses a cancel, and says why: there is no question."""
    begun = {s.name for s in apply.stages if s.meta is not None} if apply is not None else set()
    return not begun.isdisjoint({StageName.RESTATE, StageName.PROMOTE})
