"""The monkey at the keyboard again, with a real engine on a real project behind the app."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from plan_tui.client.api import SocketPort
from plan_tui.contract.locations import ProjectKey, files_of
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import RunOutcome, SessionState
from plan_tui.engine.session import Session
from plan_tui.ui.app import PlanApp
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.review import ReviewScreen
from tests.engine import hosting
from tests.engine.conftest import shop, template
from tests.engine.hosting import HostedEngine, hosted
from tests.engine.projects import Project
from tests.faults.test_any_key import FIRST_SEED, KEYS, press_all
from tests.soaking import long

__all__ = ["shop", "template"]


class Held(PlanApp):
    """An app that notes that it was left, and stays."""

    left = 0

    def exit(self, *args: object, **given: object) -> None:
        self.left += 1


async def until(pilot: Pilot[int], true: Callable[[], object]) -> None:
    """Lets app and engine work until something is so."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        await pilot.pause(0.02)


def stopped_working(engine: HostedEngine) -> None:
    """Cancels what the keys began, and waits for its end."""
    engine.cancel()
    deadline = time.monotonic() + 60
    while engine.state.state in (SessionState.PLANNING, SessionState.APPLYING):
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def assert_alive(app: Held, pilot: Pilot[int]) -> None:
    """Whatever the engine does, every place can be reached, and the help opens."""
    await pilot.resize_terminal(120, 40)
    for key, mode in (("f1", "setup"), ("f2", "review")):
        for _ in range(8):
            await pilot.press("escape")
        await pilot.press(key)
        await until(pilot, lambda mode=mode: app.current_mode == mode)
    await pilot.press("question_mark")
    await until(pilot, lambda: type(app.screen).__name__ == "HelpScreen")


@pytest.mark.timeout(7_200)
@long
@pytest.mark.parametrize("seed", [FIRST_SEED])
async def test_any_key_at_any_time_on_a_real_engine(
    shop: Project, runtime: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed: list[str] = []
    applied: list[str] = []
    apply, confirm = Session.apply, ConfirmScreen.action_apply

    async def noted(session: Session, plan_id: str) -> None:
        applied.append(plan_id)
        await apply(session, plan_id)

    def confirming(screen: ConfirmScreen) -> None:
        assert screen._asked.plan is not None
        confirmed.append(screen._asked.plan.plan_id)
        confirm(screen)

    monkeypatch.setattr(Session, "apply", noted)
    monkeypatch.setattr(ConfirmScreen, "action_apply", confirming)
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    monkeypatch.chdir(shop.root)
    shop.edit("models/stores.sql", "'north'", "'south'")
    # The app finds this engine where it finds any other.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    key = ProjectKey.of((str(shop.root),))
    monkeypatch.setattr(hosting, "files_in", lambda directory: files_of(key))
    with hosted(shop, runtime) as engine:
        engine.plan("dev")
        app = Held(SocketPort(key, start=False), review=PlanRequest(environment="dev"))
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await until(pilot, lambda: app.client_state.connection == "connected")
            await press_all(app, pilot, seed, 4 * KEYS)
            await assert_alive(app, pilot)
            PlanApp.exit(app)
        stopped_working(engine)
        assert engine.plan("dev").outcome is RunOutcome.SUCCEEDED
    assert set(applied) <= set(confirmed)
    assert len(applied) <= len(confirmed)
