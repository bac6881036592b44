"""The data of a model on both sides: what a comparison would read, then what it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from plan_tui.contract.data_diff import DataDiff, DataDiffOffer
from plan_tui.contract.errors import Problem
from plan_tui.contract.looks import DATA_DIFF, DATA_DIFF_OFFER
from plan_tui.contract.text import clean
from plan_tui.ui.commands import Command, bindings
from plan_tui.ui.commands_data_diff import COMMANDS
from plan_tui.ui.screens.data_diff_words import Shown, Wanted, data_page
from plan_tui.ui.screens.plan_page import PlanPage
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.titled_pane import TitledPane

LIMITS = (20, 50, 100, 500, 10)
SECONDS = (60, 300, 1_800, 10)
HINTS = {
    "on": "columns that tell a row, with commas; enter keeps, esc gives up",
    "where": "a condition for both sides; enter keeps, esc gives up",
}
GROUP = "data-diff"


class DataDiffScreen(PlanPage):
    """Says what would be compared, and reads it only when it is asked to."""

    CSS_PATH = "data_diff.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS)]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = COMMANDS
    HELP_TITLE = "Data diff"

    def __init__(self, model: str) -> None:
        super().__init__()
        self._model = model
        self._shown = Shown()
        self._field = ""

    def compose_body(self) -> Iterable[Widget]:
        with TitledPane(id="data-pane"):
            yield DetailView(id="data")
            yield Input(id="field", compact=True)

    def on_mount(self) -> None:
        super().on_mount()
        self._page.focus()
        self._draw_page(from_top=True)
        self.fetch(
            lambda: self.port.look(DATA_DIFF_OFFER, self._model),
            self._offered,
            group="data-diff-offer",
            on_problem=self._problem,
        )

    @property
    def _page(self) -> DetailView:
        return self.query_one("#data", DetailView)

    @property
    def _typed(self) -> Input:
        return self.query_one("#field", Input)

    # The state

    def _set(self, shown: Shown, from_top: bool = False) -> None:
        self._shown = shown
        self._draw_page(from_top)
        self.refresh_commands()

    def _draw_page(self, from_top: bool = False) -> None:
        shown = self._shown
        self._page.show(lambda width: data_page(shown, width), from_top=from_top)
        name = clean(shown.offer.view_name) if shown.offer is not None else ""
        self.query_one(TitledPane).show_titles(f"Data of {name}" if name else "Data", "")

    def _offered(self, offer: DataDiffOffer) -> None:
        self._set(replace(self._shown, offer=offer), from_top=True)

    def _problem(self, problem: Problem) -> None:
        self._set(replace(self._shown, problem=problem, running=False))

    def _compared(self, found: DataDiff) -> None:
        self._set(replace(self._shown, found=found, running=False))
        self._page.go_to("rows")

    # Commands

    def is_offered(self, command_id: str) -> bool:
        if command_id in ("data.keep", "data.give_up"):
            return self._typed.has_focus
        if command_id in ("data.run", "data.back"):
            return not self._typed.has_focus
        if command_id == "data.stop":
            return self._shown.running
        return True

    def why_not(self, command_id: str) -> str | None:
        if command_id != "data.run":
            return None
        offer, wanted = self._shown.offer, self._shown.wanted
        if self._shown.running:
            return "It is being compared."
        if offer is None:
            return "It is not known yet what there is to compare."
        if offer.refusal:
            return offer.refusal
        if not (offer.on or wanted.on):
            return "Type the key columns first, with o."
        return None

    @on(LineList.Opened, "#data")
    async def _asked_for(self) -> None:
        await self.action_command("data.run")

    def action_compare(self) -> None:
        """Reads both sides and compares them."""
        wanted = self._shown.wanted
        self._set(replace(self._shown, running=True, found=None, problem=None))
        self.fetch(
            lambda: self.port.look(
                DATA_DIFF,
                self._model,
                on=wanted.on,
                where=wanted.where,
                limit=str(wanted.limit),
                seconds=str(wanted.seconds),
            ),
            self._compared,
            group=GROUP,
            on_problem=self._problem,
        )

    def action_stop(self) -> None:
        """Stops the comparison: the engine hears that nobody waits, and drops its table."""
        self.workers.cancel_group(self, f"fetch-{GROUP}")
        self._set(replace(self._shown, running=False))
        self.notify("Stopped: its temporary table is dropped as soon as its query has ended.")

    def action_limit(self) -> None:
        """Takes the next number of rows."""
        limit = _next(LIMITS, self._shown.wanted.limit)
        self._want(replace(self._shown.wanted, limit=limit))

    def action_seconds(self) -> None:
        """Takes the next bound of time."""
        seconds = _next(SECONDS, self._shown.wanted.seconds)
        self._want(replace(self._shown.wanted, seconds=seconds))

    def _want(self, wanted: Wanted) -> None:
        self._set(replace(self._shown, wanted=wanted))

    def action_back(self) -> None:
        """Stops the comparison, and goes back to the review."""
        if self._shown.running:
            self.action_stop()
        self.dismiss(None)

    # The fields

    def action_edit(self, field: str) -> None:
        """Shows where a field is typed."""
        self._field = field
        wanted, offer = self._shown.wanted, self._shown.offer
        typed = self._typed
        typed.value = wanted.where
        if field == "on":
            typed.value = wanted.on or ", ".join(offer.on if offer is not None else ())
        typed.placeholder = HINTS[field]
        typed.display = True
        typed.focus()

    @on(Input.Submitted, "#field")
    def action_keep(self) -> None:
        """Takes what is typed."""
        value = self._typed.value.strip()
        if self._field == "on":
            self._want(replace(self._shown.wanted, on=value))
        else:
            self._want(replace(self._shown.wanted, where=value))
        self.action_give_up()

    def action_give_up(self) -> None:
        """Hides the field."""
        self._typed.display = False
        self._page.focus()
        self.refresh_commands()


def _next(values: tuple[int, ...], now: int) -> int:
    return values[(values.index(now) + 1) % len(values)]
