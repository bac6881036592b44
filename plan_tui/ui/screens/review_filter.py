"""The filter of the change list."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from plan_tui.ui.screens.review_reach import CountedReview
from plan_tui.ui.widgets.filter_input import FilterInput


class FilteredReview(CountedReview):
    """The part of the review that follows what is typed into the filter."""

    def close_detail(self) -> bool:
        """Goes back to the list; False where one is there already."""
        raise NotImplementedError

    @on(Input.Changed, "#filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        self.body.changes.filter(message.value)
        self.body.show_titles()

    @on(Input.Submitted, "#filter")
    def action_keep_filter(self) -> None:
        """Goes back to the list with the filter kept."""
        self.body.filter_input.display = bool(self.body.changes.filter_text)
        self.body.changes.focus()

    @on(FilterInput.Moved)
    def _filter_moved(self, message: FilterInput.Moved) -> None:
        self.body.changes.action_move(message.by)

    def action_filter(self) -> None:
        """Shows where the filter is typed."""
        self.close_detail()
        self.body.filter_input.display = True
        self.body.filter_input.focus()

    def action_clear_filter(self) -> None:
        """Shows all rows again."""
        self.clear_filter()

    def clear_filter(self) -> bool:
        """Shows all rows; False where no filter was set."""
        typed = self.body.filter_input
        if not typed.display:
            return False
        typed.display = False
        typed.value = ""
        self.body.changes.filter("")
        self.body.show_titles()
        if typed.has_focus:
            self.body.changes.focus()
        return True
