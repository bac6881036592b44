"""What the cursor's change means: asked for as it is looked at, a seed's rows by a key only."""

from __future__ import annotations

from plan_tui.contract.errors import Problem
from plan_tui.contract.impact import SeedRows
from plan_tui.contract.looks import IMPACT, SEED_ROWS
from plan_tui.contract.text import clean
from plan_tui.ui.screens.review_whose import WhoseReview
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.change_sections import Section

READING = "Reading the seed's rows of before…"
SEED = "SEED"


class MeantReview(WhoseReview):
    """The part of the review that knows what the cursor's change means."""

    def fetch_impact(self) -> None:
        """Asks what the change under the cursor means, unless that is known."""
        row, detail = self.body.changes.cursor_row, self.body.detail
        if row is None or not detail.lacks_impact(row):
            return
        reference = self.plan_app.git_ref
        params = {"ref": reference} if reference else {}
        self.fetch(
            lambda: self.port.look(IMPACT, row.key, **params),
            lambda impact: detail.show_impact(row, impact),
            group="impact",
            on_problem=lambda problem: detail.show_no_impact(row, problem),
        )

    @property
    def has_rows_to_compare(self) -> bool:
        """Whether the cursor's seed may have other rows, and nobody had them compared."""
        row = self.body.changes.cursor_row
        if row is None or row.kind != SEED or row.section is not Section.DIRECT:
            return False
        impact = self.body.detail.impact_of(row)
        return impact is None or (impact.seed is not None and not impact.seed.compared)

    def compare_rows(self, row: ChangeRow) -> None:
        """Has a seed's rows of before read; the detail shows what came of it."""
        self.notify(READING, timeout=2)

        def show(rows: SeedRows) -> None:
            self.body.detail.outdate_impact(row)
            self.fetch_impact()

        def show_problem(problem: Problem) -> None:
            parts = (problem.title, problem.message)
            words = " ".join(clean(part) for part in parts if part)
            self.notify(words, severity="warning", markup=False)

        self.fetch(
            lambda: self.port.look(SEED_ROWS, row.key),
            show,
            group="seed-rows",
            on_problem=show_problem,
        )
