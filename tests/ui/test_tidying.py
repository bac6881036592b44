"""What Python's collector looks at: not a plan that stays, and not while somebody types."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from plan_tui.ui import tidying
from plan_tui.ui.pump import StateMoved

from . import review_samples as samples
from .driving import OpenedApp, until


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Nothing stays out of its sight after a test."""
    yield
    gc.unfreeze()
    gc.collect()


@asynccontextmanager
async def reviewing(tidies: bool = True) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    app = OpenedApp(samples.port_on(samples.reviewing()))
    app.tidies = tidies
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.client_state.connection != "starting")
        await pilot.pause()
        yield app, pilot


class Knot:
    """A cycle, which only a collection frees."""

    def __init__(self) -> None:
        self.own = self


def another_plan(app: OpenedApp) -> None:
    """The engine has a plan that is not the one of before."""
    plan = app.engine_state.plan
    assert plan is not None
    again = plan.model_copy()
    app.post_message(StateMoved(app.engine_state.model_copy(update={"plan": again})))


async def test_what_came_with_a_plan_is_taken_out_of_sight() -> None:
    async with reviewing() as (app, pilot):
        await until(pilot, lambda: gc.get_freeze_count() > 0)
        gc.unfreeze()
        app.post_message(StateMoved(app.engine_state))  # the same plan
        await pilot.pause()
        assert gc.get_freeze_count() == 0
        another_plan(app)
        await until(pilot, lambda: gc.get_freeze_count() > 0)


async def test_a_process_of_others_is_left_alone() -> None:
    async with reviewing(tidies=False) as (app, pilot):
        another_plan(app)
        await pilot.pause()
        assert gc.get_freeze_count() == 0


async def test_what_plans_left_is_freed_once_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    async with reviewing() as (app, pilot):
        for _ in range(tidying.FEW):
            another_plan(app)
            await pilot.pause()
        knot = weakref.ref(Knot())
        gc.freeze()
        await pilot.press("j")
        app.tidy()
        assert knot() is not None
        monkeypatch.setattr(tidying, "CALM", 0.0)
        app.tidy()
        assert knot() is None
        assert gc.get_freeze_count() > 0
