"""A database that another process holds: it is tried again by itself, and nothing is lost."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import EngineRefused
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import Category, PlanRequest
from plan_tui.contract.state import ProjectState, RunOutcome, SessionState
from plan_tui.ui.messages import ApplyPlan
from plan_tui.ui.screens.problem import ProblemScreen
from plan_tui.ui.screens.setup import SetupScreen
from plan_tui.ui.waiting import Backoff

from . import review_samples, samples
from .driving import OpenedApp, running, screen_text, until
from .fake_port import FakePort

LOCKED = Problem(
    code=ProblemCode.LOCKED_DATABASE,
    title="The DuckDB file lake.duckdb is in use by process 4711 (duckdb lake.duckdb).",
    hint="Let process 4711 finish, or close it.",
)
REFUSED = EngineRefused(LOCKED, 409)


def test_tries_are_ever_rarer_and_never_end() -> None:
    backoff = Backoff()
    due = [tick for tick in range(1, 61) if backoff.is_due()]
    assert due == [1, 2, 4, 7, 12, 20, 30, 40, 50, 60]


def shows_lock(app: OpenedApp) -> bool:
    return isinstance(app.screen, ProblemScreen)


async def tries(app: OpenedApp, pilot: Pilot[int], port: FakePort, method: str) -> None:
    """Lets time pass until a method is called once more."""
    before = len(port.called(method))

    def called() -> bool:
        app.look_again()
        return len(port.called(method)) > before

    await until(pilot, called)


async def test_the_environments_come_once_the_file_is_free(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        await until(pilot, lambda: setup.draft.environment)
        draft = setup.draft
        port.errors["environments"] = REFUSED
        await pilot.press("r")
        await until(pilot, lambda: shows_lock(app))
        text = " ".join(screen_text(app).split())
        assert "process 4711" in text
        assert "It is tried again by itself" in text
        await tries(app, pilot, port, "environments")
        await tries(app, pilot, port, "environments")
        assert shows_lock(app)
        del port.errors["environments"]
        await tries(app, pilot, port, "environments")
        await until(pilot, lambda: not shows_lock(app))
        assert setup.draft == draft
        asked = len(port.called("environments"))
        for _ in range(30):
            app.look_again()
        await pilot.pause()
        assert len(port.called("environments")) == asked


@pytest.mark.parametrize("method", ["apply_plan", "choose"])
async def test_what_was_asked_of_a_plan_is_done_once_the_file_is_free(
    port: FakePort, method: str
) -> None:
    port.errors[method] = REFUSED
    async with running(port) as (app, pilot):
        port.jump(review_samples.ready())
        await until(pilot, lambda: app.current_mode == "review")
        plan = app.engine_state.plan
        if method == "choose":
            await pilot.press("n")
        else:
            app.post_message(ApplyPlan("p1"))
        await until(pilot, lambda: shows_lock(app))
        (asked,) = port.called(method)
        await tries(app, pilot, port, method)
        assert shows_lock(app)
        del port.errors[method]
        await tries(app, pilot, port, method)
        await until(pilot, lambda: not shows_lock(app))
        assert port.called(method) == [asked] * 3
        assert app.current_mode == "review"
        assert app.engine_state.plan is plan


async def test_who_closes_the_problem_waits_for_nothing(port: FakePort) -> None:
    port.errors["apply_plan"] = REFUSED
    async with running(port) as (app, pilot):
        port.jump(review_samples.ready())
        await until(pilot, lambda: app.current_mode == "review")
        app.post_message(ApplyPlan("p1"))
        await until(pilot, lambda: shows_lock(app))
        await pilot.press("escape")
        await until(pilot, lambda: not shows_lock(app))
        asked = len(port.called("apply_plan"))
        for _ in range(30):
            app.look_again()
        await pilot.pause()
        assert len(port.called("apply_plan")) == asked


async def test_a_plan_is_built_with_its_choices_once_the_file_is_free(port: FakePort) -> None:
    request = PlanRequest(environment="dev", categories={"shop.a": Category.BREAKING})
    async with running(port) as (app, pilot):
        port.play(
            ev.SessionMoved(state=SessionState.PLANNING),
            ev.PlanningStarted(run_id="r1", environment="dev", request=request, stages=()),
            ev.SessionMoved(state=SessionState.IDLE),
            ev.PlanningEnded(run_id="r1", outcome=RunOutcome.FAILED, problem=LOCKED),
        )
        await until(pilot, lambda: "process 4711" in screen_text(app))
        assert "It is tried again by itself" in screen_text(app)
        await tries(app, pilot, port, "build_plan")
        (asked,) = port.called("build_plan")
        assert isinstance(asked, PlanRequest)
        assert (asked.environment, asked.categories) == ("dev", request.categories)


async def test_a_project_that_could_not_be_loaded_is_loaded_by_the_same_engine(
    port: FakePort,
) -> None:
    async with running(port) as (app, pilot):
        broken = samples.info(ProjectState.BROKEN).model_copy(update={"problem": LOCKED})
        port.errors["environments"] = REFUSED
        port.play(ev.EngineChanged(info=broken))
        await until(pilot, lambda: shows_lock(app))
        await tries(app, pilot, port, "environments")
        assert shows_lock(app)
        await pilot.press("r")
        del port.errors["environments"]
        await tries(app, pilot, port, "environments")
        port.play(ev.EngineChanged(info=samples.info()))
        await until(pilot, lambda: not shows_lock(app))
        assert port.called("stop") == []
