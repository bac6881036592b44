"""What the pages about the plan under review share: its rail, and a filter of their rows."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.content import Content
from textual.widgets import Input, Static

from plan_tui.contract.errors import Problem
from plan_tui.contract.looks import Look
from plan_tui.contract.state import EngineState, StageProgress
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.screens import review_words
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.widgets.filter_input import FilterInput
from plan_tui.ui.widgets.line_list import LineList

NO_PLAN = "There is no plan any more. Go back with escape, and build one."

Found = TypeVar("Found")


class PlanPage(PlanScreen):
    """A page about the plan under review, under the rail that the review has."""

    def rail_title(self, state: EngineState) -> str:
        return review_words.rail_title(state)

    def rail_stages(self, state: EngineState) -> tuple[StageProgress, ...]:
        return review_words.rail_stages(state)

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


class LookedUpPage(FilteredPage, Generic[Found]):
    """A page that shows what the engine finds of the plan, anew with each change of the plan."""

    LOOK: ClassVar[Look[Any]]
    """What it asks."""
    WAITING: ClassVar[str]
    """What stands there until the answer comes."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Found | None = None
        self._asked_about: tuple[object, object] = (None, None)

    def show_found(self, found: Found, first: bool) -> None:
        """Shows the answer.

        Args:
            found: The answer.
            first: Whether none was shown before.
        """
        raise NotImplementedError

    def compose_waiting(self) -> Static:
        """Where it says what it waits for, and what went wrong."""
        return Static(self.WAITING, id="waiting", markup=False)

    def show_state(self, state: EngineState) -> None:
        about = (state.plan, state.facts)
        if all(one is other for one, other in zip(about, self._asked_about, strict=True)):
            return
        self._asked_about = about
        if state.plan is None:
            self.wait(NO_PLAN)
            return
        if self._found is None:
            self.wait(self.WAITING)
        self.fetch(
            lambda: self.port.look(self.LOOK),
            self._take_found,
            group=self.LOOK.path,
            on_problem=self._show_problem,
        )

    def wait(self, text: str) -> None:
        """Shows a text in place of the rows."""
        self._found = None
        self.add_class("-waiting")
        self.query_one("#waiting", Static).update(Content(text))

    def _show_problem(self, problem: Problem) -> None:
        parts = (problem.title, problem.message, in_the_app(problem.hint))
        self.wait("\n".join(clean(part) for part in parts if part))

    def _take_found(self, found: Found) -> None:
        first = self._found is None
        self._found = found
        self.show_found(found, first)
        self.refresh_commands()
