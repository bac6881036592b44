"""Cancel in every state, on real DuckDB: what stops at once, what finishes, what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import (
    ModelStatus,
    ProjectState,
    RunOutcome,
    SessionState,
    StageName,
)
from plan_tui.engine import documents

from .holding import assert_too_late, held_stage
from .hosting import HostedEngine, hosted
from .projects import DAY, ENDLESS, JAN_1, Gate, Project, gated_batches, gated_file, gated_macro
from .talking import Ear, Engine, Run

GATED, ENDLESS_NAME = '"lake"."shop"."gated"', '"lake"."shop"."endless"'
BOTH = pytest.mark.parametrize("mode", list(CancelMode))


def last_cancel(run: Run) -> ev.CancelReported:
    return run.of(ev.CancelReported)[-1]


def assert_cancelled(run: Run) -> None:
    assert run.outcome is RunOutcome.CANCELLED
    assert run.problem is None
    assert run.state.state is SessionState.IDLE
    reported = last_cancel(run)
    assert reported.meta.status is StageStatus.SUCCESS
    assert reported.meta.done
    assert reported.reason == "user"
    assert len(run.of(ev.ApplyEnded)) <= 1


# Planning


@BOTH
def test_planning_is_dropped_at_once(
    engine: HostedEngine, shop: Project, gate: Gate, mode: CancelMode
) -> None:
    engine.get("/api/project")
    shop.write("models/held.py", gated_file(gate))
    with engine.listen() as ear:
        engine.post("/api/plan", {"environment": "dev"})
        gate.wait()
        assert engine.state.state is SessionState.PLANNING
        engine.cancel(mode)
        # Its thread still waits at the gate: nobody waits for it.
        ended = ear.until(ev.PlanningEnded)
        assert ended.outcome is RunOutcome.CANCELLED
        assert ended.problem is None
        state = engine.state
        assert state.state is SessionState.IDLE
        assert state.plan is None
        assert state.cancel is not None
        assert state.cancel.meta.status is StageStatus.SUCCESS
        assert state.planning is not None
        assert state.planning.outcome is RunOutcome.CANCELLED
        gate.open()
        again = engine.plan()
        assert again.outcome is RunOutcome.SUCCEEDED, again.problem
        (added,) = again.plan.changes.added
        assert added.view_name == "shop__dev.held"
        assert len([e for e in again.events if isinstance(e, ev.PlanBuilt)]) == 1


def test_a_plan_cancelled_while_it_loads_leaves_a_loaded_project(
    engine: HostedEngine, shop: Project, gate: Gate
) -> None:
    engine.plan("prod")
    shop.write("models/held.py", gated_file(gate))
    with engine.listen() as ear:
        assert engine.post("/api/plan", {"environment": "dev"}).status_code == 204
        gate.wait()
        engine.cancel()
        ear.until(ev.PlanningEnded)
        gate.open()
        loaded = ear.until(ev.EngineChanged, lambda event: event.info.models == 5)
    assert loaded.info.project_state is ProjectState.READY
    assert engine.get("/api/project").status_code == 200


def test_a_plan_cancelled_as_it_is_done_is_not_there(
    engine: HostedEngine, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    document = documents.document

    def cancelled(*arguments: Any, **options: Any) -> Any:
        engine.send(lambda session: session.cancel(CancelMode.GRACEFUL)).result(30)
        return document(*arguments, **options)

    monkeypatch.setattr(documents, "document", cancelled)
    assert engine.plan().outcome is RunOutcome.CANCELLED
    monkeypatch.undo()
    assert engine.get("/api/environments").status_code == 200
    assert engine.get("/api/plan").status_code == 404
    assert engine.get("/api/plan/models/shop.stores").status_code == 404


def test_a_new_plan_replaces_one_that_is_being_built(engine: HostedEngine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    with engine.listen() as ear:
        with engine.busy_worker():
            for environment in ("one", "two", "three"):
                assert engine.post("/api/plan", {"environment": environment}).status_code == 204
        ended = [ear.until(ev.PlanningEnded) for _ in range(3)]
    started = [event for event in ear.heard if isinstance(event, ev.PlanningStarted)]
    assert [event.environment for event in started] == ["one", "two", "three"]
    assert [event.run_id for event in ended] == [event.run_id for event in started]
    assert [event.outcome for event in ended] == [
        RunOutcome.CANCELLED,
        RunOutcome.CANCELLED,
        RunOutcome.SUCCEEDED,
    ]
    state = engine.state
    assert state.state is SessionState.REVIEW
    assert state.plan is not None
    assert state.plan.environment == "three"


# Nothing


@pytest.mark.parametrize("planned", [False, True])
def test_without_a_run_the_cancel_fails(engine: Engine, planned: bool) -> None:
    if planned:
        engine.plan("prod")
    before = engine.state
    with engine.listen() as ear:
        engine.cancel()
        reported = ear.until(ev.CancelReported)
    assert reported.meta.status is StageStatus.FAIL
    state = engine.state
    assert (state.state, state.plan) == (before.state, before.plan)
    assert state.cancel is not None


# Creation


def held_creation(shop: Project, gate: Gate) -> None:
    """Tables in the order of their models' names; the first is held while it is created."""
    shop.write("macros/waiting.py", gated_macro(gate, "creating"))
    for name in ("a", "b", "c"):
        held = "@wait_here();\n" if name == "a" else ""
        upstream = {"a": "raw.events", "b": "shop.a", "c": "shop.b"}[name]
        shop.write(
            f"models/{name}.sql",
            f"MODEL (name shop.{name}, kind INCREMENTAL_BY_TIME_RANGE (time_column ds), "
            f"start '2024-01-01', end '2024-01-02');\n{held}"
            f"SELECT ds, id FROM {upstream} WHERE ds BETWEEN @start_ds AND @end_ds",
        )


@BOTH
@pytest.mark.parametrize("options", [{}, {"skip_backfill": True}], ids=["backfill", "tables only"])
def test_no_further_table_is_created(
    engine: Engine, shop: Project, gate: Gate, mode: CancelMode, options: dict[str, bool]
) -> None:
    held_creation(shop, gate)
    engine.plan(**options)
    with engine.listen() as ear:
        engine.start_apply()
        gate.wait()
        stage = next(s for s in applying(engine).stages if s.name is StageName.CREATION)
        assert stage.meta is not None
        engine.cancel(mode)
        gate.open()
        run = engine.ended(ear)
    assert_cancelled(run)
    summary = run.apply.summary
    assert summary is not None
    assert (summary.batches_done, summary.promoted) == (0, False)
    assert summary.tables_created <= 1
    assert len(tables(shop, "shop__a__")) <= 1
    assert tables(shop, "shop__b__") == tables(shop, "shop__c__") == []
    assert shop.plan_id("dev") is None
    made = len(tables(shop, "shop__"))
    again = engine.plan()
    assert len(again.plan.backfills.models) == 3
    applied = engine.apply()
    assert applied.outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT COUNT(*) FROM shop__dev.c") == [(6,)]
    # What was foretold is what this second apply made, of snapshots that the first had recorded.
    assert again.state.facts is not None
    assert applied.apply.summary is not None
    assert len(tables(shop, "shop__")) - made == again.state.facts.tables_created >= 2
    assert applied.apply.summary.tables_created == again.state.facts.tables_created


def tables(shop: Project, prefix: str) -> list[str]:
    rows = shop.rows(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'sqlmesh__shop' "
        f"AND table_name LIKE '{prefix}%'"
    )
    return [name for (name,) in rows]


def applying(engine: Engine):  # type: ignore[no-untyped-def]
    apply = engine.state.apply
    assert apply is not None
    return apply


# Backfill


@pytest.fixture
def held(shop: Project, runtime: Path, gate: Gate) -> Iterator[tuple[HostedEngine, Ear]]:
    """An apply to dev that waits in the first of three batches."""
    shop.write("models/gated.py", gated_batches(gate))
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            yield engine, ear
            gate.open()


def test_running_batches_finish_and_none_starts(
    held: tuple[HostedEngine, Ear], gate: Gate, shop: Project
) -> None:
    engine, ear = held
    engine.cancel()
    first = ear.until(ev.CancelReported)
    assert not first.meta.done
    assert first.mode is CancelMode.GRACEFUL
    assert engine.state.state is SessionState.APPLYING
    gate.open()
    run = engine.ended(ear)
    assert_cancelled(run)
    model = run.apply.models[GATED]
    assert (model.status, model.done, model.total) == (ModelStatus.STOPPED, 1, 3)
    assert model.running == ()
    assert "1 batch is done and kept, 2 are left" in last_cancel(run).message
    summary = run.apply.summary
    assert summary is not None
    assert (summary.batches_done, summary.models_left, summary.promoted) == (1, 1, False)
    assert run.state.stale is not None
    assert run.state.stale.code is ProblemCode.STALE_PLAN
    rest = engine.plan()
    (backfill,) = rest.plan.backfills.models
    assert backfill.intervals == ((JAN_1 + DAY, JAN_1 + 3 * DAY),)
    assert backfill.batches == 2
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT COUNT(*) FROM shop__dev.gated") == [(3,)]


def test_a_second_press_is_told_too(held: tuple[HostedEngine, Ear], gate: Gate) -> None:
    engine, ear = held
    engine.cancel()
    engine.cancel(CancelMode.INTERRUPT)
    ear.until(ev.CancelReported)
    second = ear.until(ev.CancelReported)
    assert second.mode is CancelMode.INTERRUPT
    assert "interrupted" in second.message
    gate.open()
    run = engine.ended(ear)
    assert_cancelled(run)
    assert last_cancel(run).mode is CancelMode.INTERRUPT
    assert run.state.cancel is not None
    assert run.state.cancel.meta.done


def test_a_long_query_is_interrupted(engine: Engine, shop: Project) -> None:
    shop.write("models/endless.sql", ENDLESS)
    engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        ear.until(
            ev.ApplyProgressed,
            lambda event: any(m.name == ENDLESS_NAME and m.running for m in event.models),
        )
        # The stage names what is at work, not what was done last.
        ear.until(ev.StageReported, lambda event: event.stage.message == "shop__dev.endless")
        engine.cancel()
        ear.until(ev.CancelReported)
        assert engine.state.state is SessionState.APPLYING
        pressed = time.monotonic()
        engine.cancel(CancelMode.INTERRUPT)
        run = engine.ended(ear)
        took = time.monotonic() - pressed
    assert_cancelled(run)
    # It would never end by itself; how soon it is interrupted is measured where nothing else runs.
    assert took < 5.0
    model = run.apply.models[ENDLESS_NAME]
    assert (model.status, model.done, model.failure) == (ModelStatus.STOPPED, 0, None)
    assert run.of(ev.ErrorReported) == []
    shop.write("models/endless.sql", "MODEL (name shop.endless, kind FULL); SELECT 1::DOUBLE AS n")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT n FROM shop__dev.endless") == [(1.0,)]


def test_an_interrupt_spares_what_is_done(engine: Engine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.write(
        "models/endless.sql",
        ENDLESS.replace("RANGE(5000) AS b", "shop.stores CROSS JOIN RANGE(5000) AS b"),
    )
    engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        ear.until(
            ev.ApplyProgressed,
            lambda event: any(m.name == ENDLESS_NAME and m.running for m in event.models),
        )
        engine.cancel(CancelMode.INTERRUPT)
        run = engine.ended(ear)
    assert_cancelled(run)
    assert run.apply.models['"lake"."shop"."stores"'].status is ModelStatus.DONE
    (left,) = engine.plan().plan.backfills.models
    assert left.name == ENDLESS_NAME


# Past the point of no return


@BOTH
def test_promotion_is_past_the_point_of_no_return(
    engine: Engine, shop: Project, gate: Gate, mode: CancelMode
) -> None:
    shop.write("macros/waiting.py", gated_macro(gate, "promoting"))
    shop.write(
        "models/held.sql",
        "MODEL (name shop.held, kind VIEW);\nSELECT 1::INT AS x;\n"
        "ON_VIRTUAL_UPDATE_BEGIN;\n@wait_here();\nON_VIRTUAL_UPDATE_END;\n",
    )
    planned = engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        gate.wait()
        engine.cancel(mode)
        refused = ear.until(ev.CancelReported)
        gate.open()
        run = engine.ended(ear)
    assert refused.meta.status is StageStatus.FAIL
    assert refused.meta.done
    assert "Too late" in refused.message
    assert "switched" in refused.message
    assert run.outcome is RunOutcome.SUCCEEDED
    assert run.of(ev.CancelReported) == [refused]
    assert shop.plan_id("dev") == planned.plan_id
    assert shop.rows("SELECT x FROM shop__dev.held") == [(1,)]


def test_a_backfill_after_the_promotion_is_past_the_point_of_no_return(
    engine: HostedEngine, shop: Project
) -> None:
    """SQLMesh fills what a forward-only change of prod adds once the environment is recorded."""
    shop.edit("models/events.sql", "end '2024-01-10'", "end '2024-01-20'")
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    planned = engine.plan("prod", forward_only=True, run=True)
    facts = planned.state.facts
    assert facts is not None
    assert (facts.batches, facts.deferred) == (2, 2)
    with held_stage("backfill") as held, engine.listen() as ear:
        engine.start_apply()
        held.wait()
        assert_too_late(engine, ear, "this backfill is part of the switch")
        engine.cancel()
        assert (
            "cancel: 2 batches and the views are left, this" in ear.until(ev.CancelReported).message
        )
        held.go_on()
        run = engine.ended(ear)
    assert run.outcome is RunOutcome.SUCCEEDED
    assert shop.plan_id("prod") == planned.plan_id


def test_clearing_what_is_restated_is_past_the_point_of_no_return(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    shop.edit("models/stores.sql", "'south'", "'north'")
    engine.plan("prod", restate_models=["shop.stores"])
    with held_stage("restatement") as held, engine.listen() as ear:
        engine.start_apply()
        held.wait()
        assert_too_late(engine, ear, "restated intervals are being cleared")
        held.go_on()
        run = engine.ended(ear)
    assert run.outcome is RunOutcome.SUCCEEDED
    # It was done whole: dev has its own version to fill again.
    shop.edit("models/stores.sql", "'north'", "'south'")
    (left,) = engine.plan().plan.backfills.models
    assert left.view_name == "shop__dev.stores"
