"""A cancel on a real Spark: no job is left, and what was done is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import ModelStatus, RunOutcome
from tests.engine.hosting import hosted
from tests.faults.spark import active_jobs, spark_project, stop_spark, use_java

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
DONE = DAYS.replace("4000000", "10").replace("400000", "10")
NAME = '"spark_catalog"."shop"."days"'


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
