"""``plan-tui resume``: what is left of an interrupted apply is told, and done only with a yes."""

from __future__ import annotations

import json

import pytest

from plan_tui.contract import routes
from plan_tui.contract.interrupted import InterruptedRun, ModelLeft
from plan_tui.contract.lookup import ProjectInfo
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine

REST = PlanRequest(environment="dev", plan_dates=PlanDates(start="2024-01-01 00:00:00"))
INTERRUPTED = InterruptedRun(
    run_id="r1",
    environment="dev",
    started=samples.START,
    last_heard=samples.START,
    stage="backfill",
    request=REST,
    batches_done=1,
    batches_total=3,
    left=(ModelLeft(name="orders", view_name="shop.orders", done=1, total=3),),
    models_left=1,
    tables_left=(),
)
HEADLINE = "The apply to dev was interrupted in its backfill: 1 of 3 batches are done."


@pytest.fixture
def interrupted(engine: FakeEngine) -> FakeEngine:
    engine.answers[routes.PROJECT] = ProjectInfo(models=(), tags=(), defaults=PlanOptions())
    engine.state = engine.state.model_copy(update={"interrupted": (INTERRUPTED,)})
    engine.scripts[routes.PLAN] = samples.built()
    engine.scripts[routes.APPLY] = [*samples.apply_started(), *samples.apply_ended()]
    return engine


def test_what_is_left_is_told_and_planned(run: Run, interrupted: FakeEngine) -> None:
    done = run("resume")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == [
        HEADLINE,
        "Left: 2 batches of 1 model: shop.orders 1/3.",
    ]
    assert "resume dev --yes" in done.stderr
    ((path, body),) = interrupted.commands
    assert path == routes.PLAN
    assert PlanRequest.model_validate(body) == REST


def test_a_yes_does_it(run: Run, interrupted: FakeEngine) -> None:
    done = run("resume", "dev", "--yes")
    assert done.exit_code == 0
    assert [path for path, _ in interrupted.commands] == [routes.PLAN, routes.APPLY]


def test_json_holds_events_only(run: Run, interrupted: FakeEngine) -> None:
    done = run("resume", "dev", "--yes", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout.splitlines()[-1])["kind"] == "apply_ended"
    assert HEADLINE in done.stderr


def test_read_only_resumes_nothing(run: Run, interrupted: FakeEngine) -> None:
    assert run("--read-only", "resume", "dev", "--yes").exit_code == 3
    assert interrupted.commands == []


def test_another_environment_has_nothing_to_resume(run: Run, interrupted: FakeEngine) -> None:
    done = run("resume", "prod", "--yes")
    assert done.exit_code == 0
    assert "nothing to resume" in done.stderr
    assert interrupted.commands == []


def test_one_of_several_is_named(run: Run, interrupted: FakeEngine) -> None:
    other = INTERRUPTED.model_copy(update={"environment": "prod", "run_id": "r2"})
    interrupted.state = interrupted.state.model_copy(update={"interrupted": (INTERRUPTED, other)})
    done = run("resume")
    assert done.exit_code == 3
    assert "dev, prod" in done.stderr


def test_what_is_finalized_is_only_told(run: Run, interrupted: FakeEngine) -> None:
    whole = {"finalized": True, "promoted": True, "after_all": True, "models_left": 0, "left": ()}
    over = INTERRUPTED.model_copy(update=whole)
    interrupted.state = interrupted.state.model_copy(update={"interrupted": (over,)})
    done = run("resume", "--yes")
    assert done.exit_code == 0
    assert "sqlmesh run dev" in done.stdout
    assert interrupted.commands == []


def test_the_status_tells_it(run: Run, interrupted: FakeEngine) -> None:
    assert HEADLINE in run("status").stdout
    (told,) = json.loads(run("status", "--json").stdout)["interrupted"]
    assert InterruptedRun.model_validate(told) == INTERRUPTED
