"""The app's half that takes keys one by one, so that typing ahead loses nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from textual import events
from textual.app import App
from textual.widget import Widget

from plan_tui.ui.screens.places import OPENING

TYPING_PATIENCE = 1.0
"""Seconds that a key waits for what the keys before it asked for."""
ROUNDS = 8
"""How often a key waits at most: each page that opens may move the focus once more."""


class TypingAhead(App[int], inherit_bindings=False):
    """Handles a key once all that the keys before it asked for is done.

    Textual looks at a key when it comes in, with the page and the focus of that moment. A page
    that the key before opened has no widgets yet then, and a focus that it moved has not moved:
    what is typed in one go, or on a busy machine just fast, would be lost or reach the old place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        """What came in and waits."""
        self._rounds = 0
        """How often the first of them has waited."""
        self._takes = False
        """Whether it is going to be looked at."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
        elif self._typed or self.message_queue_size or self._is_moving:
            self._typed.append(event)
            self.take_typed()
        else:
            await self._handle(event)

    @property
    def _is_moving(self) -> bool:
        """Whether the page on the screen has yet to do something."""
        if self.current_mode == OPENING:
            return True
        return any(node.message_queue_size or not node.is_mounted for node in self._taking_part())

    def _taking_part(self) -> Iterator[Widget]:
        """The widget that has the focus, and all that it is in, up to its page."""
        for node in (self.focused or self.screen).ancestors_with_self:
            if isinstance(node, Widget):
                yield node

    def take_typed(self) -> None:
        """Goes on with what waits, behind all messages that the app has now."""
        if self._typed and not self._takes and self.current_mode != OPENING:
            self._takes = self.call_later(self._take)

    def forget_typed(self) -> None:
        """Drops what waits."""
        self._typed.clear()

    async def _take(self) -> None:
        self._takes = False
        if not self._typed or not self.screen_stack:  # forgotten, or it is closing
            return
        if self._is_moving and self._rounds < ROUNDS:
            self._rounds += 1
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._settle(), TYPING_PATIENCE)
        else:
            self._rounds = 0
            await self._handle(self._typed.popleft())
        self.take_typed()

    async def _settle(self) -> None:
        """Waits until the page has done all that it was told, from the inside out."""
        for node in tuple(self._taking_part()):
            done = asyncio.Event()
            if node.call_later(done.set):
                await done.wait()

    async def _handle(self, event: events.Key | events.Paste) -> None:
        if not isinstance(event, events.Key) or not await self._bound(event):
            await super().on_event(event)

    async def _bound(self, event: events.Key) -> bool:
        """Runs the key's binding; False where it has none, or is a letter for a field."""
        from textual.widgets import Input

        if isinstance(self.focused, Input) and event.is_printable:
            return False
        return await self._check_bindings(event.key, True) or await self._check_bindings(event.key)
