"""How the review and the confirmation look, at both sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.contract.state import EngineState, RunOutcome, SessionState
from plan_tui.ui.screens.review import ReviewScreen

from . import broken_samples, impact_samples
from . import review_samples as made
from .driving import OpenedApp, until
from .fake_port import FakePort
from .test_review import STALE, building, settled, without_changes

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    monkeypatch.setattr(ReviewScreen, "PATIENCE", 0)


def driven(app: OpenedApp, *keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Goes to the review and presses keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection != "starting")
        app.go("review")
        await settled(pilot)
        await pilot.press(*keys)
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await settled(pilot)

    return run


def port_on(state: EngineState) -> FakePort:
    port = made.port_on(state)
    port.looks.update(impact_samples.looks())
    return port


def failed() -> EngineState:
    planning = made.planning(outcome=RunOutcome.FAILED, problem=made.refused())
    return made.reviewing(state=SessionState.IDLE, plan=None, facts=None, planning=planning)


CASES: dict[str, tuple[Callable[[], EngineState], tuple[str, ...]]] = {
    "list": (made.reviewing, ()),
    "detail": (made.reviewing, ("enter",)),
    "full": (made.reviewing, ("f",)),
    "filter": (made.reviewing, ("slash", "o", "r", "d")),
    "marked": (made.reviewing, ("space", "space", "space")),
    "statements": (made.reviewing, ("down", "down", "down", "down", "down", "enter")),
    "stale": (lambda: made.ready(stale=STALE), ()),
    "locked": (lambda: made.reviewing(facts=made.facts(categories_locked="An apply began.")), ()),
    "building": (building, ()),
    "failed": (failed, ()),
    "nothing": (lambda: without_changes(missing=False, new=False), ()),
    "missing": (lambda: without_changes(missing=True, new=False), ()),
    "new": (lambda: without_changes(missing=False, new=True), ()),
    "broken": (broken_samples.around_broken, ()),
    "broken-detail": (broken_samples.around_broken, ("g", "enter")),
    "confirm": (made.ready, ("a",)),
    "prod": (lambda: made.ready(plan=made.plan(environment="prod")), ("a", "p", "r")),
}


@SIZES
@pytest.mark.parametrize("case", CASES)
def test_review(snap_compare: Compare, case: str, size: tuple[int, int]) -> None:
    state, keys = CASES[case]
    app = OpenedApp(port_on(state()))
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys))


def test_light_theme(snap_compare: Compare) -> None:
    app = OpenedApp(port_on(made.reviewing()))
    assert snap_compare(app, terminal_size=(120, 40), run_before=driven(app, "f4"))
