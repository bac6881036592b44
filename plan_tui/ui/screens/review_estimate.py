"""How long the plan may take and what it endangers: asked for once it is drawn or revised."""

from __future__ import annotations

from plan_tui.contract.dangers import Dangers
from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.looks import DANGERS, ESTIMATE
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

    def fetch_dangers(self) -> None:
        """Asks for the dangers that did not come with the plan."""
        plan = self.plan_app.engine_state.plan
        if plan is None:
            return

        def show(dangers: Dangers) -> None:
            self.body.show_dangers(plan, dangers)

        self.fetch(
            lambda: self.port.look(DANGERS),
            show,
            group="dangers",
            on_problem=lambda problem: None,
        )
