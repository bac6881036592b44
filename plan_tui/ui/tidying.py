"""The app's half that keeps Python's collector out of the way of a key.

A plan with 1,000 changes is a heap that stays as long as the plan, and each full collection goes
through all of it, a tenth of a second in which no key is answered. So what came with a plan is
taken out of the collector's sight, and looked through when nobody has typed for a while.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

if TYPE_CHECKING:
    from plan_tui.ui.pump import StateMoved

LOOK = 15.0
"""Seconds between two looks at whether anybody types."""
CALM = 10.0
"""Seconds without a key after which all is looked through."""
FEW = 3
"""Plans whose leavings are no matter; each leaves only what points at itself."""


class Tidying(App[int], inherit_bindings=False):
    """Collects what plans leave while nobody waits."""

    tidies = False
    """Whether the process is the app's alone."""
    _kept: object = None
    """The plan that is out of the collector's sight."""
    _left = 0
    """How many plans came since all was looked through."""
    _typed_at = 0.0

    def on_mount(self) -> None:
        if self.tidies:
            self.set_interval(LOOK, self.tidy)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste)):
            self._typed_at = time.monotonic()
        await super().on_event(event)

    def on_state_moved(self, message: StateMoved) -> None:
        plan = message.state.plan
        if self.tidies and plan is not None and plan is not self._kept:
            self._kept = plan
            self._left += 1
            self.call_after_refresh(gc.freeze)

    def tidy(self) -> None:
        """Looks through what plans left, if nobody has typed for a while."""
        if self._left > FEW and time.monotonic() - self._typed_at > CALM:
            self._left = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()
