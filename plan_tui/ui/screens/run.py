"""The run: stages, models and log of an apply, live, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events, on
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ModelStatus,
    RunOutcome,
    RunSummary,
    StageProgress,
)
from plan_tui.ui import run_text
from plan_tui.ui.clock import now_of
from plan_tui.ui.run_stages import run_stages
from plan_tui.ui.screens.run_keys import RunKeys
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.log_view import LogView
from plan_tui.ui.widgets.progress_rows import counts_of
from plan_tui.ui.widgets.progress_table import ProgressPanel, ProgressTable
from plan_tui.ui.widgets.run_summary import RunLine, RunSummaryPane
from plan_tui.ui.widgets.stage_bars import StageBars
from plan_tui.ui.widgets.stage_rail import StageRail
from plan_tui.ui.widgets.status_bar import StatusBar

PAINT_SECONDS = 0.2
"""Progress is painted at most five times a second."""

RAIL_EVERY = 2
"""The rail is painted with every second tick: all of it changes with each of its numbers."""

LOG_EVERY = 5
"""The log repaints whole, so it is painted once a second only."""

IDLE = (
    "Nothing has been applied since the engine started.\n\n"
    "Build a plan in the environments (f1), review it, and apply it with a."
)


class RunScreen(RunKeys):
    """Stages, a row per model, a log; at the end a summary."""

    CSS_PATH = "run.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - as Textual has it

    def __init__(self) -> None:
        super().__init__()
        self._landmark: object = None
        self._ticks = 0
        self._ticker: Timer | None = None
        self._run_id: str | None = None
        self._summed_up: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield RunLine()
        yield Static(IDLE, id="idle")
        yield RunSummaryPane(id="summary")
        stages = StageBars(id="stages")
        stages.border_title = "Stages"
        models = ProgressPanel(id="models-pane")
        models.border_title = "Models"
        log = LogView(id="log")
        log.border_title = "Log"
        for pane in (stages, models, log):
            pane.add_class("pane")
            yield pane

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(ProgressTable).focus()
        self._ticker = self.set_interval(PAINT_SECONDS, self._tick)

    # The state

    def update_state(self, state: EngineState) -> None:
        """Takes a state; the rail ticks with the progress instead of with each event."""
        if self.is_mounted:
            self.query_one(StatusBar).show(state, self.plan_app.connection)
            self.show_state(state)
            self.refresh_commands()

    def show_state(self, state: EngineState) -> None:
        """Takes a state: landmarks are painted at once, progress with the next tick."""
        self._state = state
        apply = state.apply
        run = None if apply is None else (apply.run_id, apply.outcome, len(apply.models))
        left = self.plan_app.engine_side.interrupted
        landmark = (run, state.cancel, self._is_lost, self.plan_app.connection.lost, left)
        if landmark != self._landmark:
            self._landmark = landmark
            self.paint()

    def rail_title(self, state: EngineState) -> str:
        return "" if state.apply is None else state.apply.environment

    def rail_stages(self, state: EngineState) -> tuple[StageProgress, ...]:
        return run_stages(state)

    def rail_note(self, state: EngineState) -> str:
        return "" if state.apply is None else run_text.note_of(state.apply, now_of(self.app))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.paint()

    # Painting

    def _tick(self) -> None:
        if not self.is_current or not self._goes_on:
            return
        self._ticks += 1
        self.paint_progress()
        if self._ticks % LOG_EVERY == 0:
            self._paint_log()

    def paint(self) -> None:
        """Draws everything as it is now."""
        apply = self._state.apply
        self.set_class(apply is None, "-idle")
        self.set_class(self._is_over, "-over")
        self.set_class(apply is not None and not apply.models, "-no-models")
        run_id = None if apply is None else apply.run_id
        if run_id != self._run_id:
            self._begin(run_id)
        if not self._goes_on:
            self._asking = False
        self.paint_progress()
        self._paint_log()
        self._paint_summary()
        self.refresh_commands()

    def _begin(self, run_id: str | None) -> None:
        """Another run: what was looked at of the last one is forgotten."""
        self._run_id, self._asking, self._only_failed = run_id, False, False
        self.query_one(ProgressTable).begin()
        apply = self._state.apply
        empty = apply is not None and not apply.models
        self.query_one(LogView if empty else ProgressTable).focus()

    def paint_progress(self) -> None:
        apply = self._state.apply
        if apply is None:
            self.query_one(RunLine).show("")
            return
        now = now_of(self.app)
        self._paint_stages(now)
        if not self._is_lost:
            self.query_one(ProgressTable).show(apply.models, now, self._only_failed)
        self._paint_line(apply, now)
        self._paint_title(apply)

    def _paint_stages(self, now: int) -> None:
        stages = self.rail_stages(self._state)
        if self._ticks % RAIL_EVERY == 0 or not self._goes_on:
            title, note = self.rail_title(self._state), self.rail_note(self._state)
            reserve = run_text.NOTE_CELLS if self._goes_on else 0
            self.query_one(StageRail).show(title, stages, note, reserve)
        self.query_one(StageBars).show(stages, now)

    def _paint_line(self, apply: ApplyProgress, now: int) -> None:
        line, refusal = self.query_one(RunLine), run_text.refusal(self._state.cancel)
        width = self.size.width
        if self._asking:
            line.show(run_text.CONFIRM, alert=True)
        elif run_text.is_cancelling(self._state) and not self._is_lost:
            line.show(run_text.cancelling_line(self._state, now, width), alert=True)
        elif refusal is not None and self._goes_on:
            line.show(refusal, alert=True)
        else:
            line.show(run_text.total_line(apply, width), run_text.total_bar(apply))

    def _paint_title(self, apply: ApplyProgress) -> None:
        failed = counts_of(apply.models)[ModelStatus.FAILED]
        title = f"Models {len(apply.models):,}"
        if self._only_failed:
            title = f"Models, failed only: {failed:,} of {len(apply.models):,}, f shows all"
        elif failed:
            title += f", {failed:,} failed"
        pane = self.query_one("#models-pane", ProgressPanel)
        if pane.border_title != title:
            pane.border_title = title

    def _paint_log(self) -> None:
        journal = self.plan_app.journal
        self.query_one(LogView).show(journal.lines, journal.told, journal.generation)

    def _paint_summary(self) -> None:
        apply, pane = self._state.apply, self.query_one(RunSummaryPane)
        if apply is None or not self._is_over:
            pane.show(None)
            return
        if self._is_lost:
            left = self.plan_app.engine_side.interrupted
            found = not self.plan_app.connection.lost
            summary = run_text.unknown_summary(self._state, found, left)
        else:
            summary = run_text.summary_of(apply, apply.summary or RunSummary())
        pane.show(summary)
        if self._summed_up != apply.run_id:
            self._summed_up = apply.run_id
            self._focus_end(apply)

    def _focus_end(self, apply: ApplyProgress) -> None:
        """After a failure ``enter`` opens it, else it leads on; who is looking around goes on."""
        table = self.query_one(ProgressTable)
        failed = counts_of(apply.models)[ModelStatus.FAILED] > 0
        if failed and apply.outcome is RunOutcome.FAILED:
            if table.follows_top:
                table.focus()
        elif table.follows_top and self.focused is not self.query_one(LogView):
            self.query_one(RunSummaryPane).focus()

    @on(LineList.Opened, "#models")
    def _open_details(self, message: LineList.Opened) -> None:
        from plan_tui.ui.screens.batch_details import BatchDetailsScreen

        message.stop()
        self.app.push_screen(BatchDetailsScreen(message.key))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.refresh_commands()
