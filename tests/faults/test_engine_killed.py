"""An engine that dies at any moment of an apply: nothing is lost, and only the rest is done."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.state import RunOutcome
from plan_tui.engine.event_log import now_ms
from plan_tui.journal.interrupted import as_recorded
from plan_tui.journal.reading import read_interrupted
from plan_tui.journal.store import journal_path
from tests.engine.hosting import short_directory
from tests.engine.projects import Project
from tests.soaking import SOAKING, long

from . import killing
from .killing import DyingEngine, apply_rest, kill_in_apply
from .nursery import Death, Nursery, nursery

PLAN = "sqlmesh.core.plan.evaluator:BuiltInPlanEvaluator.visit_{}_stage"
EVALUATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.evaluate"
CREATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.create_snapshot"
PROMOTE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator._promote_snapshot"
DELETE = "sqlmesh.core.engine_adapter.base:EngineAdapter.delete_from"
EXECUTE = "sqlmesh.core.engine_adapter.base:EngineAdapter._execute"
RECORD = "sqlmesh.core.state_sync.cache:CachingStateSync.add_interval"


@dataclass(frozen=True)
class Expected:
    """A death, and what the next engine has to know of it."""

    death: Death
    stage: str
    recorded: bool = True
    promoted: bool = False
    finalized: bool = False
    after_all: bool = False
    done: int | None = None
    """Batches done."""


IN_A_BATCH = Expected(Death(EVALUATE, 5, after=True), "backfill", done=4)
IN_PROMOTION = Expected(Death(PROMOTE, 3), "promote", promoted=True, done=15)
IN_AFTER_ALL = Expected(
    Death(EXECUTE, after=True, about="*/ CREATE TABLE IF NOT EXISTS trace.ended ("),
    "after_all",
    promoted=True,
    finalized=True,
    after_all=True,
    done=15,
)
EVERY_STAGE = (
    Expected(Death(PLAN.format("before_all")), "before_all", recorded=False, done=0),
    Expected(
        Death(EXECUTE, after=True, about="*/ CREATE TABLE IF NOT EXISTS trace.begun ("),
        "before_all",
        recorded=False,
        done=0,
    ),
    Expected(Death(PLAN.format("create_snapshot_records")), "creation", recorded=False, done=0),
    Expected(Death(PLAN.format("create_snapshot_records"), after=True), "creation", done=0),
    Expected(Death(CREATE), "backfill", done=0),
    Expected(Death(CREATE, 2), "backfill"),
    Expected(Death(EVALUATE), "backfill", done=0),
    Expected(Death(DELETE, 3, after=True, about="orders"), "backfill", done=2),
    Expected(Death(RECORD, 4, after=True), "backfill", done=4),
    Expected(Death(PLAN.format("backfill"), after=True), "backfill", done=15),
    Expected(Death(PLAN.format("environment_record_update")), "promote", done=15),
    Expected(
        Death(PLAN.format("environment_record_update"), after=True),
        "promote",
        promoted=True,
        done=15,
    ),
    Expected(Death(PLAN.format("finalize_environment")), "finalize", promoted=True, done=15),
    Expected(
        Death(PLAN.format("finalize_environment"), after=True),
        "finalize",
        promoted=True,
        finalized=True,
        after_all=True,
        done=15,
    ),
    Expected(
        Death(PLAN.format("after_all")),
        "after_all",
        promoted=True,
        finalized=True,
        after_all=True,
        done=15,
    ),
    IN_AFTER_ALL,
    Expected(
        Death(PLAN.format("after_all"), after=True),
        "after_all",
        promoted=True,
        finalized=True,
        after_all=True,
        done=15,
    ),
)
STAGES = (IN_A_BATCH, *((IN_PROMOTION, *EVERY_STAGE) if SOAKING else ()))


@pytest.fixture(scope="module")
def births() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project, deployed to prod."""
    project = killing.made(tmp_path_factory.mktemp("kills") / "template")
    project.deploy()
    return project


@pytest.fixture(scope="module")
def undisturbed(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    """What plain SQLMesh leaves in prod when nothing kills it."""
    project = killing.copied(template, tmp_path_factory.mktemp("kills") / "undisturbed")
    killing.change(project)
    project.deploy()
    return killing.contents(project)


@pytest.fixture(scope="module")
def duration(births: Nursery, template: Project, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that an apply takes here when nothing kills it."""
    project = killing.copied(template, tmp_path_factory.mktemp("kills") / "timed")
    killing.change(project)
    with short_directory() as runtime:
        engine = DyingEngine(births, project, runtime)
        engine.plan("prod")
        began = time.monotonic()
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        found = time.monotonic() - began
        engine.kill()
    return found


@pytest.fixture
def project(template: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project with its change, and a journal of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    project = killing.copied(template, tmp_path / "shop")
    killing.change(project)
    return project


@dataclass
class Resumed:
    """What came of a death."""

    run: InterruptedRun | None
    """What the next engine knew; None where there was nothing to know."""
    repeated: set[tuple[str, str]]
    """Batches that ran although the state had them."""
    outage: float
    """Seconds from the start of the next engine until it knew all."""
    rest: int = 0
    """Batches that the resumed apply ran."""


def resume(births: Nursery, project: Project, runtime: Path) -> Resumed:
    """Has the next engine do the rest, as the key and the command do."""
    recorded, before = killing.recorded(project), killing.traces(project)
    began = time.monotonic()
    engine = DyingEngine(births, project, runtime)
    try:
        runs = engine.ready().interrupted
        outage = time.monotonic() - began
        if not runs:
            return Resumed(None, set(), outage)
        (run,) = runs
        rest = 0
        if run.is_resumable:
            rest = apply_rest(engine, run)
            assert engine.state.interrupted == ()
        ran = set(killing.traces(project) - before)
        return Resumed(run, ran & recorded, outage, rest)
    finally:
        engine.kill()


@pytest.mark.parametrize("expected", STAGES, ids=lambda each: each.death.id)
def test_killed_at_a_stage(
    expected: Expected,
    births: Nursery,
    project: Project,
    runtime: Path,
    undisturbed: dict[str, list[tuple[Any, ...]]],
) -> None:
    kill_in_apply(births, project, runtime, expected.death)
    found = resume(births, project, runtime)
    run = found.run
    assert run is not None
    assert run.unread == ""
    assert run.stage == expected.stage
    assert (run.recorded, run.promoted) == (expected.recorded, expected.promoted)
    assert (run.finalized, run.after_all) == (expected.finalized, expected.after_all)
    assert run.batches_total == 15
    assert expected.done in (None, run.batches_done)
    assert (run.holes, run.twice) == ((), ())
    assert run.is_resumable is not expected.finalized
    if not expected.promoted and expected.done:
        assert any("orders" in table for table in run.tables_left or ())
    assert found.repeated == set()
    assert killing.contents(project) == undisturbed


@long
@pytest.mark.parametrize("seed", range(50))
def test_killed_at_a_random_moment(
    seed: int,
    births: Nursery,
    project: Project,
    runtime: Path,
    duration: float,
    undisturbed: dict[str, list[tuple[Any, ...]]],
) -> None:
    engine = DyingEngine(births, project, runtime)
    engine.plan("prod")
    moment = random.Random(seed).uniform(0.0, duration)
    began = time.monotonic()
    engine.start_apply()
    while time.monotonic() - began < moment:
        time.sleep(0.001)
    engine.kill()
    found = resume(births, project, runtime)
    # An apply that was taken is never without a trace: either it ended, or it is told.
    contents = killing.contents(project)
    _tell(seed, moment, found, contents == undisturbed)
    assert found.repeated == set()
    assert contents == undisturbed


def _tell(seed: int, moment: float, found: Resumed, same: bool) -> None:
    """A line for docs/reliability.md; pytest shows it with ``-rP``."""
    run = found.run
    told = {
        "seed": seed,
        "moment": round(moment, 3),
        "stage": run.stage if run is not None else "ended",
        "done": run.batches_done if run is not None else None,
        "finalized": run.finalized if run is not None else None,
        "rest": found.rest,
        "repeated": len(found.repeated),
        "same": same,
        "outage": round(found.outage, 2),
    }
    sys.stdout.write(f"trial {json.dumps(told)}\n")


def test_killed_between_a_delete_and_its_insert(
    births: Nursery,
    template: Project,
    tmp_path: Path,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    project = killing.copied(template, tmp_path / "shop")
    before = killing.contents(project)
    options = {"restate_models": ["shop.orders"]}
    kill_in_apply(births, project, runtime, Death(DELETE, 2, after=True, about="orders"), **options)
    orders = "SELECT DISTINCT ds FROM shop.orders ORDER BY ds"
    assert len(project.rows(orders)) == 10
    # The user's journal alone knows it too: whoever watched can be told at once.
    alone = _journal(project)
    found = resume(births, project, runtime)
    run = found.run
    assert run is not None
    assert run.restating
    assert run.batches_done == 1
    (hole,) = run.holes
    assert hole.view_name == "shop.orders"
    assert [day for (day,) in project.rows(orders)] == [day for day, *_ in before["orders"][::3]]
    assert alone.holes == run.holes
    assert killing.contents(project) == before


def test_what_may_be_inserted_twice_is_named(
    births: Nursery, tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    project = killing.made_to_append(tmp_path / "shop")
    kill_in_apply(births, project, runtime, Death(EVALUATE, after=True), run=True)
    engine = DyingEngine(births, project, runtime)
    (run,) = engine.ready().interrupted
    (twice,) = run.twice
    assert (twice.view_name, run.holes) == ("shop.appended", ())
    assert run.batches_done == 0
    # It is as bad as it is told: SQLMesh runs the batch again.
    assert apply_rest(engine, run) == 1
    engine.kill()
    assert project.rows("SELECT COUNT(*) FROM shop.appended") == [(18,)]


@long
def test_what_somebody_else_applied_since_is_not_resumed(
    births: Nursery, project: Project, runtime: Path
) -> None:
    kill_in_apply(births, project, runtime, IN_A_BATCH.death)
    assert _journal(project).batches_total == 15
    project.deploy()
    engine = DyingEngine(births, project, runtime)
    state = engine.ready()
    engine.kill()
    assert state.interrupted == ()


def _journal(project: Project) -> InterruptedRun:
    key = killing.key_of(project)
    ((detail, work),) = read_interrupted(journal_path(), key.digest, now_ms() - 600_000)
    return as_recorded(detail, work)
