"""How the data diff looks before and after it was asked for, at both sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.ui.screens.data_diff import DataDiffScreen
from plan_tui.ui.screens.review import ReviewScreen

from . import data_diff_samples as made
from .driving import OpenedApp, settled, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    monkeypatch.setattr(ReviewScreen, "PATIENCE", 0)


def driven(app: OpenedApp, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection != "starting")
        app.go("review")
        await settled(pilot)
        app.push_screen(DataDiffScreen(made.NAME))
        await until(pilot, lambda: isinstance(app.screen, DataDiffScreen))
        await settled(pilot)
        await pilot.press(*keys)
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await settled(pilot)

    return run


@SIZES
@pytest.mark.parametrize("keys", [(), ("r",), ("w", "x")], ids=["offer", "found", "typed"])
def test_data_diff(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    app = OpenedApp(made.port_with(made.offer()))
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys))
