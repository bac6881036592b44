"""A delete without its insert: told, offered for a rerun, and filled by it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import RunOutcome
from plan_tui.ui.refill import refill_request
from tests.engine.hosting import HostedEngine, hosted
from tests.engine.projects import DAY, JAN_1, Project
from tests.engine.talking import Run

DAYS = """\
MODEL (
  name shop.days,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 1, batch_concurrency 1),
  start '2024-01-01',
  end '2024-01-03',
  audits (not_null(columns := (n)))
);
SELECT d::DATE AS ds, (SELECT MAX(n) FROM source.numbers)::BIGINT AS n
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
"""
QUICK = "CREATE OR REPLACE VIEW source.numbers AS SELECT 1 AS n"
ENDLESS = """\
CREATE OR REPLACE VIEW source.numbers AS
SELECT SUM(HASH(a.range + b.range) % 7) AS n FROM RANGE(1000000) AS a CROSS JOIN RANGE(5000) AS b
"""
BROKEN = "CREATE OR REPLACE VIEW source.numbers AS SELECT ERROR('the source is broken')::INT AS n"
NULLS = "CREATE OR REPLACE VIEW source.numbers AS SELECT NULL::INT AS n"
EXTERNAL = "- name: source.numbers\n  columns:\n    n: int\n"
NAME = '"lake"."shop"."days"'


@pytest.fixture
def days(root: Path) -> Project:
    """Three days, deployed to prod."""
    project = Project.make(root, {"models/days.sql": DAYS, "external_models.yaml": EXTERNAL})
    project.execute(f"CREATE SCHEMA source; {QUICK}")
    project.deploy()
    return project


@pytest.fixture
def engine(days: Project, runtime: Path) -> Iterator[HostedEngine]:
    with hosted(days, runtime) as engine:
        yield engine


def restate(engine: HostedEngine) -> None:
    engine.plan("prod", restate_models=["shop.days"])


def count(days: Project) -> int:
    return int(days.rows("SELECT COUNT(*) FROM shop.days")[0][0])


def warned(run: Run, of: str = "may be empty") -> list[str]:
    """What a plan warns of that may be empty, or has the rows of before."""
    told = [event.message for event in run.of(ev.Warned) if of in event.message]
    assert told == [each for each in run.plan.warnings if of in each], "as its document has it"
    return told


def test_an_interrupted_restatement_names_what_may_be_empty(
    days: Project, engine: HostedEngine, inserts: Inserts
) -> None:
    days.execute(ENDLESS)
    restate(engine)
    with engine.listen() as ear:
        engine.start_apply()
        ear.until(ev.ApplyProgressed, lambda event: any(m.running for m in event.models))
        inserts.wait()
        engine.cancel(CancelMode.INTERRUPT)
        run = engine.ended(ear)
    assert run.apply.outcome is RunOutcome.CANCELLED
    assert run.apply.summary is not None
    (hole,) = run.apply.summary.holes
    assert (hole.name, hole.interval) == (NAME, (JAN_1, JAN_1 + DAY))
    # It is as bad as it is told: the day's rows are gone.
    assert count(days) == 2
    assert run.state.cancel is not None
    assert "may be empty" in run.state.cancel.message

    days.execute(QUICK)
    (warning,) = warned(engine.plan("prod"))
    assert "shop.days 2024-01-01" in warning
    assert "--restate-model" in warning
    request = refill_request(run.apply)
    assert request is not None
    again = engine.plan(
        request.environment,
        dates=request.dates.model_dump(),
        restate_models=list(request.options.restate_models or ()),
    )
    (model,) = again.plan.backfills.models
    assert model.intervals == ((JAN_1, JAN_1 + DAY),)
    assert warned(again) == []
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert count(days) == 3
    rest = engine.plan("prod")
    assert warned(rest) == []
    (old,) = warned(rest, "still to be restated")
    assert "shop.days 2024-01-02 to 2024-01-03" in old
    assert "--start '2024-01-02 00:00:00' --end '2024-01-04 00:00:00'" in old
    restate(engine)
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert warned(engine.plan("prod"), "apply") == []


def test_a_failed_restatement_names_what_may_be_empty(days: Project, engine: HostedEngine) -> None:
    days.execute(BROKEN)
    restate(engine)
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.apply.summary is not None
    assert [hole.interval for hole in run.apply.summary.holes] == [(JAN_1, JAN_1 + DAY)]
    assert count(days) == 2


def test_a_table_of_another_version_has_nothing_left(days: Project, engine: HostedEngine) -> None:
    days.execute(BROKEN)
    restate(engine)
    assert engine.apply().outcome is RunOutcome.FAILED
    days.execute(QUICK)
    assert warned(engine.plan("prod"))
    days.edit("models/days.sql", "MAX(n)", "MIN(n)")
    engine.plan("dev")
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    engine.plan("prod")
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert warned(engine.plan("prod"), "apply") == []


def test_a_failed_audit_leaves_no_hole(days: Project, engine: HostedEngine) -> None:
    days.execute(NULLS)
    restate(engine)
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.apply.summary is not None
    assert run.apply.summary.holes == ()
    assert count(days) == 3


def test_an_interval_that_was_never_filled_is_no_hole(days: Project, engine: HostedEngine) -> None:
    days.edit("models/days.sql", "MAX(n)", "MIN(n)")
    days.execute(BROKEN)
    engine.plan("dev")
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.apply.summary is not None
    assert run.apply.summary.holes == ()


class Inserts(logging.Handler):
    """Hears SQLMesh send the statement that writes the new rows."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._begun = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "INSERT INTO" in record.getMessage():
            self._begun.set()

    def wait(self) -> None:
        assert self._begun.wait(30), "no row was ever written"


@pytest.fixture
def inserts() -> Iterator[Inserts]:
    heard, logger = Inserts(), logging.getLogger("sqlmesh.core.engine_adapter.base")
    logger.addHandler(heard)
    yield heard
    logger.removeHandler(heard)
