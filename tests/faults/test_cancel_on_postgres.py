"""A cancel on a real PostgreSQL: what runs there ends there, and what was done is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import ModelStatus, RunOutcome, SessionState
from tests.engine.holding import assert_too_late
from tests.engine.hosting import HostedEngine, hosted
from tests.engine.projects import Gate, gated_batches
from tests.engine.talking import Ear, Run
from tests.faults.postgres import PostgresServer
from tests.soaking import long

DAYS = """\
MODEL (
  name shop.days,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 1, batch_concurrency 1),
  start '2024-01-01',
  end '2024-01-04'
);
SELECT d::DATE AS ds, 1::INT AS n
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL '1 day') AS days(d)
"""
"""Four batches of a day."""
SLOW = DAYS + "WHERE @start_ds < '2024-01-03' OR PG_SLEEP(600) IS NULL\n"
"""The same, of which the third batch sleeps."""
ENDLESS = """\
MODEL (name shop.endless, kind FULL);
SELECT 1::INT AS n, PG_SLEEP(600)::TEXT AS slept
"""

CREATED = """\
MODEL (name shop.{name}, kind FULL);
{before}
SELECT 1::INT AS n
"""
LOCK = 4711
"""The advisory lock that the tests keep from what they hold up in the warehouse."""
HELD_VIEW = f"""\
MODEL (name shop.held, kind VIEW);
SELECT n FROM shop.days;
ON_VIRTUAL_UPDATE_BEGIN;
SELECT PG_ADVISORY_XACT_LOCK({LOCK});
ON_VIRTUAL_UPDATE_END;
"""
HELD_CLEARING = f"""
CREATE FUNCTION public.hold() RETURNS TRIGGER LANGUAGE plpgsql AS
$$ BEGIN PERFORM PG_ADVISORY_XACT_LOCK({LOCK}); RETURN NEW; END $$;
CREATE TRIGGER hold BEFORE INSERT ON sqlmesh._intervals
FOR EACH ROW WHEN (NEW.is_removed) EXECUTE FUNCTION public.hold();
"""
SLEEPS = "@IF(@runtime_stage = 'creating', SELECT PG_SLEEP(2));"


def running(ear: Ear, name: str, done: int = 0) -> None:
    """Waits until a model is at work with so many batches done."""
    ear.until(
        ev.ApplyProgressed,
        lambda event: any(
            name in model.name and model.running and model.done == done for model in event.models
        ),
    )


def until_asleep(postgres: PostgresServer, count: int = 1) -> None:
    """Waits until the warehouse really runs the slow query."""
    deadline = time.monotonic() + 30
    while postgres.asleep() < count:
        assert time.monotonic() < deadline, "the query never ran"


def interrupted(engine: HostedEngine, ear: Ear) -> tuple[Run, float]:
    """Presses cancel twice; returns the run, and the seconds from the second press."""
    engine.cancel()
    ear.until(ev.CancelReported)
    pressed = time.monotonic()
    engine.cancel(CancelMode.INTERRUPT)
    run = engine.ended(ear)
    return run, time.monotonic() - pressed


def test_an_interrupt_ends_the_query_in_the_warehouse(
    postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    shop = postgres.project(root, {"models/endless.sql": ENDLESS, "models/days.sql": DAYS})
    with hosted(shop, runtime) as engine:
        info = engine.state.info
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            running(ear, "endless")
            until_asleep(postgres)
            run, took = interrupted(engine, ear)
        assert run.apply.outcome is RunOutcome.CANCELLED
        assert took < 5
        assert postgres.running("PG_SLEEP") == 0
        assert run.of(ev.ErrorReported) == []
        model = next(m for m in run.apply.models.values() if "endless" in m.name)
        assert (model.status, model.failure) == (ModelStatus.STOPPED, None)
        info = engine.state.info
        assert info is not None
        assert (info.engine_type, info.interruptible, info.interrupt_verified) == (
            "postgres",
            True,
            True,
        )


def test_an_interrupted_interval_is_whole_or_not_there(
    postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    shop = postgres.project(root, {"models/days.sql": SLOW})
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            running(ear, "days", done=2)
            until_asleep(postgres)
            run, _ = interrupted(engine, ear)
        assert run.apply.summary is not None
        assert (run.apply.summary.batches_done, run.apply.summary.batches_total) == (2, 4)
        # Nothing that reads the data changes, so the two days that are done stay.
        (left,) = engine.plan().plan.backfills.models
        assert left.batches == 2
    table = table_of(postgres)
    assert postgres.rows(f"SELECT ds::TEXT FROM {table} ORDER BY 1") == [
        ("2024-01-01",),
        ("2024-01-02",),
    ]
    assert not transactions_left(postgres)


def test_a_graceful_cancel_lets_the_batch_finish(
    postgres: PostgresServer, root: Path, runtime: Path, gate: Gate
) -> None:
    shop = postgres.project(root, {"models/gated.py": gated_batches(gate)}, tasks=1)
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            engine.cancel()
            ear.until(ev.CancelReported)
            gate.open()
            run = engine.ended(ear)
        assert run.apply.outcome is RunOutcome.CANCELLED
        (left,) = engine.plan().plan.backfills.models
        assert left.batches == 2
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert len(days_of(postgres)) == 3


@pytest.mark.parametrize("mode", list(CancelMode))
def test_a_cancel_while_tables_are_created(
    postgres: PostgresServer, root: Path, runtime: Path, mode: CancelMode
) -> None:
    files = {"models/a.sql": CREATED.format(name="a", before=SLEEPS)}
    files |= {f"models/{n}.sql": CREATED.format(name=n, before="") for n in "bc"}
    shop = postgres.project(root, files, tasks=1)
    with hosted(shop, runtime) as engine:
        engine.plan(skip_backfill=True)
        with engine.listen() as ear:
            engine.start_apply()
            until_asleep(postgres)
            engine.cancel(mode)
            run = engine.ended(ear)
        assert run.apply.outcome is RunOutcome.CANCELLED
        assert run.apply.summary is not None
        assert run.apply.summary.tables_created <= 1
        assert postgres.running("PG_SLEEP") == 0
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        assert engine.apply().outcome is RunOutcome.SUCCEEDED


def table_of(postgres: PostgresServer) -> str:
    """The one physical table of the project."""
    ((schema, name),) = postgres.rows(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_schema LIKE 'sqlmesh__%' AND table_name LIKE '%days%'"
    )
    return f'"{schema}"."{name}"'


def days_of(postgres: PostgresServer) -> list[tuple[str]]:
    return postgres.rows("SELECT ds::TEXT FROM shop__dev.gated ORDER BY 1")


def transactions_left(postgres: PostgresServer) -> int:
    """Sessions that hold a transaction open."""
    query = "SELECT COUNT(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    return int(postgres.rows(query)[0][0])


@contextmanager
def locked(postgres: PostgresServer, statement: str) -> Iterator[None]:
    """Another session holds a lock in the warehouse while the block runs."""
    connection = postgres.connect()
    connection.autocommit = False
    try:
        connection.cursor().execute(statement)
        yield
    finally:
        connection.close()


def until_waiting(postgres: PostgresServer) -> None:
    """Waits until a query of the engine stands before that lock."""
    deadline = time.monotonic() + 30
    while waiting(postgres) == 0:
        assert time.monotonic() < deadline, "nothing waits for the lock"


def waiting(postgres: PostgresServer) -> int:
    query = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return int(postgres.rows(query)[0][0])


ASLEEP = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
KEEP = f"SELECT PG_ADVISORY_XACT_LOCK({LOCK})"


def test_a_promotion_and_the_clearing_of_intervals_are_not_cancelled(
    postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    shop = postgres.project(root, {"models/days.sql": DAYS, "models/held.sql": HELD_VIEW})
    with hosted(shop, runtime) as engine:
        engine.plan("prod")
        with locked(postgres, KEEP), engine.listen() as ear:
            engine.start_apply()
            until_waiting(postgres)
            assert_too_late(engine, ear, "is being switched")
            # The query of the promotion was left alone.
            assert waiting(postgres) == 1
            assert engine.state.state is SessionState.APPLYING
        with engine.listen(after=0) as ear:
            assert engine.ended(ear).outcome is RunOutcome.SUCCEEDED
        assert postgres.rows("SELECT COUNT(*) FROM shop.held") == [(4,)]

        # Another version of the days in dev, of which a restatement of prod clears the intervals.
        shop.edit("models/days.sql", "1::INT", "2::INT")
        engine.plan()
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        shop.edit("models/days.sql", "2::INT", "1::INT")
        postgres.execute(HELD_CLEARING)
        engine.plan("prod", restate_models=["shop.days"])
        with engine.listen() as ear:
            with locked(postgres, KEEP):
                engine.start_apply()
                until_waiting(postgres)
                assert_too_late(engine, ear, "restated intervals are being cleared")
                assert waiting(postgres) == 1
            assert engine.ended(ear).outcome is RunOutcome.SUCCEEDED
        shop.edit("models/days.sql", "1::INT", "2::INT")
        left = engine.plan().plan.backfills.models
        assert {model.view_name: model.batches for model in left}["shop__dev.days"] == 4


@long
@pytest.mark.parametrize("mode", list(CancelMode))
def test_a_plan_whose_query_hangs_is_dropped_at_once(
    postgres: PostgresServer, root: Path, runtime: Path, mode: CancelMode
) -> None:
    shop = postgres.project(root, {"models/days.sql": DAYS})
    with hosted(shop, runtime) as engine:
        engine.plan()
        hang = "LOCK TABLE sqlmesh._environments IN ACCESS EXCLUSIVE MODE"
        with engine.listen() as ear:
            with locked(postgres, hang):
                engine.post("/api/plan", {"environment": "dev"})
                until_waiting(postgres)
                engine.cancel(mode)
                assert ear.until(ev.PlanningEnded).outcome is RunOutcome.CANCELLED
                assert engine.state.state is SessionState.IDLE
                assert waiting(postgres) == 1
            again = engine.plan()
        assert again.outcome is RunOutcome.SUCCEEDED
        assert engine.apply().outcome is RunOutcome.SUCCEEDED


@contextmanager
def shut(door: Path) -> Iterator[None]:
    """Nobody new gets at the server: whoever asks it to stop a query needs a new connection."""
    aside = door.rename(door.with_name("aside"))
    try:
        yield
    finally:
        aside.rename(door)


def test_an_interrupt_that_does_not_get_through_is_told(
    postgres: PostgresServer, root: Path, runtime: Path
) -> None:
    shop = postgres.project(root, {"models/endless.sql": ENDLESS})
    with hosted(shop, runtime) as engine, postgres.watching() as rows:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            until_asleep(postgres)
            with shut(Path(postgres.host) / ".s.PGSQL.5432"):
                engine.cancel(CancelMode.INTERRUPT)
                told = ear.until(ev.CancelReported, lambda event: event.meta.done)
                assert told.meta.status is StageStatus.FAIL
                assert "could not be interrupted" in told.message
                assert "connect() failed" in told.message
                assert "They may go on, and cost" in told.message
                assert rows(ASLEEP) == [(1,)]
                assert engine.state.state is SessionState.APPLYING
            run = engine.ended(ear)
        assert run.outcome is RunOutcome.CANCELLED
        assert run.of(ev.CancelReported)[-1].meta.status is StageStatus.SUCCESS
        assert rows(ASLEEP) == [(0,)]
