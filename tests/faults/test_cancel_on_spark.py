"""A cancel on a real Spark: no job is left, and what was done is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import ModelStatus, RunOutcome, SessionState
from tests.engine.holding import assert_too_late, held_stage
from tests.engine.hosting import hosted
from tests.engine.projects import Gate, gated_file, gated_macro
from tests.faults.spark import active_jobs, spark_project, stop_spark, use_java
from tests.soaking import long

DAYS = """\
MODEL (
  name shop.days,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 1, batch_concurrency 1),
  start '2024-01-01',
  end '2024-01-03'
);
SELECT DATE(@start_ds) AS ds, SUM(HASH(a.id * b.id) % 7) AS n
FROM RANGE(0, @IF(@start_ds < '2024-01-03', 10, 4000000), 1, 8) AS a
CROSS JOIN RANGE(0, @IF(@start_ds < '2024-01-03', 10, 400000), 1, 1) AS b
"""
"""Three batches of a day, of which the last takes hours."""
QUICK = DAYS.replace("4000000", "10").replace("400000", "10")
"""The same, of which none takes long."""
HELD = QUICK.replace(");\nSELECT", ");\n@wait_here();\nSELECT")
"""The same, held up in one of SQLMesh's runtime stages."""
HELD_VIEW = """\
MODEL (name shop.held, kind VIEW);
SELECT n FROM shop.days;
ON_VIRTUAL_UPDATE_BEGIN;
@wait_here();
ON_VIRTUAL_UPDATE_END;
"""
BOTH = pytest.mark.parametrize("mode", list(CancelMode))


# Py4J leaves it to the garbage collector to close its sockets to the JVM.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def _stopped_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    use_java(tmp_path_factory.mktemp("java"))
    yield
    stop_spark()


def until_a_job_runs() -> None:
    deadline = time.monotonic() + 30
    while not active_jobs():
        assert time.monotonic() < deadline, "Spark never ran the job"


@pytest.mark.timeout(240)
def test_an_interrupt_leaves_no_job(root: Path, runtime: Path) -> None:
    shop = spark_project(root, {"models/days.sql": DAYS})
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            ear.until(
                ev.ApplyProgressed,
                lambda event: any(m.running and m.done == 2 for m in event.models),
                patience=120,
            )
            until_a_job_runs()
            engine.cancel()
            ear.until(ev.CancelReported)
            pressed = time.monotonic()
            engine.cancel(CancelMode.INTERRUPT)
            run = engine.ended(ear)
            took = time.monotonic() - pressed
        assert run.apply.outcome is RunOutcome.CANCELLED
        assert active_jobs() == []
        assert took < 10
        (model,) = run.apply.models.values()
        assert (model.status, model.done, model.failure) == (ModelStatus.STOPPED, 2, None)
        (left,) = engine.plan().plan.backfills.models
        assert left.batches == 1
        info = engine.state.info
        assert info is not None
        assert (info.engine_type, info.interrupt_verified) == ("spark", True)


@long
@BOTH
@pytest.mark.timeout(240)
def test_a_plan_is_dropped_at_once(root: Path, runtime: Path, gate: Gate, mode: CancelMode) -> None:
    shop = spark_project(root, {"models/days.sql": QUICK})
    with hosted(shop, runtime) as engine:
        engine.plan()
        shop.write("models/held.py", gated_file(gate))
        with engine.listen() as ear:
            engine.post("/api/plan", {"environment": "dev"})
            gate.wait()
            engine.cancel(mode)
            assert ear.until(ev.PlanningEnded).outcome is RunOutcome.CANCELLED
            assert engine.state.state is SessionState.IDLE
            gate.open()
        shop.remove("models/held.py")
        assert engine.plan().outcome is RunOutcome.SUCCEEDED


@long
@BOTH
@pytest.mark.timeout(240)
def test_no_further_table_is_created(
    root: Path, runtime: Path, gate: Gate, mode: CancelMode
) -> None:
    files = {
        "models/a.sql": HELD.replace("shop.days", "shop.a"),
        "models/b.sql": QUICK.replace("shop.days", "shop.b"),
        "macros/waiting.py": gated_macro(gate, "creating"),
    }
    shop = spark_project(root, files)
    with hosted(shop, runtime) as engine:
        engine.plan(skip_backfill=True)
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            engine.cancel(mode)
            gate.open()
            run = engine.ended(ear)
        assert run.apply.outcome is RunOutcome.CANCELLED
        assert run.apply.summary is not None
        assert (run.apply.summary.tables_created <= 1, run.apply.summary.promoted) == (True, False)
        assert active_jobs() == []
        assert engine.plan(skip_backfill=True).outcome is RunOutcome.SUCCEEDED
        assert engine.apply().outcome is RunOutcome.SUCCEEDED


@long
@pytest.mark.timeout(240)
def test_a_graceful_cancel_lets_the_batch_finish(root: Path, runtime: Path, gate: Gate) -> None:
    files = {"models/days.sql": HELD, "macros/waiting.py": gated_macro(gate, "evaluating")}
    shop = spark_project(root, files)
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            engine.cancel()
            gate.open()
            run = engine.ended(ear)
        assert run.apply.outcome is RunOutcome.CANCELLED
        (model,) = run.apply.models.values()
        assert (model.status, model.done, model.total) == (ModelStatus.STOPPED, 1, 3)
        assert active_jobs() == []
        (left,) = engine.plan().plan.backfills.models
        assert left.batches == 2


@long
@pytest.mark.timeout(240)
def test_a_promotion_and_the_clearing_of_intervals_are_not_cancelled(
    root: Path, runtime: Path, gate: Gate
) -> None:
    files = {
        "models/days.sql": QUICK,
        "models/held.sql": HELD_VIEW,
        "macros/waiting.py": gated_macro(gate, "promoting"),
    }
    shop = spark_project(root, files)
    with hosted(shop, runtime) as engine:
        engine.plan("prod")
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            assert_too_late(engine, ear, "is being switched")
            gate.open()
            assert engine.ended(ear).outcome is RunOutcome.SUCCEEDED
        shop.edit("models/days.sql", "% 7", "% 5")
        engine.plan()
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        shop.edit("models/days.sql", "% 5", "% 7")
        engine.plan("prod", restate_models=["shop.days"])
        with held_stage("restatement") as held, engine.listen() as ear:
            engine.start_apply()
            held.wait()
            assert_too_late(engine, ear, "restated intervals are being cleared")
            held.go_on()
            assert engine.ended(ear).outcome is RunOutcome.SUCCEEDED
        assert active_jobs() == []
        shop.edit("models/days.sql", "% 7", "% 5")
        left = {each.view_name: each.batches for each in engine.plan().plan.backfills.models}
        assert left["shop__dev.days"] == 3
