"""How the dangers look at both sizes, with the time stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from .driving import OpenedApp, settled
from .test_dangers import port_on, state

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@SIZES
def test_the_page_with_the_first_one_opened(
    size: tuple[int, int], snap_compare: Callable[..., bool]
) -> None:
    app = OpenedApp(port_on(state()))

    async def opened(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        app.go("review")
        await settled(pilot)
        await pilot.press("exclamation_mark")
        await settled(pilot)
        await pilot.press("g", "enter")
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=opened)
