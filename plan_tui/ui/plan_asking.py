"""The app's half that has plans built, among other terminals that have theirs built."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import App

# See the app: what knows the engine's types is imported after the first paint.
if TYPE_CHECKING:
    from plan_tui.client.port import EnginePort
    from plan_tui.contract.plan import PlanRequest
    from plan_tui.contract.state import EngineState
    from plan_tui.ui.own_plan import OwnPlan

PATIENCE = 0.4
"""Seconds after which it is said that a plan which was asked for has not begun."""


class PlanAsking(App[int], inherit_bindings=False):
    """Knows which plan is this terminal's own, and whether it has begun."""

    port: EnginePort
    _unanswered: int = 0
    _to_build: PlanRequest | None
    """What is asked for once the engine answers."""

    @cached_property
    def own_plan(self) -> OwnPlan:
        """The plan of this terminal, also where another's took its place."""
        from plan_tui.ui.own_plan import OwnPlan

        return OwnPlan()

    async def build(self, request: PlanRequest) -> None:
        """Has a plan built; it begins once its names were looked up."""
        self._unanswered += 1
        try:
            await self.port.build_plan(request)
        except Exception:
            self.own_plan.refused(request)
            raise
        finally:
            self._unanswered -= 1

    @property
    def awaits_plan(self) -> bool:
        """Whether the engine was asked for a plan and has not begun it."""
        return self._unanswered > 0

    @property
    def may_drop_plan(self) -> bool:
        """Whether a plan was asked for here and has not begun."""
        return self.awaits_plan or self._to_build is not None

    def tell_awaited(self) -> None:
        """Says why a plan has not begun: its names are looked up in the project first."""
        from plan_tui.ui.screens.base import Commanding

        if self.awaits_plan:
            self.notify("The plan is built once the project is loaded. c cancels it.", timeout=10)
            if isinstance(self.screen, Commanding):
                self.screen.refresh_commands()

    def tell_displaced(self, before: EngineState | None, after: EngineState) -> None:
        """Says that another terminal's plan took the place of the one that is reviewed here."""
        told = self.own_plan.take(before, after)
        if told is not None:
            self.notify(told, severity="warning", timeout=60)
