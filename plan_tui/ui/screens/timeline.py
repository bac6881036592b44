"""The timeline of a plan: what is there of each model, what will be filled, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from plan_tui.contract.looks import TIMELINE
from plan_tui.contract.text import clean
from plan_tui.contract.timeline import Timeline, TimelineModel
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_timeline import COMMANDS
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import SEPARATOR, WARNING
from plan_tui.ui.screens import timeline_words as words
from plan_tui.ui.screens.plan_page import LookedUpPage
from plan_tui.ui.screens.review_detail import DetailPane
from plan_tui.ui.widgets.backfill_timeline import BackfillTimeline, left_heading, summary
from plan_tui.ui.widgets.filter_input import FilterInput
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.quiet_lines import QuietLines
from plan_tui.ui.widgets.timeline_axis import axis_lines
from plan_tui.ui.widgets.titled_pane import TitledPane

NOTHING_MISSING = "This plan fills nothing: all intervals are there. o shows what is there."


class TimelineScreen(LookedUpPage[Timeline]):
    """Models down, time across, and what the interval under the cursor is."""

    CSS_PATH = "timeline.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Timeline"
    LOOK = TIMELINE
    WAITING = "Computing the timeline…"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 - as Textual has it

    def __init__(self, model: str) -> None:
        super().__init__()
        self._opened_at = model
        self._all = False

    def compose_body(self) -> Iterable[Widget]:
        with TitledPane(id="timeline-pane"):
            yield QuietLines(id="axis")
            yield QuietLines(id="ruler")
            yield BackfillTimeline(id="timeline")
            yield self.compose_waiting()
            yield FilterInput(id="filter")
        yield Static(id="legend", markup=False)
        yield QuietLines(id="reading")

    def on_mount(self) -> None:
        super().on_mount()
        self._rows.follow(self._draw_place)
        self._rows.focus()

    @property
    def _rows(self) -> BackfillTimeline:
        return self.query_one(BackfillTimeline)

    @property
    def filtered_rows(self) -> LineList:
        return self._rows

    def show_filtered(self) -> None:
        self._show_models()

    def wait(self, text: str) -> None:
        super().wait(text)
        self._draw_reading()

    def show_found(self, found: Timeline, first: bool) -> None:
        filled = {model.name for model in found.models if model.missing}
        if first and self._opened_at and self._opened_at not in filled:
            self._all = any(model.name == self._opened_at for model in found.models)
        self._show_models()
        if first and self._opened_at and self._rows.move_to(self._opened_at):
            self._rows.go_to_missing()

    def _show_models(self) -> None:
        timeline = self._found
        if timeline is None:
            return
        wanted = self._filter.casefold()
        shown = [
            model
            for model in timeline.models
            if (self._all or model.missing) and wanted in model.view_name.casefold()
        ]
        self.set_class(not shown, "-waiting")
        if not shown:
            nothing = "No model matches." if wanted else NOTHING_MISSING
            self.query_one("#waiting", Static).update(Content(nothing))
        self._rows.show(shown, timeline.now)
        self._draw_titles(timeline, shown)
        self._draw_legend()

    # Drawing

    @on(LineList.Highlighted, "#timeline")
    def _draw_place(self) -> None:
        self._draw_axis()
        self._draw_reading()

    def on_resize(self) -> None:
        self._draw_legend()
        self._draw_reading()

    def _draw_titles(self, timeline: Timeline, shown: list[TimelineModel]) -> None:
        models, intervals, batches, absurd = summary(timeline.models)
        sums = f"{count(models, 'model')}, {count(intervals, 'interval')}"
        title = f"Backfill: {sums}, {count(batches, 'batch', 'batches')}"
        if not timeline.fills:
            title = f"Missing, not filled by this plan: {count(models, 'model')}"
        if absurd:
            title += f" {SEPARATOR} {WARNING} {absurd:,} with too many"
        more = f"{len(shown):,} of {len(timeline.models):,} models shown" if self._all else ""
        if self._filter:
            more = f"{len(shown):,} match {clean(self._filter)}"
        self.query_one(TitledPane).show_titles(title, more)

    def _draw_axis(self) -> None:
        rows, timeline = self._rows, self._found
        view = rows.view
        if timeline is None or view is None or not rows.keys:
            return
        upper, lower, ruler = axis_lines(view, rows.at, timeline.now, rows.glyphs.marks)
        margin = rows.margin
        scale = f" UTC {SEPARATOR} {words.cell_words(view.cell)}".ljust(margin)[:margin]
        heading = " " + left_heading(margin - 1)
        self.query_one("#axis", QuietLines).show([(scale + upper, ""), (heading + lower, "")])
        self.query_one("#ruler", QuietLines).show([(" " * margin + ruler, "")])

    def _draw_legend(self) -> None:
        width = max(10, self.size.width - 2)
        self.query_one("#legend", Static).update(words.legend(self._rows.glyphs, width))

    def _draw_reading(self) -> None:
        rows, timeline = self._rows, self._found
        text: list[str] = []
        if timeline is not None and rows.track is not None and rows.view is not None:
            cell = rows.view.interval(rows.at)
            width = self.size.width - 2
            text = words.reading(timeline, rows.track, rows.at, cell, width)
        tones = ("strong", *("muted",) * len(text))
        self.query_one("#reading", QuietLines).show(list(zip(text, tones, strict=False)))

    # Commands

    def is_offered(self, command_id: str) -> bool:
        if command_id in ("timeline.keep_filter", "timeline.clear_filter"):
            return self._typed.has_focus
        if command_id in ("timeline.open", "timeline.back"):
            return not self._typed.has_focus
        return True

    def label_of(self, command: Command) -> str:
        if command.id == "timeline.scope" and self._all:
            return "Backfill only"
        return command.label

    def why_not(self, command_id: str) -> str | None:
        if command_id == "timeline.open" and self._rows.cursor_key is None:
            return "There is no model under the cursor."
        return None

    def action_zoom(self, by: int) -> None:
        """Looks closer or farther."""
        self._rows.action_zoom(by)

    def action_border(self, direction: int) -> None:
        """Goes to the next stretch or the one before."""
        self._rows.action_border(direction)

    def action_step(self, by: int) -> None:
        """Goes one cell later or earlier."""
        self._rows.action_step(by)

    def action_page_time(self, halves: int) -> None:
        """Goes half a view later or earlier."""
        self._rows.action_page_time(halves)

    def action_end_of_time(self, side: int) -> None:
        """Goes to the model's first or last interval."""
        self._rows.action_end_of_time(side)

    def action_fit(self) -> None:
        """Has all of time in view."""
        self._rows.action_fit()

    def action_scope(self) -> None:
        """Shows all models, or the backfill only."""
        self._all = not self._all
        self._show_models()
        self.refresh_commands()

    @on(LineList.Opened, "#timeline")
    def action_open_model(self) -> None:
        """Goes back to the review, to the cursor's model."""
        key = self._rows.cursor_key
        review = self.app.screen_stack[-2]
        self.dismiss(None)
        if key is not None:
            review.post_message(DetailPane.Followed(key))

    def action_back(self) -> None:
        """Clears the filter, or goes back to the review."""
        if not self._clear_filter():
            self.dismiss(None)
