"""The first paint: quick, and without what takes its time to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plan_tui.client.errors import EngineLost
from plan_tui.client.transport import engine_lost
from plan_tui.contract import events as ev
from plan_tui.contract.fold import fold
from plan_tui.contract.locations import ProjectKey, files_of, is_held
from plan_tui.contract.state import EngineState, SessionState
from plan_tui.ui import beginning
from plan_tui.ui.screens.places import OPENING

from . import review_samples as reviews
from . import run_samples as runs
from .driving import OpenedApp, settled, until
from .fake_port import FakePort

SLOW = ("pydantic", "httpx", "pendulum", "sqlmesh", "sqlglot", "fastapi")


def test_the_first_paint_waits_for_nothing_slow() -> None:
    code = (
        "import sys, plan_tui.ui.app, plan_tui.ui.lazy_port, plan_tui.ui.screens.opening;"
        f"print([name for name in {SLOW!r} if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "[]"


def applying() -> EngineState:
    """An engine in the middle of an apply."""
    state = EngineState()
    for event in (ev.SessionMoved(state=SessionState.APPLYING), *runs.healthy()):
        state = fold(state, event)
    return state


def attaching(port: FakePort) -> tuple[OpenedApp, list[str]]:
    """An app that finds an engine, and the places that it goes to."""
    app = OpenedApp(port)
    app.is_engine_up = lambda: True
    places: list[str] = []
    go = app.go

    def noted(place: str) -> None:
        places.append(place)
        go(place)  # type: ignore[arg-type]

    app.go = noted  # type: ignore[method-assign, assignment]
    return app, places


@pytest.mark.parametrize(
    ("state", "place"),
    [(reviews.reviewing(), "review"), (applying(), "run"), (EngineState(), "setup")],
    ids=["review", "run", "setup"],
)
async def test_what_an_engine_is_at_is_drawn_first(
    port: FakePort, state: EngineState, place: str
) -> None:
    port.current = state.model_copy(update={"info": port.current.info})
    app, places = attaching(port)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.client_state.connection == "connected")
        await until(pilot, lambda: app.current_mode == place)
        assert places == [place]


async def test_an_engine_that_does_not_answer_keeps_nobody_at_the_first_paint(
    port: FakePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "PLACE_PATIENCE", 0.01)
    port.hold("connect")
    port.current = reviews.reviewing()
    app, places = attaching(port)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.current_mode == "setup")
        port.release("connect")
        await until(pilot, lambda: app.current_mode == "review")
        assert places == ["setup", "review"]


async def test_what_is_typed_to_the_first_paint_is_not_for_a_place_that_nobody_saw(
    port: FakePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "PLACE_PATIENCE", 60.0)
    port.hold("state")
    port.current = reviews.ready()
    app, places = attaching(port)
    async with app.run_test() as pilot:
        app.simulate_key("a")
        await until(pilot, lambda: app._typed)
        port.release("state")
        await until(pilot, lambda: app.current_mode == "review")
        await settled(pilot)
        assert (places, len(app.screen_stack), len(app._typed)) == (["review"], 1, 0)
        # From then on a key is for what is seen.
        await pilot.press("a")
        await until(pilot, lambda: len(app.screen_stack) == 2)


async def test_an_engine_that_is_lost_at_once_leads_to_the_set_up(port: FakePort) -> None:
    app, places = attaching(port)
    port.errors["connect"] = EngineLost(engine_lost("It is gone.", None))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.connection.lost)
        assert app.current_mode != OPENING
        assert places[0] == "setup"


def test_an_engine_is_up_while_it_holds_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    key = ProjectKey.of((str(tmp_path),))
    assert not is_held(key)
    with files_of(key).lock.open("w") as lock:
        assert not is_held(key)
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert is_held(key)
    assert not is_held(key)
    (tmp_path / "plan-tui").chmod(0o755)
    assert not is_held(key)
