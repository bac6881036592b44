"""What the pages about the plan under review share: its rail, and a filter of their rows."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from plan_tui.contract.state import EngineState, StageProgress
from plan_tui.ui.screens import review_words
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.widgets.filter_input import FilterInput
from plan_tui.ui.widgets.line_list import LineList


class PlanPage(PlanScreen):
    """A page about the plan under review, under the rail that the review has."""

    def rail_title(self, state: EngineState) -> str:
        return review_words.rail_title(state)

    def rail_stages(self, state: EngineState) -> tuple[StageProgress, ...]:
        return () if state.planning is None else state.planning.stages

    def rail_note(self, state: EngineState) -> str:
        return review_words.rail_note(state)


class FilteredPage(PlanPage):
    """A page whose rows are filtered by what is typed below them."""

    def __init__(self) -> None:
        super().__init__()
        self._filter = ""

    @property
    def filtered_rows(self) -> LineList:
        """The rows that are filtered."""
        raise NotImplementedError

    def show_filtered(self) -> None:
        """Shows the rows that the filter leaves."""
        raise NotImplementedError

    @property
    def _typed(self) -> FilterInput:
        return self.query_one(FilterInput)

    @on(Input.Changed, "#filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        self._filter = message.value
        self.show_filtered()

    @on(FilterInput.Moved)
    def _filter_moved(self, message: FilterInput.Moved) -> None:
        self.filtered_rows.action_move(message.by)

    def action_filter(self) -> None:
        """Shows where the filter is typed."""
        self._typed.display = True
        self._typed.focus()

    @on(Input.Submitted, "#filter")
    def action_keep_filter(self) -> None:
        """Goes back to the rows with the filter kept."""
        self._typed.display = bool(self._filter)
        self.filtered_rows.focus()

    def action_clear_filter(self) -> None:
        """Shows all rows again."""
        self._clear_filter()

    def _clear_filter(self) -> bool:
        """Whether there was a filter to clear."""
        if not self._typed.display:
            return False
        self._typed.display = False
        self._typed.value = ""
        self.filtered_rows.focus()
        return True
