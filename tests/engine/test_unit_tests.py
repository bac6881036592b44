"""The unit tests of a model in its impact, beside what git knows of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan_tui.contract import looks
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import ModelImpact, SemanticChange, UnitTests
from plan_tui.engine.impact.tested_words import changes_of, tables_of

from .hosting import HostedEngine, hosted
from .projects import Project
from .test_origins import committed, git

GIVEN = {
    "model": "shop.orders",
    "vars": {"start": "2026-01-01"},
    "inputs": {"raw.orders": {"rows": [{"id": 1, "paid": True}, {"id": 2, "paid": None}]}},
    "outputs": {"query": {"rows": [{"id": 1}]}, "ctes": {"own": [{"id": 1}]}},
}


def told(found: list[SemanticChange]) -> list[tuple[str | None, str | None, str | None]]:
    return [(change.subject, change.before, change.after) for change in found]


def test_tables_in_words() -> None:
    assert [(table.name, table.rows) for table in tables_of(GIVEN)] == [
        ("input raw.orders", ("id 1, paid true", "id 2, paid null")),
        ("expected", ("id 1",)),
        ("expected of own", ("id 1",)),
    ]
    odd = {"inputs": {"a": {"query": "SELECT 1"}, "b": "id\n1", "c": None, "d": {"rows": "id\n2"}}}
    assert [table.rows for table in tables_of(odd)] == [
        ("query: SELECT 1",),
        ("id\n1",),
        (),
        ("id\n2",),
    ]
    assert tables_of("no test") == ()


def test_equal_tests_do_not_differ() -> None:
    assert list(changes_of("t", GIVEN, {**GIVEN})) == []


def test_what_differs_is_told_by_row_column_and_setting() -> None:
    now = {
        **GIVEN,
        "vars": {"start": "2026-01-02"},
        "inputs": {"raw.orders": [{"id": 1, "paid": True}, {"id": 2, "paid": False}, {"id": 3}]},
        "outputs": {"partial": True, "query": {"rows": []}, "ctes": {"own": [{"id": 1}]}},
    }
    found = list(changes_of("t", GIVEN, now))
    assert told(found) == [
        ("row 2 of input raw.orders: paid", "null", "false"),
        ("new row of input raw.orders", None, "id 3"),
        ("row gone from expected", "id 1", None),
        ("variable start", "2026-01-01", "2026-01-02"),
        ("partial", None, "true"),
    ]
    assert {(change.kind, change.place) for change in found} == {(Kind.TEST_CHANGED, "t")}


TEST = """\
{name}:
  model: shop.stores
  outputs:
    partial: true
    query:
      rows:
        - {{id: {id}}}
"""


def test_very_many_rows_that_are_alike_are_paired_in_order() -> None:
    rows = [{"id": number % 3} for number in range(3_000)]
    before = {"inputs": {"a": [{"id": 9}, *rows]}}
    after = {"inputs": {"a": [{"id": 9}, {"id": 5}, *rows]}}
    found = list(changes_of("t", before, after))
    assert found[0].subject == "row 2 of input a: id"
    assert (found[-1].subject, found[-1].after) == ("new row of input a", "id 2")


@pytest.fixture
def tested(shop: Project) -> Project:
    """The shop with one unit test, deployed, with a change of the model that it tests."""
    shop.write("tests/test_stores.yaml", TEST.format(name="test_kept", id=1))
    shop.write("tests/test_old.yaml", TEST.format(name="test_gone", id=1))
    shop.write(".gitignore", ".cache\nlogs\n*.duckdb*\n__pycache__\n")
    shop.deploy()
    shop.edit("models/stores.sql", "AS name", "AS name, 2 AS two")
    return shop


def impact_tests(engine: HostedEngine, **params: str) -> UnitTests:
    path = looks.ROUTE.format(path="impact")
    got = engine.get(path, name="shop.stores", **params)
    found = ModelImpact.model_validate_json(got.content)
    assert found.tests is not None, found.notes
    return found.tests


def test_tests_of_a_model_against_the_branch(tested: Project, runtime: Path) -> None:
    tested.write("tests/test_same.yaml", TEST.format(name="test_same", id=1))
    git(tested.root, "init", "-q", "-b", "main")
    committed(tested.root, "main")
    git(tested.root, "checkout", "-q", "-b", "feature")
    tested.remove("tests/test_old.yaml")
    more = TEST.format(name="test_kept", id=1).replace("rows:", "rows:  # the first")
    tested.write("tests/test_stores.yaml", more)
    tested.write("tests/test_more.yaml", TEST.format(name="test_fresh", id=1))
    with hosted(tested, runtime) as engine:
        engine.plan()
        found = impact_tests(engine)
        of_none = impact_tests(engine, ref="nothing")
    assert [(test.name, test.outcome) for test in sorted(found.tests, key=lambda t: t.name)] == [
        ("test_fresh", "passed"),
        ("test_kept", "passed"),
        ("test_same", "passed"),
    ]
    assert found.against == "main"
    assert not found.problem
    assert sorted((change.kind, change.subject) for change in found.changes) == [
        (Kind.TEST_ADDED, "test_fresh"),
        (Kind.TEST_REMOVED, "test_gone"),
    ]
    assert of_none.changes == ()
    assert "nothing" in of_none.problem


def test_without_git_it_is_said_that_nothing_of_before_is_known(
    tested: Project, runtime: Path
) -> None:
    with hosted(tested, runtime) as engine:
        engine.plan()
        found = impact_tests(engine)
    assert len(found.tests) == 2
    assert found.against is None
    assert found.changes == ()
    assert "not in a git repository" in found.problem
