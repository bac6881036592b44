"""How the history looks at both sizes, with the time stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.ui.screens.history import HistoryScreen, RecordedRunScreen

from . import history_samples as recorded
from .driving import OpenedApp, settled, until
from .fake_port import FakePort

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


def shown(app: OpenedApp, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Opens the history, then presses keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection == "connected")
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await settled(pilot)
        await pilot.press(*keys)
        if "enter" in keys:
            await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        await settled(pilot)

    return run


@SIZES
@pytest.mark.parametrize(
    "keys",
    [(), ("p", "j"), ("j", "j", "enter"), ("j", "j", "enter", "r"), ("j", "j", "enter", "b")],
    ids=["applies", "plans", "run", "review", "batches"],
)
def test_history(
    snap_compare: Compare, port: FakePort, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    port.runs = recorded.journal()
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=shown(app, *keys))


@SIZES
def test_empty(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=shown(app))
