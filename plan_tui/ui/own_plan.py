"""The plan that is reviewed in this terminal, when another one has the engine build its own."""

from __future__ import annotations

from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import EngineState, PlanningProgress, SessionState
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count


class OwnPlan:
    """An engine reviews one plan at a time, whoever asked for it: this one is kept in mind."""

    def __init__(self) -> None:
        self._expected: PlanRequest | None = None
        self._reviewed: EngineState | None = None
        """The engine with the plan that is under review here, as it was last."""
        self._lost: PlanRequest | None = None
        """What asks for the plan that lost its place, with its choices."""
        self._to_confirm = ""
        """Where the other plan goes to, until whoever would apply it was told whose it is."""

    def expect(self, request: PlanRequest) -> PlanRequest:
        """A plan is asked for here; returns its request, with choices where it lost its place."""
        lost = self._lost
        if lost is not None and _without_choices(lost) == _without_choices(request):
            request = lost
        self._expected = request
        return request

    def refused(self, request: PlanRequest) -> None:
        """What was asked for here is not built; what was asked for since may be."""
        if self._expected is request:
            self._expected = None

    @property
    def lost(self) -> PlanRequest | None:
        """What asks for the plan that lost its place, with its choices; None where none did."""
        return self._lost

    def take(self, before: EngineState | None, after: EngineState) -> str | None:
        """Sees the engine move; returns what to say where another's plan takes the place."""
        told = None
        if before is None:
            self._lost, self._to_confirm = None, ""
            if after.planning is not None and after.planning.request == self._expected:
                self._expected = None
        elif after.planning is not None and after.planning.run_id != _run_id(before):
            told = self._begun(after.planning)
        if self._lost is None and after.state is not SessionState.PLANNING:
            self._reviewed = after if after.state is SessionState.REVIEW else None
        return told

    def _begun(self, planning: PlanningProgress) -> str | None:
        expected, self._expected = self._expected, None
        if planning.request == expected:
            self._lost, self._to_confirm = None, ""
            return None
        reviewed = self._reviewed
        if reviewed is None or reviewed.planning is None:
            return None
        chosen = reviewed.facts.chosen if reviewed.facts is not None else {}
        own = reviewed.planning.request
        categories = {**(own.categories or {}), **chosen}
        self._lost = own.model_copy(update={"categories": categories or None})
        self._to_confirm = planning.environment
        kept = count(len(chosen), "category that you chose", "categories that you chose")
        return clean(
            f"Another terminal had a plan for {planning.environment} built. An engine reviews one "
            f"at a time: it took the place of the one for {reviewed.planning.environment} here. "
            f"ctrl+r in the review builds that one again{f', with {kept}' if chosen else ''}."
        )

    def before_apply(self) -> str | None:
        """What to say, once, before another's plan is applied from here."""
        environment, self._to_confirm = self._to_confirm, ""
        if not environment:
            return None
        return clean(
            f"This plan for {environment} was built from another terminal. "
            "Press a again to apply it, or ctrl+r for the one that was reviewed here."
        )


def _without_choices(request: PlanRequest) -> dict[str, object]:
    return request.model_dump(exclude={"categories"}, exclude_defaults=True)


def _run_id(state: EngineState) -> str | None:
    return None if state.planning is None else state.planning.run_id
