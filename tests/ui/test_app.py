"""The app: following the engine, moving between places, leaving."""

from __future__ import annotations

from typing import Literal

import pytest

from plan_tui.client.errors import EngineRefused
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import CancelMode, Category, PlanRequest
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    PlanFacts,
    PlanningProgress,
    ProjectState,
    RunOutcome,
    RunSummary,
    SessionState,
)
from plan_tui.ui import messages as ask
from plan_tui.ui.routing import Place
from plan_tui.ui.screens.leave import LeaveScreen
from plan_tui.ui.screens.problem import ProblemScreen

from . import samples
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

REQUEST = PlanRequest(environment="dev")
BROKEN = Problem(
    code=ProblemCode.BROKEN_PROJECT,
    title="A model can't be parsed.",
    message="Expected a name [bold]here[/bold].",
    path="models/orders.sql",
    line=14,
)


def planning(outcome: RunOutcome | None = None, run_id: str = "p1") -> EngineState:
    state = SessionState.PLANNING if outcome is None else SessionState.IDLE
    run = PlanningProgress(
        run_id=run_id, environment="dev", request=REQUEST, started=samples.NOW, outcome=outcome
    )
    return samples.idle().model_copy(update={"state": state, "planning": run})


def applying(outcome: RunOutcome | None = None) -> EngineState:
    state = SessionState.APPLYING if outcome is None else SessionState.IDLE
    run = ApplyProgress(
        run_id="a1",
        plan_id="x",
        environment="dev",
        started=samples.NOW,
        outcome=outcome,
        summary=None if outcome is None else RunSummary(),
    )
    return samples.idle().model_copy(update={"state": state, "apply": run})


async def test_opens_on_the_set_up_and_follows_the_engine(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        assert app.current_mode == "setup"
        assert app.engine_state.info == samples.info()
        port.play(ev.SessionMoved(at=samples.NOW, state=SessionState.IDLE))
        await until(pilot, lambda: app.engine_state.seq == port.current.seq)


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (samples.idle(), "setup"),
        (planning(), "review"),
        (applying(), "run"),
        (applying(RunOutcome.SUCCEEDED), "run"),
    ],
)
async def test_attaches_where_the_engine_is(state: EngineState, place: str) -> None:
    async with running(FakePort(state)) as (app, _):
        assert app.current_mode == place


async def test_an_end_that_was_seen_is_not_shown_again() -> None:
    async with running(FakePort(applying(RunOutcome.SUCCEEDED))) as (app, _):
        preferences = app.preferences
    async with running(FakePort(applying(RunOutcome.SUCCEEDED)), preferences=preferences) as (
        app,
        _,
    ):
        assert app.current_mode == "setup"


async def test_builds_the_plan_it_was_opened_with(port: FakePort) -> None:
    async with running(port, review=REQUEST) as (_, pilot):
        await until(pilot, lambda: port.called("build_plan") == [REQUEST])


async def test_a_plan_asked_for_before_the_engine_answers_is_built_then(port: FakePort) -> None:
    port.hold("connect")
    app = OpenedApp(port)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.post_message(ask.BuildPlan(REQUEST))
        await pilot.pause()
        assert port.called("build_plan") == []
        port.release("connect")
        await until(pilot, lambda: port.called("build_plan") == [REQUEST])


async def test_moves_with_the_engine_and_stays_where_a_person_went(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.jump(planning())
        await until(pilot, lambda: app.current_mode == "review")
        await pilot.press("f1")
        assert app.current_mode == "setup"
        port.play(ev.Logged(text="still planning"))
        await until(pilot, lambda: app.engine_state.log)
        assert app.current_mode == "setup"
        port.jump(planning(RunOutcome.CANCELLED))
        await until(pilot, lambda: app.engine_state.state is SessionState.IDLE)
        assert app.current_mode == "setup"


@pytest.mark.parametrize(
    ("message", "method", "argument"),
    [
        (ask.BuildPlan(REQUEST), "build_plan", REQUEST),
        (
            ask.ChooseCategories({"m": Category.BREAKING}),
            "choose",
            {"m": Category.BREAKING},
        ),
        (ask.ApplyPlan("x"), "apply_plan", "x"),
        (ask.CancelRun(), "cancel", CancelMode.GRACEFUL),
        (ask.CancelRun(CancelMode.INTERRUPT), "cancel", CancelMode.INTERRUPT),
    ],
)
async def test_messages_become_calls(
    port: FakePort, message: ask.BuildPlan, method: str, argument: object
) -> None:
    async with running(port) as (app, pilot):
        app.screen.post_message(message)
        await until(pilot, lambda: port.called(method) == [argument])


async def test_read_only_applies_nothing_and_says_so(port: FakePort) -> None:
    async with running(port, read_only=True) as (app, pilot):
        assert "read-only" in screen_text(app)
        app.screen.post_message(ask.AskApply())
        app.screen.post_message(ask.ApplyPlan("x"))
        await pilot.pause()
        assert port.called("apply_plan") == []


@pytest.mark.parametrize("place", ["setup", "review", "run"])
async def test_each_place_has_its_key(
    port: FakePort, place: Literal["setup", "review", "run"]
) -> None:
    key = {"setup": "f1", "review": "f2", "run": "f3"}[place]
    async with running(port) as (app, pilot):
        await pilot.press("f2" if place == "setup" else "f1", key)
        assert app.current_mode == place


async def test_leaves_at_once_while_nothing_runs(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def test_says_that_what_runs_goes_on(port: FakePort) -> None:
    port.jump(applying())
    async with running(port) as (app, pilot):
        await pilot.press("q")
        assert isinstance(app.screen, LeaveScreen)
        assert "The apply to dev goes on without this terminal." in screen_text(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, LeaveScreen)
        await pilot.press("q", "enter")
        await until(pilot, lambda: not app.is_running)
    assert port.called("cancel") == []


async def test_the_question_of_leaving_says_where_what_ran_has_ended(port: FakePort) -> None:
    port.jump(applying())
    async with running(port) as (app, pilot):
        await pilot.press("q")
        assert "goes on without this terminal" in screen_text(app)
        port.jump(samples.idle())
        while "What ran has ended meanwhile" not in screen_text(app):
            await pilot.pause(0.05)
        assert "goes on without" not in screen_text(app)


async def test_ctrl_c_cancels_what_runs_or_leaves(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.jump(planning())
        await until(pilot, lambda: app.engine_state.state is SessionState.PLANNING)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: port.called("cancel") == [CancelMode.GRACEFUL])
        port.jump(planning(RunOutcome.CANCELLED))
        await until(pilot, lambda: app.engine_state.state is SessionState.IDLE)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize("place", ["setup", "run"])
async def test_ctrl_c_asks_before_it_cancels_an_apply(port: FakePort, place: Place) -> None:
    port.jump(applying())
    async with running(port) as (app, pilot):
        app.go(place)
        await pilot.pause()
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.current_mode == "run")
        await until(pilot, lambda: "Cancel? Running batches finish" in screen_text(app))
        assert port.called("cancel") == []
        await pilot.press("ctrl+c")
        await until(pilot, lambda: port.called("cancel") == [CancelMode.GRACEFUL])


async def test_help_shows_every_key_of_the_place(port: FakePort) -> None:
    async with running(port, size=(120, 60)) as (app, pilot):
        await pilot.press("question_mark")
        text = screen_text(app)
        assert "Build the plan for this environment with these options." in text
        assert "Keys: Setup" in text
        await pilot.press("escape")
        assert "Keys: Setup" not in screen_text(app)


async def test_the_palette_runs_a_command_of_the_place(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await pilot.press("ctrl+p", *"find")
        await until(pilot, lambda: "Find an option" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one("OptionEditor").has_class("-open"))


async def test_the_theme_is_switched_and_remembered(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        before = app.theme
        await pilot.press("f4")
        assert app.theme != before
        assert app.preferences.theme == app.theme


# Problems


async def test_a_broken_project_is_shown_with_its_place_and_retried(port: FakePort) -> None:
    broken = samples.info(ProjectState.BROKEN, BROKEN)
    port.jump(samples.idle().model_copy(update={"info": broken}))
    async with running(port, size=(120, 40)) as (app, pilot):
        assert isinstance(app.screen, ProblemScreen)
        text = screen_text(app)
        assert "models/orders.sql:14" in text
        assert "[bold]here[/bold]" in text
        await pilot.press("r")
        await until(pilot, lambda: port.called("stop") and len(port.called("connect")) == 2)
        port.play(ev.EngineChanged(info=samples.info()))
        await until(pilot, lambda: not isinstance(app.screen, ProblemScreen))


async def test_a_mended_project_closes_its_problem(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.play(ev.EngineChanged(info=samples.info(ProjectState.BROKEN, BROKEN)))
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        port.play(ev.EngineChanged(info=samples.info()))
        await until(pilot, lambda: not isinstance(app.screen, ProblemScreen))


async def test_a_lost_engine_is_found_again(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.lose()
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        assert "engine lost" in screen_text(app)
        await pilot.press("r")
        await until(pilot, lambda: app.client_state.connection == "connected")
        await until(pilot, lambda: not isinstance(app.screen, ProblemScreen))
        port.play(ev.Logged(text="here"))
        await until(pilot, lambda: app.engine_state.log)


async def test_an_apply_whose_engine_is_lost_is_unknown_not_cancelled(port: FakePort) -> None:
    port.jump(applying())
    async with running(port, size=(120, 40)) as (app, pilot):
        port.lose()
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        text = screen_text(app)
        assert "is unknown" in text
        assert samples.info().log_path in text
        assert "ancelled" not in text
        assert app.client_state.unknown is not None


async def test_an_engine_that_does_not_start_can_be_tried_again(port: FakePort) -> None:
    problem = Problem(code=ProblemCode.ENGINE_START, title="The engine did not start.")
    port.errors["connect"] = EngineRefused(problem, 0)
    async with running(port) as (app, pilot):
        assert isinstance(app.screen, ProblemScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, ProblemScreen)
        del port.errors["connect"]
        await pilot.press("r")
        await until(pilot, lambda: app.client_state.connection == "connected")
        assert not isinstance(app.screen, ProblemScreen)


async def test_a_refused_plan_is_told_and_built_again(port: FakePort) -> None:
    problem = Problem(code=ProblemCode.UNKNOWN_MODEL, title="No such model.", nearest=("a.b",))
    port.errors["build_plan"] = EngineRefused(problem, 422)
    async with running(port) as (app, pilot):
        app.screen.post_message(ask.BuildPlan(REQUEST))
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        assert "Did you mean: a.b" in screen_text(app)
        del port.errors["build_plan"]
        await pilot.press("r")
        await until(pilot, lambda: port.called("build_plan") == [REQUEST, REQUEST])
        assert not isinstance(app.screen, ProblemScreen)


async def test_the_retry_does_what_failed_and_not_something_else(port: FakePort) -> None:
    problem = Problem(code=ProblemCode.BUSY, title="A plan is being revised.")
    port.errors["choose"] = EngineRefused(problem, 409)
    async with running(port) as (app, pilot):
        app.screen.post_message(ask.ChooseCategories({"m": Category.BREAKING}))
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        await pilot.press("r")
        await until(pilot, lambda: len(port.called("choose")) == 2)
        assert port.called("build_plan") == []


async def test_the_retry_of_a_stale_plan_builds_it_again(port: FakePort) -> None:
    problem = Problem(code=ProblemCode.STALE_PLAN, title="The plan is out of date.")
    port.jump(planning(RunOutcome.SUCCEEDED))
    port.errors["apply_plan"] = EngineRefused(problem, 409)
    async with running(port) as (app, pilot):
        app.screen.post_message(ask.ApplyPlan("x"))
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        await pilot.press("r")
        await until(pilot, lambda: port.called("build_plan") == [REQUEST])
        assert len(port.called("apply_plan")) == 1


async def test_failed_planning_is_told_and_escape_leads_to_the_options(port: FakePort) -> None:
    failure = Problem(code=ProblemCode.FAILED_TESTS, title="1 test failed.")
    async with running(port) as (app, pilot):
        port.jump(planning())
        await until(pilot, lambda: app.current_mode == "review")
        port.play(ev.PlanningEnded(run_id="p1", outcome=RunOutcome.FAILED, problem=failure))
        await until(pilot, lambda: "1 test failed." in screen_text(app))
        assert not isinstance(app.screen, ProblemScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "setup")
        assert len(app.screen_stack) == 1


async def test_a_problem_can_be_copied(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        app.show_problem(BROKEN)
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert "models/orders.sql:14" in app.clipboard


async def test_a_bug_of_a_lookup_does_not_end_the_app(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        problem = Problem(code=ProblemCode.INTERNAL, title="A bug.")
        port.errors["environments"] = EngineRefused(problem, 500)
        await pilot.press("r")
        await until(pilot, lambda: "A bug." in screen_text(app))
        assert app.is_running


def reviewing() -> EngineState:
    facts = PlanFacts(plan_id="x", chosen={"a": Category.NON_BREAKING})
    state = planning(RunOutcome.SUCCEEDED)
    return state.model_copy(update={"state": SessionState.REVIEW, "facts": facts})


async def test_a_plan_whose_engine_is_lost_is_built_again_with_its_choices() -> None:
    port = FakePort(reviewing())
    async with running(port) as (app, pilot):
        port.lose()
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        port.current = samples.idle()
        await pilot.press("r")
        await until(pilot, lambda: port.called("build_plan"))
        again = PlanRequest(environment="dev", categories={"a": Category.NON_BREAKING})
        assert port.called("build_plan") == [again]


async def test_a_plan_that_the_engine_still_has_is_not_built_again() -> None:
    port = FakePort(reviewing())
    async with running(port) as (app, pilot):
        port.lose()
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        await pilot.press("r")
        await until(pilot, lambda: app.client_state.connection == "connected")
        await settled(pilot)
        assert app.current_mode == "review"
        assert port.called("build_plan") == []


async def test_what_is_unknown_stays_in_view_until_it_is_left(port: FakePort) -> None:
    port.jump(applying())
    async with running(port, size=(120, 40)) as (app, pilot):
        port.lose()
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        port.current = samples.idle()
        await pilot.press("r")
        await until(pilot, lambda: app.client_state.connection == "connected")
        await settled(pilot)
        text = screen_text(app)
        assert "Unknown" in text
        assert "plan again: it shows what is left" in text
        assert samples.info().log_path in text
        app.clock = lambda: samples.NOW + 3_600_000
        await pilot.pause()
        assert "1h" not in screen_text(app)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
        assert port.called("build_plan") == [REQUEST]
        await pilot.press("f1", "f3")
        await settled(pilot)
        assert "Unknown" not in screen_text(app)
