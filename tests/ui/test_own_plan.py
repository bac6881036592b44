"""Another terminal's plan takes the place of the one under review: told, and nothing is lost."""

from __future__ import annotations

from textual.pilot import Pilot

from plan_tui.contract import events as ev
from plan_tui.contract.plan import Category, PlanRequest
from plan_tui.contract.state import RunOutcome, SessionState
from plan_tui.ui import messages as ask
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.setup import SetupScreen

from . import review_samples as made
from . import samples
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

ORDERS = made.name_of("orders")
CHOSEN = {ORDERS: Category.NON_BREAKING}
OTHER = PlanRequest(environment="other")


def port() -> FakePort:
    """A review in which a category was chosen."""
    facts = made.facts(uncategorized=(), refusal=None, chosen=CHOSEN)
    return made.port_on(made.reviewing(facts=facts))


def play_plan(port: FakePort, request: PlanRequest, run_id: str) -> None:
    """Has the engine build a plan, whoever asked for it."""
    environment = request.environment or "dev"
    port.play(
        ev.SessionMoved(state=SessionState.PLANNING),
        ev.PlanningStarted(run_id=run_id, environment=environment, request=request, stages=()),
    )
    port.play(
        ev.PlanBuilt(
            plan=made.plan(environment=environment),
            facts=made.facts(uncategorized=(), refusal=None),
        ),
        ev.SessionMoved(state=SessionState.REVIEW),
        ev.PlanningEnded(run_id=run_id, outcome=RunOutcome.SUCCEEDED),
    )


async def displaced(app: OpenedApp, pilot: Pilot[int], port: FakePort) -> None:
    app.go("review")
    await settled(pilot)
    play_plan(port, OTHER, "theirs")
    await until(pilot, lambda: "Another terminal" in screen_text(app))


async def test_it_is_said_and_built_again_with_what_was_chosen() -> None:
    engine = port()
    async with running(engine, (120, 40)) as (app, pilot):
        own = app.engine_state.planning
        assert own is not None
        await displaced(app, pilot, engine)
        (message,) = (each.message for each in app._notifications)
        assert "a plan for other built" in message
        assert "1 category that you chose" in message
        play_plan(engine, PlanRequest(environment="third"), "theirs too")
        await until(pilot, lambda: "third" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: engine.called("build_plan"))
        (again,) = engine.called("build_plan")
        assert isinstance(again, PlanRequest)
        assert again == own.request.model_copy(update={"categories": CHOSEN})
        play_plan(engine, again, "ours")
        await until(pilot, lambda: app.engine_state.planning.run_id == "ours")  # type: ignore[union-attr]
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))


async def test_whose_plan_it_is_comes_before_its_confirmation() -> None:
    engine = port()
    async with running(engine, (120, 40)) as (app, pilot):
        await displaced(app, pilot, engine)
        await settled(pilot)
        await pilot.press("a")
        await until(pilot, lambda: app.asked_for(ask.AskApply))
        await until(pilot, lambda: "Press a again" in screen_text(app))
        assert not isinstance(app.screen, ConfirmScreen)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))


async def test_a_plan_of_this_terminal_is_not_told() -> None:
    engine = port()
    async with running(engine, (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: engine.called("build_plan"))
        (request,) = engine.called("build_plan")
        assert isinstance(request, PlanRequest)
        play_plan(engine, request, "ours")
        await until(pilot, lambda: app.engine_state.planning.run_id == "ours")  # type: ignore[union-attr]
        await settled(pilot)
        assert "Another terminal" not in screen_text(app)


async def test_a_plan_that_waits_for_the_project_is_said_and_cancelled() -> None:
    engine = FakePort(samples.idle(), environments=samples.environments())
    engine.hold("build_plan")
    async with running(engine, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+r")
        await until(pilot, lambda: engine.called("build_plan"))
        app.tell_awaited()
        await until(pilot, lambda: len(app._notifications))
        (message,) = (each.message for each in app._notifications)
        assert "once the project is loaded" in message
        assert isinstance(app.screen, SetupScreen)
        await pilot.press("c")
        await until(pilot, lambda: engine.called("cancel"))
        (request,) = engine.called("build_plan")
        assert isinstance(request, PlanRequest)
        engine.release("build_plan")
        play_plan(engine, request, "ours")
        await until(pilot, lambda: app.current_mode == "review")
        app.go("setup")
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert len(engine.called("cancel")) == 1


async def test_ctrl_c_cancels_a_plan_that_waits_and_does_not_leave() -> None:
    engine = FakePort(samples.idle(), environments=samples.environments())
    engine.hold("build_plan")
    async with running(engine, (80, 24)) as (app, pilot):
        await pilot.press("ctrl+r")
        await until(pilot, lambda: engine.called("build_plan"))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: engine.called("cancel"))
        assert app.is_running


async def test_ctrl_c_leaves_while_the_engine_has_yet_to_answer() -> None:
    engine = FakePort(samples.idle(), environments=samples.environments())
    engine.hold("connect")
    app = OpenedApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: engine.called("connect") and app.current_mode == "setup")
        app.post_message(ask.BuildPlan(OTHER))
        await pilot.pause()
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)
    assert not engine.called("cancel")


async def test_c_drops_a_plan_that_waits_for_the_engine() -> None:
    engine = FakePort(samples.idle(), environments=samples.environments())
    engine.hold("connect")
    app = OpenedApp(engine, review=OTHER)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: engine.called("connect") and app.current_mode == "setup")
        await settled(pilot)
        await pilot.press("c")
        await until(pilot, lambda: not app.may_drop_plan)
        engine.release("connect")
        await until(pilot, lambda: app.client_state.connection == "connected")
        await settled(pilot)
    assert not engine.called("build_plan")


async def test_a_plan_that_makes_way_for_a_newer_one_is_not_anothers() -> None:
    engine = port()
    async with running(engine, (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        first, second = OTHER, PlanRequest(environment="second")
        own = app.own_plan
        own.expect(first)
        own.expect(second)
        own.refused(first)
        play_plan(engine, second, "ours")
        await until(pilot, lambda: app.engine_state.planning.run_id == "ours")  # type: ignore[union-attr]
        await settled(pilot)
        assert "Another terminal" not in screen_text(app)
