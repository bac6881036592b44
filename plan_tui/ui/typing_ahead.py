"""The app's half that takes keys one by one, so that typing ahead loses nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual import events
from textual.app import App

from plan_tui.ui.screens.places import OPENING

TYPING_PATIENCE = 1.0
"""Seconds that a key waits for a field to take what was typed before it."""


class TypingAhead(App[int], inherit_bindings=False):
    """Handles a key before it looks at the next one.

    Textual hands each key to the widget that has the focus when it comes in, and runs its
    binding a few turns later: what is typed in one go would reach the old place.
    """

    async def on_event(self, event: events.Event) -> None:
        key = event if isinstance(event, events.Key) and not event.is_forwarded else None
        if key is not None and self.current_mode != OPENING and await self._bound(key):
            return
        await super().on_event(event)

    async def _bound(self, event: events.Key) -> bool:
        """Runs the key's binding, once the field before it has taken all that was typed."""
        from textual.widgets import Input

        field = self.focused
        if isinstance(field, Input) and event.is_printable:
            return False
        if isinstance(field, Input):
            typed = asyncio.Event()
            if field.call_later(typed.set):
                with suppress(TimeoutError):
                    await asyncio.wait_for(typed.wait(), TYPING_PATIENCE)
        return await self._check_bindings(event.key, True) or await self._check_bindings(event.key)
