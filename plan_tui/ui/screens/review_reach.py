"""How far each change reaches: asked for once the plan is drawn, as it takes a while."""

from __future__ import annotations

from plan_tui.contract.looks import REACH_COUNTS
from plan_tui.ui.screens.review_estimate import EstimatedReview


class CountedReview(EstimatedReview):
    """The part of the review that knows how many models read what changed."""

    def fetch_reach(self) -> None:
        """Asks for the counts, unless they are known: categories make no difference to them."""
        if not self.body.lacks_reach:
            return
        self.fetch(
            lambda: self.port.look(REACH_COUNTS),
            self.body.show_reach,
            group="reach",
            on_problem=lambda problem: None,
        )
