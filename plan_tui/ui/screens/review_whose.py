"""Whose changes they are, and which were looked at: asked of the engine, remembered by the app."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from plan_tui.contract.looks import LABELS, ORIGINS
from plan_tui.contract.origins import Labels, Origins
from plan_tui.contract.text import clean
from plan_tui.ui import messages as ask
from plan_tui.ui.screens.review_taking import TakenReview
from plan_tui.ui.widgets.change_facets import Facets, Side, completion, parsed
from plan_tui.ui.widgets.change_rows import ChangeRow
from plan_tui.ui.widgets.change_sections import CHANGED
from plan_tui.ui.widgets.facet_suggester import FacetSuggester

LOOK_CLOSER = "Labels of the changes are still being read; try again in a moment."


class WhoseReview(TakenReview):
    """The part of the review that tells mine from drift, and seen from not seen."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: Labels | None = None
        self._origins: Origins | None = None

    def on_mount(self) -> None:
        self.body.filter_input.suggester = FacetSuggester(self.complete_filter)

    def fetch_labels(self) -> None:
        """Asks what the changes are labelled with; choices of categories change nothing of it."""
        plan = self.plan_app.engine_state.plan
        plan_id = "" if plan is None else plan.plan_id
        if self._labels is None or self._labels.plan_id != plan_id:
            self._labels = None
            if plan_id:
                self.fetch(
                    lambda: self.port.look(LABELS),
                    self._take_labels,
                    group="labels",
                    on_problem=lambda problem: None,
                )
        if self._origins is not None and self._origins.plan_id != plan_id:
            side, self._origins = self.body.changes.side, None
            self.body.changes.show_side(Side.ALL)
            if plan_id and side is not Side.ALL:
                self.fetch_origins(side)
        self._show_facets()

    def _take_labels(self, labels: Labels) -> None:
        self._labels = labels
        self._show_facets()

    def fetch_origins(self, side: Side | None = None) -> None:
        """Asks whose the changes are, once somebody wants to know; then shows a side of them."""

        def take(origins: Origins) -> None:
            self._origins = origins
            self._show_facets()
            if side is not None:
                self._show_side(side)

        reference = self.plan_app.git_ref
        params = {"ref": reference} if reference else {}
        self.fetch(lambda: self.port.look(ORIGINS, **params), take, group="origins")

    @property
    def facets(self) -> Facets:
        """What is known of the changes."""
        plan = self.plan_app.engine_state.plan
        if plan is None:
            return Facets()
        known = None if self._labels is None or self._labels.plan_id != plan.plan_id else (
            self._labels.models
        )  # fmt: skip
        origins = self._origins
        current = origins is not None and origins.plan_id == plan.plan_id and not origins.problem
        return Facets(
            known,
            origins.models if origins is not None and current else None,
            self.plan_app.preferences.seen(plan.environment),
        )

    def _show_facets(self) -> None:
        self.body.changes.show_facets(self.facets)
        self._show_titles()

    def _show_titles(self) -> None:
        self.body.side_words = self._side_words
        self.body.show_titles()

    @on(Input.Changed, "#filter")
    def _filter_asks(self, message: Input.Changed) -> None:
        if parsed(message.value).needs_origins and self._origins is None:
            self.fetch_origins()

    def complete_filter(self, text: str) -> str | None:
        """The filter's text with its last word completed."""
        return completion(text, self.facets, self.body.changes.changes.rows)

    @property
    def _side_words(self) -> str:
        """What the changes are compared with, while only a side of them is shown."""
        origins, side = self._origins, self.body.changes.side
        if origins is None or side is Side.ALL:
            return ""
        return f"{side} against {clean(origins.against or '')}"

    # Seen

    def why_not(self, command_id: str) -> str | None:
        row = self.body.changes.cursor_row
        match command_id:
            case "review.seen" if row is None or row.section not in CHANGED:
                return "Only what differs from the environment can be marked as seen."
            case "review.seen" if row is not None and self.facets.change_id(row) is None:
                return LOOK_CLOSER
            case "review.next_unseen":
                return self._why_no_next()
            case "review.side" if self._origins is not None and self._origins.problem:
                return self._origins.problem
            case _:
                return super().why_not(command_id)

    def _why_no_next(self) -> str | None:
        unseen = self.unseen
        if unseen is None:
            return LOOK_CLOSER
        return None if unseen else "Every change was looked at."

    @property
    def unseen(self) -> list[ChangeRow] | None:
        """The changes that were not looked at yet; None until that is known."""
        return self.facets.unseen(self.body.changes.changes.rows)

    def action_toggle_seen(self) -> None:
        """Marks the cursor's change as looked at, or takes that back."""
        row, plan = self.body.changes.cursor_row, self.plan_app.engine_state.plan
        change = None if row is None else self.facets.change_id(row)
        if plan is None or change is None:
            return
        preferences = self.plan_app.preferences
        preferences.mark_seen(plan.environment, change, change not in self.facets.seen)
        self._show_facets()

    def action_next_unseen(self) -> None:
        """Goes to the next change that was not looked at; a filter that hides it is cleared."""
        if not self._to_unseen():
            self._show_side(Side.ALL)
            self.clear_filter()
            self._to_unseen()

    def _to_unseen(self) -> bool:
        facets, keys = self.facets, {row.key for row in self.unseen or ()}
        if facets.labels is None:
            return False
        return self.body.changes.next_of(lambda row: row.key in keys)

    def action_ask_apply(self) -> None:
        """Asks whether to apply the plan, and says what of it was not looked at."""
        unseen = self.unseen
        names = None if unseen is None else tuple(row.name for row in unseen)
        self.post_message(ask.AskApply(names))

    # Mine and drift

    def action_next_side(self) -> None:
        """Goes round all changes, those of this branch, and what the environment lags behind."""
        side = self.body.changes.side.after()
        if side is not Side.ALL and self._origins is None:
            self.fetch_origins(side)
        else:
            self._show_side(side)

    def _show_side(self, side: Side) -> None:
        origins = self._origins
        if side is not Side.ALL and origins is not None and origins.problem:
            self.notify(clean(origins.problem), severity="warning", timeout=6)
            return
        self.body.changes.show_side(side)
        self._show_titles()
        if origins is not None and side is not Side.ALL:
            self.notify(_told(side, origins), timeout=5)


def _told(side: Side, origins: Origins) -> str:
    """What a side is, and how much is on neither."""
    unknown = sum(origin.mine is None for origin in origins.models.values())
    against = clean(origins.against or "")
    if side is Side.MINE:
        words = f"Changes by files of this branch, against {against}."
    else:
        words = f"Drift: what differs by no file of this branch, against {against}."
    return f"{words} Of {unknown:,} it can't be known." if unknown else words
