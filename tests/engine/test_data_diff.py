"""The data diff of a model: its numbers beside SQLMesh's and a hand query, and what it leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlglot import exp
from sqlmesh.core.table_diff import TableDiff

from plan_tui.contract import looks
from plan_tui.contract.data_diff import DataDiff, DataDiffOffer
from plan_tui.contract.errors import ProblemAnswer

from .databases import opened
from .hosting import HostedEngine, hosted
from .projects import Project

ORDERS = """\
MODEL (name shop.orders, kind FULL, grain id);
SELECT i::INT AS id, (i * 2)::INT AS amount, 'x' AS word FROM RANGE(0, 1000) AS numbers(i)
"""
CHANGED = """\
MODEL (name shop.orders, kind FULL, grain id);
SELECT i::INT AS id, (i * 2 + (i < 10)::INT)::INT AS amount, 'x' AS word, 1::INT AS more
FROM RANGE(5, 1003) AS numbers(i)
"""
HUGE = """\
MODEL (name shop.orders, kind VIEW, grain id);
SELECT i::BIGINT AS id, HASH(i)::TEXT AS word FROM RANGE(0, 400000000) AS numbers(i)
"""
NO_KEY = "MODEL (name shop.loose, kind FULL);\nSELECT 1::INT AS id, 2::INT AS amount\n"
NAME = '"lake"."shop"."orders"'


def look(engine: HostedEngine, what: looks.Look[object], **params: str) -> httpx.Response:  # type: ignore[type-var]
    return engine.get(looks.ROUTE.format(path=what.path), **params)


def offer(engine: HostedEngine, name: str = "shop.orders") -> DataDiffOffer:
    answer = look(engine, looks.DATA_DIFF_OFFER, name=name)  # type: ignore[arg-type]
    return DataDiffOffer.model_validate_json(answer.content)


def compared(engine: HostedEngine, **params: str) -> DataDiff:
    answer = look(engine, looks.DATA_DIFF, **{"name": "shop.orders", **params})  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return DataDiff.model_validate_json(answer.content)


def refusal(engine: HostedEngine, **params: str) -> str:
    answer = look(engine, looks.DATA_DIFF, **{"name": "shop.orders", **params})  # type: ignore[arg-type]
    assert answer.status_code == 409, answer.text
    problem = ProblemAnswer.model_validate_json(answer.content).problem
    return f"{problem.title} {problem.message} {problem.hint}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Orders in prod, changed in dev; the next change is pending."""
    project = Project.make(tmp_path / "shop", {"models/orders.sql": ORDERS})
    project.deploy()
    project.write("models/orders.sql", CHANGED)
    return project


@pytest.fixture
def engine(project: Project, runtime: Path) -> Iterator[HostedEngine]:
    project.deploy("dev")
    with hosted(project, runtime) as engine:
        engine.plan("dev", include_unmodified=True)
        yield engine


def test_says_what_it_would_compare_and_reads_nothing(
    engine: HostedEngine, project: Project
) -> None:
    found = offer(engine)
    assert (found.before.label, found.on, found.refusal) == ("prod", ("id",), "")
    assert found.before.table.endswith("shop.orders")
    assert found.after.table
    assert tables_left(project) == []


def test_numbers_are_those_of_sqlmesh_and_of_a_hand_query(
    engine: HostedEngine, project: Project
) -> None:
    sides = offer(engine)
    found = compared(engine, limit="3")
    by_hand = f"""
        SELECT COUNT(s.id), COUNT(t.id), COUNT(*) FILTER (t.id IS NULL),
               COUNT(*) FILTER (s.id IS NULL), COUNT(*) FILTER (s.amount <> t.amount)
        FROM {sides.before.table} s FULL JOIN {sides.after.table} t ON s.id = t.id"""
    with project.context() as context:
        adapter = context.engine_adapter
        tables = (sides.before.table, sides.after.table)
        rows = TableDiff(adapter, *tables, [exp.to_identifier("id")], limit=3).row_diff()  # type: ignore[list-item]
        counted = adapter.fetchone(by_hand)
    assert (found.before_rows, found.after_rows) == (rows.source_count, rows.target_count)
    assert (found.before_only, found.after_only) == (rows.s_only_count, rows.t_only_count)
    assert found.changed_rows == rows.join_count - rows.full_match_count
    assert counted == (
        *(found.before_rows, found.after_rows),
        *(found.before_only, found.after_only, found.changed_rows),
    )
    assert (found.before_rows, found.after_rows, found.changed_rows) == (1000, 998, 5)
    columns = {each.name: each for each in found.columns}
    assert (columns["more"].before, columns["more"].after) == (None, "INT")
    assert columns["word"].matching == 100
    assert 99 < (columns["amount"].matching or 0) < 100
    assert len(found.changed.rows) == 3
    assert found.changed.columns == ("id", "amount before", "amount after")
    assert found.changed.rows[0][0] == "5"
    assert found.notes == ()


def test_a_condition_bounds_both_sides(engine: HostedEngine) -> None:
    found = compared(engine, where="id < 8")
    assert (found.before_rows, found.after_rows, found.changed_rows) == (8, 3, 3)


def test_leaves_no_temporary_table_and_no_lock(engine: HostedEngine, project: Project) -> None:
    compared(engine)
    project.execute("SELECT 1")
    assert tables_left(project) == []


def test_a_wrong_condition_is_refused_in_words(engine: HostedEngine) -> None:
    assert "nothing_like_it" in refusal(engine, where="nothing_like_it = 1")
    sent = "read_text('/etc/passwd') = ''"
    answer = look(engine, looks.DATA_DIFF, name="shop.orders", where=sent)
    assert answer.status_code == 422
    assert "READ_TEXT()" in answer.text
    assert "can't be compared" in refusal(engine, on="nothing_like_it")


def test_a_version_that_is_not_built_says_so(project: Project, runtime: Path) -> None:
    with hosted(project, runtime) as engine:
        engine.plan("dev")
        found = offer(engine)
        assert "not built yet" in found.refusal
        assert found.refusal == found.after.missing
        assert "not built yet" in refusal(engine)
        project.deploy("dev")
        project.edit("models/orders.sql", "1::INT AS more", "2::INT AS more")
        engine.plan("dev")
        found = offer(engine)
        assert (found.refusal, found.before.note) == ("", "")
        assert found.after.note == (
            "dev as it was last applied: what this plan changes of it is not built yet."
        )


def test_a_model_without_key_asks_for_one(tmp_path: Path, runtime: Path) -> None:
    project = Project.make(tmp_path / "shop", {"models/loose.sql": NO_KEY})
    project.deploy()
    project.edit("models/loose.sql", "2::INT", "3::INT")
    project.deploy("dev")
    with hosted(project, runtime) as engine:
        engine.plan("dev", include_unmodified=True)
        assert offer(engine, "shop.loose").on == ()
        assert "Type the key columns" in refusal(engine, name="shop.loose")
        assert compared(engine, name="shop.loose", on="id").changed_rows == 1


@pytest.fixture
def huge(tmp_path: Path, runtime: Path) -> Iterator[tuple[HostedEngine, Project]]:
    project = Project.make(tmp_path / "shop", {"models/orders.sql": HUGE})
    project.deploy()
    project.edit("models/orders.sql", "400000000", "400000001")
    project.deploy("dev")
    with hosted(project, runtime) as engine:
        engine.plan("dev", include_unmodified=True)
        yield engine, project


def tables_left(project: Project) -> list[tuple[str]]:
    with opened(project.database, read_only=True) as connection:
        query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'sqlmesh_temp'"
        return connection.sql(query).fetchall()


def test_takes_no_longer_than_its_bound(huge: tuple[HostedEngine, Project]) -> None:
    engine, project = huge
    assert "longer than 1 seconds" in refusal(engine, seconds="1")
    assert tables_left(project) == []


def test_stops_when_nobody_waits(huge: tuple[HostedEngine, Project]) -> None:
    engine, project = huge
    started = threading.Event()
    backend = engine.session.loading.backend
    assert backend is not None
    adapter = type(backend.project.context.engine_adapter)
    execute = adapter._execute

    def telling(self: object, sql: str, *args: object, **kwargs: object) -> None:
        if "__source" in sql:
            started.set()
        execute(self, sql, *args, **kwargs)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapter, "_execute", telling)
        with engine._client() as http:
            path = looks.ROUTE.format(path=looks.DATA_DIFF.path)
            asking = threading.Thread(target=_ask, args=(http, path), daemon=True)
            asking.start()
            assert started.wait(30)
            asking.join(30)
        # The worker is free again only once the query has ended and its table is dropped.
        assert engine.get("/api/environments").status_code == 200
    assert tables_left(project) == []


def _ask(http: httpx.Client, path: str) -> None:
    with suppress(httpx.TimeoutException):
        http.get(path, params={"name": "shop.orders"}, timeout=2)
