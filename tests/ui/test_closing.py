"""Screens and an app that close at the worst moment: nothing is raised, and no question is void."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.screen import Screen

from plan_tui.contract import events as ev
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import EngineState, RunOutcome, SessionState
from plan_tui.ui.pump import PumpEnded, StateMoved
from plan_tui.ui.screens.base import Commanding
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.history import HistoryScreen
from plan_tui.ui.screens.leave import LeaveScreen
from plan_tui.ui.screens.problem import ProblemScreen

from . import review_samples, samples
from .driving import running, settled, until
from .fake_port import FakePort
from .test_app import BROKEN

REQUEST = PlanRequest(environment="dev")


def reviewed() -> EngineState:
    return review_samples.ready()


@pytest.mark.parametrize(
    "screen",
    [
        lambda: ConfirmScreen(reviewed()),
        lambda: LeaveScreen(samples.idle(), ()),
        lambda: ProblemScreen(BROKEN),
        HistoryScreen,
    ],
    ids=["confirm", "leave", "problem", "history"],
)
async def test_a_screen_that_closes_before_it_is_composed_raises_nothing(
    screen: Callable[[], Screen[None]],
) -> None:
    async with running(FakePort(reviewed())) as (app, pilot):
        await settled(pilot)
        app.push_screen(screen())
        app.pop_screen()
        await settled(pilot)
        assert len(app.screen_stack) == 1


async def test_an_answer_that_comes_while_the_app_ends_is_dropped() -> None:
    taken: list[int] = []

    async def answer() -> int:
        return len(taken) + 1

    async with running(FakePort(reviewed())) as (app, pilot):
        await settled(pilot)
        assert isinstance(app.screen, Commanding)
        app.screen.fetch(answer, taken.append, group="first")
        await settled(pilot)
        # As at the end: its widgets go one by one from here on.
        app._running = False
        app.screen.fetch(answer, taken.append, group="second")
        await settled(pilot)
    assert taken == [1]


async def test_what_comes_after_the_end_raises_nothing(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await settled(pilot)
    app.on_state_moved(StateMoved(samples.idle()))
    app.on_pump_ended(PumpEnded(BROKEN))
    assert app.screen_stack == []


async def test_a_plan_that_is_on_the_screen_is_left_without_a_question(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.play(
            ev.SessionMoved(state=SessionState.PLANNING),
            ev.PlanningStarted(run_id="one", environment="dev", request=REQUEST, stages=()),
        )
        await until(pilot, lambda: app.current_mode == "review")
        await pilot.press("q")
        assert isinstance(app.screen, LeaveScreen)
        await pilot.press("escape")
        port.play(ev.PlanBuilt(plan=review_samples.plan(), facts=review_samples.facts()))
        await until(pilot, lambda: app.engine_state.plan is not None)
        assert app.engine_state.state is SessionState.PLANNING
        assert app.engine_state.planning is not None
        assert app.engine_state.planning.outcome is not RunOutcome.SUCCEEDED
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
