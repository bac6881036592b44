"""The review between rail and footer: panel, list, detail, banner and sum."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from plan_tui.contract.dangers import Danger, Dangers
from plan_tui.contract.impact import PlanEstimate, ReachCounts
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineState, PlanFacts
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import WARNING
from plan_tui.ui.screens.dangers_words import all_dangers
from plan_tui.ui.screens.review_detail import DetailPane
from plan_tui.ui.screens.review_panel import panel_lines
from plan_tui.ui.widgets.change_list import ChangeList
from plan_tui.ui.widgets.change_rows import ChangeRow, ChangeRows, warning_count
from plan_tui.ui.widgets.filter_input import FilterInput
from plan_tui.ui.widgets.sum_line import SumLine
from plan_tui.ui.widgets.titled_pane import TitledPane


class ReviewBody(Vertical, can_focus=False):
    """Draws the state; its classes say what a narrow screen shows (``-open``, ``-full``)."""

    def __init__(self) -> None:
        super().__init__()
        self._plan: PlanOverviewStageTracker | None = None
        self._looked: tuple[Danger, ...] = ()
        self._facts: PlanFacts | None = None
        self._estimate: PlanEstimate | None = None
        self._reach: ReachCounts | None = None
        self._panel: list[Content] = []
        self._saved = False
        """Whether the plan is a saved one."""
        self.side_words = ""
        """Whose changes are shown, where not all are."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="panel"):
            yield Static(id="panel-text", markup=False)
        with Horizontal(id="panes"):
            with TitledPane(id="list-pane"):
                yield ChangeList(id="changes")
                yield FilterInput(id="filter")
            yield DetailPane(id="detail-pane")
        yield Static(id="banner", markup=False)
        yield SumLine()

    # Parts

    @property
    def changes(self) -> ChangeList:
        """The change list."""
        return self.query_one(ChangeList)

    @property
    def detail(self) -> DetailPane:
        """The detail of the list's row."""
        return self.query_one(DetailPane)

    @property
    def filter_input(self) -> FilterInput:
        """Where the filter is typed."""
        return self.query_one(FilterInput)

    @property
    def locked(self) -> str | None:
        """Why no category can be chosen any more."""
        return None if self._facts is None else self._facts.categories_locked

    # The state

    def show_state(self, state: EngineState, now: int) -> bool:
        """Draws a state; True when its plan is another one, or was revised."""
        moved = state.plan is not self._plan or state.facts is not self._facts
        if moved:
            before = None if self._plan is None else self._plan.plan_id
            self._plan, self._facts, self._estimate = state.plan, state.facts, None
            self._saved = state.info is not None and state.info.saved is not None
            if state.plan is None or state.plan.plan_id != before:
                self._looked = ()
            if self.lacks_reach:
                self._reach = None
            self.detail.forget_impacts("" if state.plan is None else state.plan.plan_id)
            self._draw_plan()
        self._draw_banner(state)
        self._draw_sum()
        self.show_panel(state, now)
        return moved

    def show_panel(self, state: EngineState, now: int) -> None:
        """Draws what stands in place of the list, or above it."""
        lines = panel_lines(state, now)
        panel, panes = self.query_one("#panel"), self.query_one("#panes")
        has_rows = bool(self.changes.changes.rows)
        panel.display = bool(lines)
        panel.set_class(not has_rows, "-alone")
        panes.display = has_rows
        if lines != self._panel:
            self._panel = lines
            self.query_one("#panel-text", Static).update(Content("\n").join(lines))

    def show_estimate(self, facts: PlanFacts, estimate: PlanEstimate) -> None:
        """Shows how long the plan may take, unless it was revised since that was asked."""
        if facts is self._facts and estimate.plan_id == facts.plan_id:
            self._estimate = estimate
            self._draw_sum()

    @property
    def lacks_reach(self) -> bool:
        """Whether it is still to be computed how far the plan's changes reach."""
        plan, reach = self._plan, self._reach
        if plan is None or not plan.changes.modified.direct:
            return False
        return reach is None or reach.plan_id != plan.plan_id

    def show_reach(self, reach: ReachCounts) -> None:
        """Shows how far each change reaches, unless another plan is under review by now."""
        if self._plan is not None and reach.plan_id == self._plan.plan_id:
            self._reach = reach
            self._draw_plan()

    def show_dangers(self, plan: PlanOverviewStageTracker, dangers: Dangers) -> None:
        """Counts what was found of this plan, and marks the rows; no more where it was replaced."""
        if plan is self._plan and dangers.plan_id == plan.plan_id:
            self._looked = dangers.dangers
            self._draw_plan()
            self._draw_sum()

    @property
    def _dangers(self) -> tuple[Danger, ...]:
        return () if self._plan is None else all_dangers(self._plan, self._looked)

    def show_choosing(self) -> None:
        """Says that the engine computes what follows from a choice."""
        self.query_one(SumLine).show_choosing()

    def show_titles(self) -> None:
        """Draws the counts of rows, of those not seen, marks and matches."""
        changes, pane = self.changes, self.query_one("#list-pane", TitledPane)
        total = len(changes.changes.rows)
        changed = changes.changes.changed_count
        marked = f" · {len(changes.marks):,} marked" if changes.marks else ""
        unseen = changes.facets.unseen(changes.changes.rows)
        left = "" if unseen is None else f" · {len(unseen):,} not seen" if unseen else " · all seen"
        side = self.side_words
        shown = f"{len(changes.shown_rows):,} of {count(total, 'row')}"
        found = f"{shown} {side}" if side else ""
        if changes.filter_text:
            found = f"{shown} match {clean(changes.filter_text)}"
        pane.show_titles(f"Changes {changed:,}{left}{marked}", found)

    def show_row(self) -> ChangeRow | None:
        """Draws the cursor's row as far as it is known; the row, when it has to be fetched."""
        row, plan = self.changes.cursor_row, self._plan
        plan_id = "" if plan is None else plan.plan_id
        self.detail.saved = self._saved
        wanted = self.detail.show_row(row, self.changes.changes, plan_id, self.locked)
        return row if wanted else None

    def _draw_plan(self) -> None:
        plan, facts = self._plan, self._facts
        if plan is None or facts is None:
            self.changes.show(ChangeRows())
            self.remove_class("-open", "-full")
        else:
            locked = facts.categories_locked is not None
            counts = None if self._reach is None else self._reach.counts
            known = plan.model_copy(update={"dangers": self._dangers})
            rows = ChangeRows.of(known, locked=locked, reach=counts, saved=self._saved)
            self.changes.show(rows)
        self.show_titles()

    def _draw_sum(self) -> None:
        warnings = 0 if self._plan is None else warning_count(self._plan)
        self.query_one(SumLine).show(self._facts, warnings, self._estimate, self._dangers)

    def _draw_banner(self, state: EngineState) -> None:
        banner, stale = self.query_one("#banner", Static), state.stale
        banner.display = stale is not None
        if stale is not None:
            words = f"  {clean(stale.title)} {clean(stale.message)}"
            banner.update(
                Content.assemble(
                    (f"{WARNING} Stale: ", "bold"),
                    ("ctrl+r", "$text-accent bold"),
                    " refreshes, your choices are kept.",
                    words.rstrip(),
                )
            )
