"""The same deaths with warehouse and state on a real PostgreSQL, whose transactions end with them.

A session whose client was killed goes on until the server notices: what it wrote is undone then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.projects import Project
from tests.soaking import long

from .killing import DyingEngine, apply_rest, kill_in_apply
from .nursery import Death, Nursery, nursery
from .postgres import PostgresServer

PLAN = "sqlmesh.core.plan.evaluator:BuiltInPlanEvaluator.visit_{}_stage"
EVALUATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.evaluate"
CREATE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator.create_snapshot"
PROMOTE = "sqlmesh.core.snapshot.evaluator:SnapshotEvaluator._promote_snapshot"
DELETE = "sqlmesh.core.engine_adapter.base:EngineAdapter.delete_from"
EXECUTE = "sqlmesh.core.engine_adapter.base:EngineAdapter._execute"
RECORD = "sqlmesh.core.state_sync.cache:CachingStateSync.add_interval"

ORDERS = """\
MODEL (
  name shop.orders,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 2),
  start '2024-01-01',
  end '2024-01-12',
  audits (not_null(columns := (ds)))
);
SELECT d::DATE AS ds, i::INT AS id, (i * 10)::INT AS amount
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL '1 day') AS days(d)
CROSS JOIN GENERATE_SERIES(1, 3) AS numbers(i)
"""
KEYED = """\
MODEL (name shop.keyed, kind INCREMENTAL_BY_UNIQUE_KEY (unique_key id), start '2024-01-01',
  end '2024-01-12');
SELECT id, SUM(amount)::BIGINT AS amount FROM shop.orders WHERE ds <= @end_ds GROUP BY id
"""
DAILY = """\
MODEL (name shop.daily, kind FULL);
SELECT ds, SUM(amount)::BIGINT AS amount FROM shop.orders GROUP BY ds
"""
TOTALS = "MODEL (name shop.totals, kind VIEW); SELECT SUM(amount)::BIGINT AS n FROM shop.daily"
FILES = {
    "models/orders.sql": ORDERS,
    "models/keyed.sql": KEYED,
    "models/daily.sql": DAILY,
    "models/totals.sql": TOTALS,
}
STATEMENTS = """\
before_all:
  - CREATE TABLE IF NOT EXISTS public.begun (n INT)
after_all:
  - CREATE TABLE IF NOT EXISTS public.ended (n INT)
  - CREATE TABLE IF NOT EXISTS public.ended_too (n INT)
"""
COLUMNS = {"orders": "ds, id, amount", "keyed": "id, amount", "daily": "ds, amount", "totals": "n"}
Contents = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Shop:
    """The shop on a database of its own, which can be put back to where it was."""

    server: PostgresServer
    project: Project

    @property
    def _kept(self) -> str:
        return f"{self.server.database}_kept"

    def keep(self) -> None:
        """Keeps the database as it is now."""
        self._copy(self.server.database, self._kept)

    def reset(self) -> None:
        """Puts it back: SQLMesh's names have the database in them, so that it stays the same."""
        self._copy(self._kept, self.server.database)

    def _copy(self, source: str, target: str) -> None:
        postgres = PostgresServer(self.server.host)
        postgres.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        postgres.execute(f"CREATE DATABASE {target} TEMPLATE {source}")

    def contents(self) -> Contents:
        """Every row of every model."""
        return {
            name: self.server.rows(f"SELECT {columns} FROM shop.{name} ORDER BY {columns}")
            for name, columns in COLUMNS.items()
        }

    def change(self) -> None:
        """What is planned: every model gets a new version."""
        self.project.edit("models/orders.sql", "i * 10", "i * 20")
        self.project.edit("models/keyed.sql", "SUM(amount)", "SUM(amount + 1)")


@pytest.fixture(scope="module")
def births() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="module")
def deployed(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop, deployed to prod."""
    server = postgres_server.with_new_database()
    project = server.project(tmp_path_factory.mktemp("killed") / "shop", FILES)
    project.write("config.yaml", (project.root / "config.yaml").read_text() + STATEMENTS)
    project.deploy()
    shop = Shop(server, project)
    shop.keep()
    return shop


@pytest.fixture(scope="module")
def undisturbed(deployed: Shop, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What plain SQLMesh leaves in prod when nothing kills it."""
    shop = _copied(deployed, tmp_path_factory.mktemp("killed") / "undisturbed")
    shop.change()
    shop.project.deploy()
    return shop.contents()


@pytest.fixture
def shop(
    deployed: Shop, undisturbed: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """The shop with nothing pending, and a journal of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    deployed.reset()
    return _copied(deployed, tmp_path / "shop")


def _copied(shop: Shop, root: Path) -> Shop:
    shutil.copytree(shop.project.root, root, ignore=shutil.ignore_patterns("logs"))
    return Shop(shop.server, Project(root))


DEATHS = (
    (Death(EVALUATE, 4, after=True), "backfill", False),
    (Death(PLAN.format("create_snapshot_records"), after=True), "creation", False),
    (Death(CREATE), "backfill", False),
    (Death(DELETE, 2, after=True, about="orders"), "backfill", False),
    (Death(RECORD, 3, after=True), "backfill", False),
    (Death(PLAN.format("environment_record_update")), "promote", False),
    (Death(PLAN.format("environment_record_update"), after=True), "promote", False),
    (Death(PROMOTE, 3), "promote", False),
    (Death(PLAN.format("finalize_environment")), "finalize", False),
    (Death(PLAN.format("finalize_environment"), after=True), "finalize", True),
    (
        Death(EXECUTE, after=True, about="*/ CREATE TABLE IF NOT EXISTS public.ended ("),
        "after_all",
        True,
    ),
    (Death(PLAN.format("after_all"), after=True), "after_all", True),
)


@long
@pytest.mark.parametrize(
    ("death", "stage", "finalized"),
    DEATHS,
    ids=lambda each: getattr(each, "id", ""),
)
def test_killed_at_a_stage(
    death: Death,
    stage: str,
    finalized: bool,
    births: Nursery,
    shop: Shop,
    runtime: Path,
    undisturbed: Contents,
) -> None:
    shop.change()
    kill_in_apply(births, shop.project, runtime, death)
    engine = DyingEngine(births, shop.project, runtime)
    try:
        (run,) = engine.ready().interrupted
        assert (run.unread, run.stage, run.finalized) == ("", stage, finalized)
        assert (run.holes, run.twice) == ((), ())
        assert run.is_resumable is not finalized
        if run.is_resumable:
            apply_rest(engine, run)
    finally:
        engine.kill()
    assert shop.contents() == undisturbed


@long
def test_a_restatement_that_dies_leaves_no_hole(births: Nursery, shop: Shop, runtime: Path) -> None:
    before = shop.contents()
    death = Death(DELETE, 2, after=True, about="orders")
    kill_in_apply(births, shop.project, runtime, death, restate_models=["shop.orders"])
    engine = DyingEngine(births, shop.project, runtime)
    try:
        (run,) = engine.ready().interrupted
        assert (run.restating, run.holes) == (True, ())
        # The delete was in a transaction that nobody committed.
        assert shop.contents()["orders"] == before["orders"]
        apply_rest(engine, run)
    finally:
        engine.kill()
    assert shop.contents() == before
