"""The app: following the engine, moving between places, leaving."""

from __future__ import annotations

from plan_tui.ui.app import PlanApp

from . import samples
from .fake_port import FakePort


def app_on(port: FakePort, **given: object) -> PlanApp:
    return PlanApp(port, clock=lambda: samples.NOW, **given)  # type: ignore[arg-type]


async def test_opens_on_setup_and_follows_the_engine(port: FakePort) -> None:
    app = app_on(port)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert app.connection.connected
        assert app.engine_state.info == samples.info()
