"""An apply whose engine died: said on the picker and on the run, and resumed with one key."""

from __future__ import annotations

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.interrupted_words import known_lines
from plan_tui.contract.state import EngineState, RunOutcome, SessionState
from plan_tui.ui.messages import AskApply, BuildPlan
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.problem import ProblemScreen
from plan_tui.ui.screens.run import RunScreen
from plan_tui.ui.widgets.run_summary import RunSummaryPane

from . import interrupted_samples as left
from . import review_samples, samples
from . import run_samples as runs
from .driving import running, screen_text, settled, until
from .fake_port import FakePort


def known(run: InterruptedRun) -> str:
    return "\n".join(known_lines(run))


def test_what_is_known_is_said() -> None:
    assert known_lines(left.INTERRUPTED) == [
        "The apply to dev was interrupted in its backfill: 20 of 55 batches are done.",
        "Left: 35 batches of 5 models: shop__dev.orders 9/13, shop__dev.order_items 4/13, "
        "shop__dev.daily_revenue 0/13 and 2 more.",
        "dev shows what it showed before; what is done is kept.",
        "Its categories are recorded, so they are fixed.",
        "2 tables are made and not used yet: shop__orders__123, shop__items__456.",
    ]


def test_an_environment_that_was_to_be_created_shows_nothing_yet() -> None:
    absent = left.INTERRUPTED.model_copy(update={"absent": True})
    assert "dev was not created yet; what is done is kept." in known_lines(absent)
    assert "showed before" not in known(absent)


def test_what_may_be_wrong_with_data_comes_first() -> None:
    lines = known_lines(left.RISKY)
    assert lines[1].startswith("The rest may insert again what is there already: shop__dev.clicks ")
    assert lines[2].startswith("May be empty, old rows deleted and new ones not written: shop__dev")
    assert "part new and part old" in lines[3]


def test_a_finalized_one_has_nothing_to_resume() -> None:
    assert not left.FINALIZED.is_resumable
    said = known(left.FINALIZED)
    assert "all but its last statements is done" in said
    assert "may not have run, or not all of them. SQLMesh runs them all again with the next" in said
    assert "sqlmesh run dev once a model is due" in said
    whole = left.FINALIZED.model_copy(update={"after_all": False})
    assert "all of it is done" in known(whole)


def test_statements_that_may_not_have_run_are_named() -> None:
    statements = ("GRANT SELECT\n  ON a TO b", f"INSERT {'x' * 80}", "c", "d", "e")
    said = known(left.FINALIZED.model_copy(update={"statements": statements}))
    named = f"not all of them: GRANT SELECT ON a TO b; INSERT {'x' * 50}...; c and 2 more. SQLMesh"
    assert named in said


def told(*given: InterruptedRun) -> EngineState:
    return samples.idle().model_copy(update={"interrupted": given})


def engine_with(*given: InterruptedRun) -> FakePort:
    return FakePort(told(*given), environments=samples.environments(), project=samples.project())


def builds(port: FakePort, **facts: object) -> None:
    """The engine builds the plan of the rest."""
    port.play(
        ev.SessionMoved(state=SessionState.PLANNING),
        ev.PlanningStarted(run_id="rest", environment="dev", request=left.REST, stages=()),
        ev.PlanBuilt(plan=review_samples.plan(), facts=review_samples.facts(**facts)),
        ev.SessionMoved(state=SessionState.REVIEW),
        ev.PlanningEnded(run_id="rest", outcome=RunOutcome.SUCCEEDED),
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_one_key_resumes_from_the_picker(size: tuple[int, int]) -> None:
    port = engine_with(left.INTERRUPTED)
    async with running(port, size=size) as (app, pilot):
        await settled(pilot)
        assert "Interrupted: dev" in screen_text(app)
        assert "20 of 55 batches" in screen_text(app)
        await pilot.press("u")
        await until(pilot, lambda: port.called("build_plan"))
        assert port.called("build_plan") == [left.REST]
        builds(port, refusal=None, uncategorized=())
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        # Nothing is applied without its confirmation.
        assert port.called("apply_plan") == []


async def test_a_plan_that_can_not_be_applied_is_reviewed_first() -> None:
    port = engine_with(left.INTERRUPTED)
    async with running(port) as (app, pilot):
        await settled(pilot)
        await pilot.press("u")
        await until(pilot, lambda: port.called("build_plan"))
        builds(port, refusal=review_samples.refused())
        await until(pilot, lambda: app.current_mode == "review")
        await settled(pilot)
        assert not app.asked_for(AskApply)


async def test_nothing_is_asked_of_another_plan() -> None:
    port = engine_with(left.INTERRUPTED)
    async with running(port) as (app, pilot):
        await settled(pilot)
        builds(port, refusal=None, uncategorized=())
        await until(pilot, lambda: app.current_mode == "review")
        await settled(pilot)
        assert not app.asked_for(AskApply)


async def test_what_is_finalized_is_told_and_has_no_key() -> None:
    port = engine_with(left.FINALIZED)
    async with running(port) as (app, pilot):
        await settled(pilot)
        assert "sqlmesh run dev" in screen_text(app)
        await pilot.press("u")
        await settled(pilot)
        assert not app.asked_for(BuildPlan)


async def test_a_lost_engine_leaves_what_the_journal_has_and_one_key() -> None:
    port = FakePort(samples.idle(), environments=samples.environments())
    port.runs = [left.recorded()]
    async with running(port) as (app, pilot):
        port.play(*runs.under_way())
        await until(pilot, lambda: app.current_mode == "run")
        port.lose()
        await until(pilot, lambda: app.connection.lost)
        await until(pilot, lambda: app.engine_side.interrupted is not None)
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        await until(pilot, lambda: "18 of 55 batches were done" in screen_text(app))
        await until(pilot, lambda: "u Resume" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await pilot.pause()
        summary = app.screen.query_one(RunSummaryPane).summary
        assert summary is not None
        assert "2 running: orders" in summary.lines[1]
        assert summary.keys[0][0] == "u"
        port.current = told(left.RISKY)
        await pilot.press("u")
        await until(pilot, lambda: port.called("build_plan"))
        (asked,) = port.called("build_plan")
        assert asked == left.REST.model_copy(update={"categories": None})


async def test_the_next_engine_says_what_it_found() -> None:
    port = FakePort(samples.idle(), environments=samples.environments())
    port.runs = [left.recorded()]
    async with running(port) as (app, pilot):
        port.play(*runs.under_way())
        await until(pilot, lambda: app.current_mode == "run")
        port.current = told(left.RISKY)
        port.lose()
        await until(pilot, lambda: app.connection.lost)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.connection.connected)
        await pilot.pause()
        pane = app.screen.query_one(RunSummaryPane)
        assert pane.border_title == "Interrupted"
        assert "May be empty" in screen_text(app)
