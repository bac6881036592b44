"""The detail beside the change list: title, category, and the page of the cursor's row."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.message import Message

from plan_tui.contract.errors import Problem
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.text import clean
from plan_tui.ui.widgets.category_selector import CategorySelector
from plan_tui.ui.widgets.change_rows import ChangeRow, ChangeRows
from plan_tui.ui.widgets.detail_page import Known, View, model_page, row_page, waiting_page
from plan_tui.ui.widgets.detail_view import DetailView, Draw
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.lines import Line
from plan_tui.ui.widgets.semantic_section import is_rendered_elsewise
from plan_tui.ui.widgets.titled_pane import TitledPane

KEPT_DETAILS = 500


class DetailPane(TitledPane, can_focus=False):
    """Shows one row; keeps the details of models that were looked at."""

    class Followed(Message):
        """A line that leads to another change was opened."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._row: ChangeRow | None = None
        self._plan_id = ""
        self._changes = ChangeRows()
        self._view = View.SEMANTIC
        self._details: OrderedDict[tuple[str, str], tuple[ChangeRow, ModelDetail]] = OrderedDict()
        self._impacts: dict[str, ModelImpact] = {}
        self._outdated: set[str] = set()
        """Keys of impacts that were computed for other categories."""
        self._no_impacts: dict[str, str] = {}
        self._turned: set[str] = set()
        """Rows whose view was chosen, so that none is offered by itself any more."""
        self._shown: str | None = None
        self._waits = False
        self.saved = False
        """Whether the plan is a saved one, in which no key asks the warehouse."""

    def compose(self) -> ComposeResult:
        yield CategorySelector()
        yield DetailView(id="detail")

    @property
    def row(self) -> ChangeRow | None:
        """The row that is shown."""
        return self._row

    @property
    def view(self) -> View:
        """What the first section shows.

        A query that is written as before and renders to another is shown rendered by itself.
        """
        row = self._row
        if row is None or self._view is not View.SEMANTIC or row.key in self._turned:
            return self._view
        rendered = is_rendered_elsewise(self._impacts.get(row.key))
        return View.RENDERED if rendered else self._view

    @property
    def lines(self) -> DetailView:
        """The page."""
        return self.query_one(DetailView)

    def show_row(
        self, row: ChangeRow | None, changes: ChangeRows, plan_id: str, locked: str | None
    ) -> bool:
        """Shows a row as far as it is known; True when its model has to be fetched.

        Args:
            row: The row under the cursor, if any.
            changes: All rows of the plan.
            plan_id: The plan they are of.
            locked: Why no category can be chosen any more.
        """
        self._row, self._plan_id, self._changes = row, plan_id, changes
        self._waits = False
        self.show_titles(row.name if row is not None else "")
        self.query_one(CategorySelector).show(row, locked)
        self._show_costs()
        if row is None:
            self._draw(None, lambda width: ())
            return False
        if not row.is_model:
            self._draw(row.key, lambda width: row_page(row, width))
            return False
        kept = self._details.get((plan_id, row.key))
        if kept is None:
            self._waits = True
            return True
        self._draw_model(row, kept[1])
        return kept[0] != row

    def detail_of(self, row: ChangeRow) -> ModelDetail | None:
        """What was fetched of a row's model, if it was."""
        kept = self._details.get((self._plan_id, row.key))
        return None if kept is None else kept[1]

    def show_waiting(self) -> None:
        """Says that the row's model is being fetched, where it still is."""
        row = self._row
        if row is not None and self._waits:
            self._draw(row.key, lambda width: waiting_page(row, "Fetching the details…", width))

    def show_detail(self, asked: ChangeRow, detail: ModelDetail) -> None:
        """Keeps what was fetched, and shows it while the cursor is still there."""
        self._details[(detail.plan_id, asked.key)] = (asked, detail)
        while len(self._details) > KEPT_DETAILS:
            self._details.popitem(last=False)
        if self._is_shown(asked) and detail.plan_id == self._plan_id:
            self._draw_model(asked, detail)

    def forget_impacts(self, plan_id: str) -> None:
        """Has it computed anew what changes mean, as the plan or its categories are others.

        Of the same plan it stays drawn until the new answer is there, so that nothing jumps.
        """
        self._outdated = {key for key, impact in self._impacts.items() if impact.plan_id == plan_id}
        self._impacts = {key: self._impacts[key] for key in self._outdated}
        self._no_impacts.clear()

    def lacks_impact(self, row: ChangeRow) -> bool:
        """Whether it is still to be computed what a row's change means."""
        return row.is_model and (row.key not in self._impacts or row.key in self._outdated)

    def impact_of(self, row: ChangeRow) -> ModelImpact | None:
        """What is known of a row's change, if it is."""
        return self._impacts.get(row.key)

    def outdate_impact(self, row: ChangeRow) -> None:
        """Has it asked again what a row's change means; what is drawn stays until then."""
        self._outdated.add(row.key)

    def show_impact(self, asked: ChangeRow, impact: ModelImpact) -> None:
        """Keeps what a change means, and shows it while the cursor is still there."""
        if impact.plan_id != self._plan_id:
            return
        self._impacts[asked.key] = impact
        self._outdated.discard(asked.key)
        self._show_costs()
        kept = self._details.get((self._plan_id, asked.key))
        if self._is_shown(asked) and kept is not None:
            self._draw_model(asked, kept[1])

    def show_no_impact(self, asked: ChangeRow, problem: Problem) -> None:
        """Says why it is not known what a change means."""
        kept = self._details.get((self._plan_id, asked.key))
        self._no_impacts[asked.key] = problem.title
        if self._is_shown(asked) and kept is not None:
            self._draw_model(asked, kept[1])

    def show_problem(self, asked: ChangeRow, problem: Problem) -> None:
        """Says why there are no details."""
        if self._is_shown(asked):
            self._waits = False
            words = "\n".join(clean(text) for text in (problem.title, problem.message) if text)
            self._draw(asked.key, lambda width: waiting_page(asked, words, width))

    def next_view(self) -> None:
        """Goes round semantic diff, text diff, rendered diff and query."""
        self._view = self.view.after()
        if self._row is not None:
            self._turned.add(self._row.key)
            kept = self._details.get((self._plan_id, self._row.key))
            if kept is not None:
                self._draw_model(self._row, kept[1])
                self.lines.go_to("diff")

    def on_line_list_opened(self, message: LineList.Opened) -> None:
        message.stop()
        if key := self.lines.opened_by(message.key):
            self.post_message(self.Followed(key))

    def _show_costs(self) -> None:
        """Has the choices of the row tell what each costs, as far as that is known."""
        row = self._row
        impact = self._impacts.get(row.key) if row is not None else None
        self.query_one(CategorySelector).show_costs(impact)

    def _is_shown(self, asked: ChangeRow) -> bool:
        return self._row is not None and self._row.key == asked.key

    def _draw_model(self, row: ChangeRow, detail: ModelDetail) -> None:
        view, known, impact = self.view, self._knows, self._impacts.get(row.key)
        problem, saved = self._no_impacts.get(row.key, ""), self.saved

        def draw(width: int) -> Sequence[Line]:
            return model_page(detail, row, view, width, known, impact, problem, saved=saved)

        self._waits = False
        self._draw(f"{row.key}+", draw)

    @property
    def _knows(self) -> Known:
        rows = self._changes.rows
        return lambda key: key in rows

    def _draw(self, page: str | None, draw: Draw) -> None:
        """Draws a page; from its top where it is another one."""
        self.lines.show(draw, from_top=page != self._shown)
        self._shown = page
