"""Somebody else applies to the environment that one reviews a plan for: it is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import RunOutcome
from plan_tui.engine import conflicts
from plan_tui.engine.conflicts import EnvironmentWatch
from tests.engine.hosting import HostedEngine, hosted
from tests.engine.projects import SHOP, Project
from tests.faults.postgres import PostgresServer


@pytest.fixture(params=["duckdb", "postgres"])
def shop(request: pytest.FixtureRequest, root: Path) -> Project:
    """A deployed project with its state in a file, and in a server."""
    if request.param == "duckdb":
        project = Project.make(root, SHOP)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        project = server.project(root, {"models/stores.sql": SHOP["models/stores.sql"]})
    project.deploy()
    project.edit("models/stores.sql", "'north'", "'south'")
    return project


@pytest.fixture
def engine(shop: Project, runtime: Path) -> Iterator[HostedEngine]:
    with hosted(shop, runtime) as engine:
        yield engine


def look(engine: HostedEngine, watch: EnvironmentWatch) -> None:
    asyncio.run_coroutine_threadsafe(watch.look(), engine._host.loop).result(60)


def test_a_plan_that_is_overtaken_says_so_while_it_is_reviewed(
    engine: HostedEngine, shop: Project, tmp_path: Path
) -> None:
    chosen = engine.plan("prod", categories={"shop.stores": "NON_BREAKING"})
    watch = EnvironmentWatch(engine.session)
    with engine.listen() as ear:
        look(engine, watch)
        assert engine.state.stale is None
        another = shop.twin(tmp_path / "another")
        another.edit("models/stores.sql", "'south'", "'east'")
        another.deploy()
        look(engine, watch)
        stale = ear.until(ev.PlanWentStale)
    assert stale.plan_id == chosen.plan_id
    assert stale.problem.code is ProblemCode.CONFLICT
    assert stale.problem.title.startswith("prod moved at ")
    assert "choices are kept" in stale.problem.hint
    refusal = engine.refused(routes.APPLY, {"plan_id": chosen.plan_id}, 409)
    assert refusal.code is ProblemCode.CONFLICT
    # Told once: the next look has nothing to add.
    before = engine.state.seq
    look(engine, watch)
    assert engine.state.seq == before
    assert engine.plan("prod").outcome is RunOutcome.SUCCEEDED
    assert engine.state.stale is None


def test_nobody_looks_where_nobody_reviews(engine: HostedEngine, shop: Project) -> None:
    engine.plan("prod")
    shop.deploy()
    look(engine, EnvironmentWatch(engine.session))
    assert engine.state.stale is None


def test_a_file_that_nobody_wrote_to_is_not_opened(
    engine: HostedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.plan("prod")
    watch = EnvironmentWatch(engine.session)
    backend = engine.session.loading.backend
    assert backend is not None
    opened: list[object] = []
    with engine.listen():
        look(engine, watch)
        release = backend.project.release
        monkeypatch.setattr(backend.project, "release", lambda: opened.append(release()))
        look(engine, watch)
    assert len(opened) == (0 if backend.project.state_file else 1)


def test_what_is_written_during_a_look_is_looked_at_again(
    engine: HostedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.plan("prod")
    watch = EnvironmentWatch(engine.session)
    stamps = iter([((1, 1),), ((2, 2),), ((2, 2),)])
    looks: list[object] = []
    monkeypatch.setattr(conflicts, "_stamp", lambda _: next(stamps))
    monkeypatch.setattr(conflicts, "_conflict", lambda *given: looks.append(given))
    with engine.listen():
        look(engine, watch)
        look(engine, watch)
    assert len(looks) == 2
