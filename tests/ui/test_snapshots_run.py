"""How the run looks in every state, at both sizes, with the time stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.contract.events import Event
from plan_tui.contract.plan import CancelMode
from plan_tui.ui.screens.run import RunScreen

from . import run_samples as runs
from .driving import OpenedApp, until
from .fake_port import FakePort

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


def shown(
    app: OpenedApp, port: FakePort, *keys: str, lose: bool = False, light: bool = False
) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Attaches to the run, draws all of it, then presses keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        if light:
            app.action_switch_theme()
        if lose:
            port.lose()
            await until(pilot, lambda: app.connection.lost)
            await pilot.pause()
            await pilot.press("escape")
        await pilot.pause()
        app.screen.paint()  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return run


STATES: dict[str, list[Event]] = {
    "running": runs.under_way(),
    "cancelling": [*runs.healthy(), runs.cancelling()],
    "interrupting": [*runs.healthy(), runs.cancelling(CancelMode.INTERRUPT)],
    "refused": [*runs.healthy(), runs.refused()],
    "applied": runs.applied(),
    "failed": runs.failed(),
    "cancelled": runs.cancelled(),
}


def following(port: FakePort, events: list[Event]) -> OpenedApp:
    """An app on an engine that tells these events once it is followed, so that batches are seen."""
    app = OpenedApp(port)
    connect = port.events

    def events_of(after: int) -> Any:
        stream = connect(after)
        app.call_later(lambda: port.play(*events))
        return stream

    port.events = events_of  # type: ignore[method-assign]
    return app


@SIZES
@pytest.mark.parametrize("state", STATES)
def test_run(snap_compare: Compare, port: FakePort, size: tuple[int, int], state: str) -> None:
    app = following(port, STATES[state])
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port))


@SIZES
def test_unknown(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = following(port, runs.under_way())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, lose=True))


@SIZES
def test_asking(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = following(port, runs.healthy())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, "c"))


@SIZES
@pytest.mark.parametrize("keys", ["f", "l", "j"])
def test_views(snap_compare: Compare, port: FakePort, size: tuple[int, int], keys: str) -> None:
    app = following(port, runs.under_way())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, *keys))


@SIZES
@pytest.mark.parametrize("keys", [("enter",), ("j", "enter")], ids=["failed", "running"])
def test_details(
    snap_compare: Compare, port: FakePort, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    app = following(port, runs.under_way())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, *keys))


@SIZES
def test_light(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = following(port, runs.failed())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, light=True))


@SIZES
def test_results(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = following(port, runs.failed())
    assert snap_compare(app, terminal_size=size, run_before=shown(app, port, "v"))
