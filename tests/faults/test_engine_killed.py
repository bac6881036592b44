"""An engine that dies at any moment of an apply: nothing is lost, and only the rest is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.engine.event_log import now_ms
from plan_tui.journal.interrupted import as_recorded
from plan_tui.journal.reading import read_interrupted
from plan_tui.journal.store import journal_path
from tests.engine.projects import Project
from tests.soaking import SOAKING, long

from .killing import (
    CREATE,
    DELETE,
    EVALUATE,
    EXECUTE,
    PLAN,
    PROMOTE,
    RECORD,
    DyingEngine,
    apply_rest,
    duration_of,
    key_of,
    kill_at_random,
    kill_in_apply,
    resume,
)
from .nursery import Death, Nursery, nursery
from .shop import BATCHES, Contents, Shop, made_to_append


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
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop, deployed to prod."""
    shop = Shop.made(tmp_path_factory.mktemp("kills") / "deployed")
    shop.project.deploy()
    return shop


@pytest.fixture(scope="module")
def undisturbed(deployed: Shop, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What plain SQLMesh leaves in prod when nothing kills it."""
    shop = deployed.copied(tmp_path_factory.mktemp("kills") / "undisturbed")
    shop.change()
    shop.project.deploy()
    return shop.contents()


@pytest.fixture(scope="module")
def duration(births: Nursery, deployed: Shop, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that an apply takes here when nothing kills it."""
    shop = deployed.copied(tmp_path_factory.mktemp("kills") / "timed")
    shop.change()
    return duration_of(births, shop)


@pytest.fixture
def shop(deployed: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop with its change, and a journal of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shop = deployed.copied(tmp_path / "shop")
    shop.change()
    return shop


@pytest.mark.parametrize("expected", STAGES, ids=lambda each: each.death.id)
def test_killed_at_a_stage(
    expected: Expected,
    births: Nursery,
    shop: Shop,
    runtime: Path,
    undisturbed: Contents,
) -> None:
    kill_in_apply(births, shop.project, runtime, expected.death)
    found = resume(births, shop, runtime)
    run = found.run
    assert run is not None
    assert run.unread == ""
    assert run.stage == expected.stage
    assert (run.recorded, run.promoted) == (expected.recorded, expected.promoted)
    assert (run.finalized, run.after_all) == (expected.finalized, expected.after_all)
    statements = [text.split(" (")[0].split(".")[-1] for text in run.statements]
    assert statements == (["ended", "ended_too"] if expected.after_all else [])
    assert run.batches_total == BATCHES
    assert expected.done in (None, run.batches_done)
    assert (run.holes, run.twice) == ((), ())
    assert run.is_resumable is not expected.finalized
    if not expected.promoted and expected.done:
        assert any("orders" in table for table in run.tables_left or ())
    assert found.repeated == set()
    assert shop.contents() == undisturbed


@long
@pytest.mark.parametrize("seed", range(50))
def test_killed_at_a_random_moment(
    seed: int,
    births: Nursery,
    shop: Shop,
    runtime: Path,
    duration: float,
    undisturbed: Contents,
) -> None:
    # An apply that was taken is never without a trace: either it ended, or it is told.
    found = kill_at_random(births, shop, runtime, duration, seed)
    assert found.repeated == set()
    assert shop.contents() == undisturbed


def test_killed_between_a_delete_and_its_insert(
    births: Nursery,
    deployed: Shop,
    tmp_path: Path,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shop = deployed.copied(tmp_path / "shop")
    before = shop.contents()
    options = {"restate_models": ["shop.orders"]}
    death = Death(DELETE, 2, after=True, about="orders")
    kill_in_apply(births, shop.project, runtime, death, **options)
    orders = "SELECT DISTINCT ds FROM shop.orders ORDER BY ds"
    assert len(shop.rows(orders)) == 10
    # The user's journal alone knows it too: whoever watched can be told at once.
    alone = _journal(shop.project)
    # Whoever does not resume, but plans, is told too, with what fills it.
    empty, old = _warnings(births, shop, runtime)
    assert "may be empty" in empty
    assert "--restate-model" in empty
    assert "still to be restated" in old
    found = resume(births, shop, runtime)
    run = found.run
    assert run is not None
    assert run.restating
    assert run.batches_done == 1
    (hole,) = run.holes
    assert hole.view_name == "shop.orders"
    assert [day for (day,) in shop.rows(orders)] == [day for day, *_ in before["orders"][::3]]
    assert alone.holes == run.holes
    assert shop.contents() == before
    assert _warnings(births, shop, runtime) == []


def test_what_may_be_inserted_twice_is_named(
    births: Nursery, tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    project = made_to_append(tmp_path / "shop")
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
    births: Nursery, shop: Shop, runtime: Path
) -> None:
    kill_in_apply(births, shop.project, runtime, IN_A_BATCH.death)
    assert _journal(shop.project).batches_total == BATCHES
    shop.project.deploy()
    engine = DyingEngine(births, shop.project, runtime)
    state = engine.ready()
    engine.kill()
    assert state.interrupted == ()


def _warnings(births: Nursery, shop: Shop, runtime: Path) -> list[str]:
    """What a plan for prod warns of that an apply left."""
    engine = DyingEngine(births, shop.project, runtime)
    try:
        return [each for each in engine.plan("prod").plan.warnings if "an apply to" in each]
    finally:
        engine.kill()


def _journal(project: Project) -> InterruptedRun:
    key = key_of(project)
    ((detail, work),) = read_interrupted(journal_path(), key.digest, now_ms() - 600_000)
    return as_recorded(detail, work)
