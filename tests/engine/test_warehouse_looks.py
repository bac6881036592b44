"""Look-ups that ask the warehouse give way to a plan and an apply, and run no project's code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from plan_tui.contract import looks, routes
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import RunOutcome
from plan_tui.contract.steps import PlannedSteps, StepSql

from .hosting import HostedEngine
from .projects import Project

STEPS = looks.ROUTE.format(path="steps")
STEP_SQL = looks.ROUTE.format(path="step-sql")
MATERIALIZATION = """\
from pathlib import Path
from sqlmesh import CustomMaterialization

class Marking(CustomMaterialization):
    NAME = "marking"
    def create(self, *args, **kwargs):
        Path({mark!r}).touch()
    def insert(self, *args, **kwargs):
        Path({mark!r}).touch()
"""
MODEL = """\
MODEL (name shop.marked, kind CUSTOM (materialization 'marking'));
SELECT 1::INT AS x
"""


def test_showing_a_step_runs_no_materialization_of_the_project(
    engine: HostedEngine, shop: Project
) -> None:
    mark = shop.root / "mark"
    shop.write("materializations/marking.py", MATERIALIZATION.format(mark=str(mark)))
    shop.write("models/marked.sql", MODEL)
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    steps = PlannedSteps.model_validate_json(engine.get(STEPS).content)
    own = [each.id for each in steps.steps if each.model == '"lake"."shop"."marked"']
    assert own
    for step in own:
        found = StepSql.model_validate_json(engine.get(STEP_SQL, step=step).content)
        assert "materialization of the project's own" in " ".join(found.notes)
        assert not found.statements
    assert not mark.exists()


def test_a_look_is_dropped_and_others_refused_while_an_apply_is_checked(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    session = engine.session
    waiting = ThreadPoolExecutor(1)
    with engine.busy_worker():
        looking = waiting.submit(engine.get, STEP_SQL, step="none")
        while not session.warehouse_looks:
            engine.get(routes.STATE)
        (dropped,) = session.warehouse_looks
        applying = engine.send(lambda session: session.apply(plan_id))
        assert dropped.wait(30)
        refused = engine.get(STEP_SQL, step="none")
        assert refused.status_code == 409
        assert "while a plan is being applied" in refused.text
    assert looking.result(30).status_code == 499
    assert applying.exception(30) is None
    waiting.shutdown()


def test_a_look_is_dropped_by_a_plan(engine: HostedEngine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    with ThreadPoolExecutor(1) as waiting, engine.busy_worker():
        looking = waiting.submit(engine.get, STEP_SQL, step="none")
        while not engine.session.warehouse_looks:
            engine.get(routes.STATE)
        (dropped,) = engine.session.warehouse_looks
        engine.send(lambda session: session.plan(PlanRequest(environment="dev"))).result(30)
        assert dropped.is_set()
    assert looking.result(30).status_code == 499
