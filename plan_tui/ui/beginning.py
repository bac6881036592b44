"""The app's half that goes on from the first paint."""

from __future__ import annotations

from collections.abc import Callable

from plan_tui.ui.intents import Intents
from plan_tui.ui.screens.places import OPENING
from plan_tui.ui.typing_ahead import TypingAhead

PLACE_PATIENCE = 0.5
"""Seconds that the first paint waits for an engine that is up to say what it is at."""


def nobody() -> bool:
    """Says that no engine is up."""
    return False


class Beginning(TypingAhead, Intents, inherit_bindings=False):
    """Draws what an engine is at without the set-up before it, which would take as long again."""

    is_engine_up: Callable[[], bool] = staticmethod(nobody)
    """Whether the project has an engine already; asked once, and quick."""

    def begin(self) -> None:
        """Goes to the set-up, or where an engine that is up leads to."""
        if self.is_engine_up():
            self.set_timer(PLACE_PATIENCE, self.begin_with_setup)
            self.follow()
            return
        self.begin_with_setup()
        self.follow()

    def begin_with_setup(self) -> None:
        """Goes to the set-up, if the first paint is still there, with what was typed to it."""
        if self.current_mode == OPENING:
            self.go("setup")
            self.take_typed()

    def forget_typed_at_first(self) -> None:
        """Drops what was typed to the first paint: it was meant for the set-up.

        In a place that nobody has seen yet, nobody knows what it would do.
        """
        if self.current_mode == OPENING:
            self.forget_typed()
