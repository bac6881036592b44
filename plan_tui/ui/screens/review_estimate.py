"""How long the reviewed plan may take: asked for once the plan is drawn, and after each choice."""

from __future__ import annotations

from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.looks import ESTIMATE
from plan_tui.ui.screens.base import PlanScreen
from plan_tui.ui.screens.review_body import ReviewBody


class EstimatedReview(PlanScreen):
    """The part of the review that knows how long the plan may take."""

    @property
    def body(self) -> ReviewBody:
        """Everything between rail and footer."""
        return self.query_one(ReviewBody)

    def fetch_estimate(self) -> None:
        """Asks how long the plan may take; until it is known its place stays empty."""
        facts = self.plan_app.engine_state.facts
        if facts is None or not facts.batches:
            return

        def show(estimate: PlanEstimate) -> None:
            self.body.show_estimate(facts, estimate)

        self.fetch(
            lambda: self.port.look(ESTIMATE),
            show,
            group="estimate",
            on_problem=lambda problem: None,
        )
