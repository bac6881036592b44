"""What the snapshot tests of the review and its pages share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from .driving import OpenedApp, settled, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


def driven(
    app: OpenedApp, *keys: str, page: Callable[[], Screen[Any]] | None = None
) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Goes to the review, opens a page over it, and presses keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection != "starting")
        app.go("review")
        await settled(pilot)
        if page is not None:
            opened = page()
            app.push_screen(opened)
            await until(pilot, lambda: app.screen is opened)
            await settled(pilot)
        await pilot.press(*keys)
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await settled(pilot)

    return run
