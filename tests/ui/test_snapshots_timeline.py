"""How the timeline looks, at both sizes, on what the real engine said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.screens.timeline import TimelineScreen

from .driving import OpenedApp, settled, until
from .timeline_samples import fqn, port_with, recorded

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    monkeypatch.setattr(ReviewScreen, "PATIENCE", 0)


def driven(app: OpenedApp, model: str, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection != "starting")
        app.go("review")
        await settled(pilot)
        app.push_screen(TimelineScreen(model))
        await until(pilot, lambda: isinstance(app.screen, TimelineScreen))
        await settled(pilot)
        await pilot.press(*keys)
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await settled(pilot)

    return run


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "gap": ("timeline", "fragile", ()),
    "effective": ("timeline", "lagged", ("o",)),
    "hours": ("timeline", "clicks", ("plus",) * 7),
    "absurd": ("timeline", "sensors", ("0",)),
    "restated": ("timeline_restated", "lagged", ("o",)),
    "filter": ("timeline", "weekly", ("slash", "w")),
}


@SIZES
@pytest.mark.parametrize("case", CASES)
def test_timeline(snap_compare: Compare, case: str, size: tuple[int, int]) -> None:
    recording, model, keys = CASES[case]
    environment = "dev" if recording == "timeline_restated" else "prod"
    app = OpenedApp(port_with(recorded(recording), environment))
    assert snap_compare(app, terminal_size=size, run_before=driven(app, fqn(model), *keys))


def test_no_color(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = OpenedApp(port_with(recorded()))
    assert snap_compare(app, terminal_size=(120, 40), run_before=driven(app, fqn("lagged")))
