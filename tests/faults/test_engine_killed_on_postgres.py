"""The same deaths with warehouse and state on a real PostgreSQL, whose transactions end with them.

A session whose client was killed goes on until the server notices: what it wrote is undone then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.soaking import long

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
    kill_at_random,
    kill_in_apply,
)
from .nursery import Death, Nursery, nursery
from .postgres import PostgresServer
from .shop import Contents, Shop


@dataclass(frozen=True)
class Deployed:
    """The shop as it is in prod, in a database that can be put back to that."""

    server: PostgresServer
    shop: Shop

    @property
    def _kept(self) -> str:
        return f"{self.server.database}_kept"

    def keep(self) -> None:
        """Keeps the database as it is now."""
        self._copy(self.server.database, self._kept)

    def again(self, root: Path) -> Shop:
        """The shop with its files in another place, and the database as it was.

        SQLMesh's names have the database in them, so that it stays the same one.
        """
        self._copy(self._kept, self.server.database)
        return self.shop.twin(root)

    def _copy(self, source: str, target: str) -> None:
        postgres = PostgresServer(self.server.host)
        postgres.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        postgres.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


@pytest.fixture(scope="module")
def births() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(scope="module")
def deployed(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The shop, deployed to prod."""
    server = postgres_server.with_new_database()
    shop = Shop.made_on(server, tmp_path_factory.mktemp("killed") / "shop")
    shop.project.deploy()
    deployed = Deployed(server, shop)
    deployed.keep()
    return deployed


@pytest.fixture(scope="module")
def undisturbed(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What plain SQLMesh leaves in prod when nothing kills it."""
    shop = deployed.again(tmp_path_factory.mktemp("killed") / "undisturbed")
    shop.change()
    shop.project.deploy()
    return shop.contents()


@pytest.fixture(scope="module")
def duration(
    births: Nursery, deployed: Deployed, tmp_path_factory: pytest.TempPathFactory
) -> float:
    """Seconds that an apply takes here when nothing kills it."""
    shop = deployed.again(tmp_path_factory.mktemp("killed") / "timed")
    shop.change()
    return duration_of(births, shop)


@pytest.fixture
def shop(
    deployed: Deployed,
    undisturbed: Contents,
    duration: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    """The shop with nothing pending, and a journal of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return deployed.again(tmp_path / "shop")


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
        Death(EXECUTE, after=True, about="*/ CREATE TABLE IF NOT EXISTS trace.ended ("),
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
@pytest.mark.parametrize("seed", range(25))
def test_killed_at_a_random_moment(
    seed: int,
    births: Nursery,
    shop: Shop,
    runtime: Path,
    duration: float,
    undisturbed: Contents,
) -> None:
    shop.change()
    found = kill_at_random(births, shop, runtime, duration, seed)
    assert found.repeated == set()
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
