"""What a query's columns and rows are said to be computed from."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from plan_tui.engine.impact.query_flow import QueryReader
from plan_tui.engine.impact.query_scope import CantTell
from plan_tui.engine.impact.relations import Relation

TABLES = {"t": ("a", "b", "c"), "u": ("a", "d")}


def read(query: str) -> Relation:
    reader = QueryReader(lambda table: table.name.lower(), TABLES.get)
    return reader.read(parse_one(query, dialect="duckdb"))


def refs(query: str) -> dict[str, str]:
    """Columns and rows (as ``*``), each with what it reads."""
    found = read(query)
    parts = {**dict(found.columns), "*": found.rows}
    return {
        name: " ".join(sorted(f"{table}.{column}" for table, column in part.refs))
        for name, part in parts.items()
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT a, b AS x FROM t ORDER BY c", {"a": "t.a", "x": "t.b", "*": "t."}),
        ("SELECT a FROM t ORDER BY c LIMIT 1", {"a": "t.a", "*": "t. t.c"}),
        ("SELECT COUNT(*) AS n FROM t WHERE a > 1", {"n": "", "*": "t. t.a"}),
        ("SELECT DISTINCT a FROM t", {"a": "t.a", "*": "t. t.a"}),
        ("SELECT b AS a, SUM(c) AS s FROM t GROUP BY 1",
         {"a": "t.b", "s": "t.c", "*": "t. t.b t.c"}),
        ("SELECT t.b, d FROM t LEFT JOIN u ON t.a = u.a",
         {"b": "t.b", "d": "u.d", "*": "t. t.a u. u.a"}),
        ("SELECT a, SUM(b) OVER (PARTITION BY c) AS s FROM t",
         {"a": "t.a", "s": "t.b t.c", "*": "t."}),
        ("SELECT a, (SELECT MAX(d) FROM u WHERE u.a = t.b) AS m FROM t",
         {"a": "t.a", "m": "t.b u. u.a u.d", "*": "t."}),
        ("WITH w AS (SELECT * EXCLUDE (b) FROM t) SELECT * FROM w",
         {"a": "t.a", "c": "t.c", "*": "t."}),
        ("SELECT a, b FROM t UNION ALL SELECT d, a FROM u",
         {"a": "t.a u.d", "b": "t.b u.a", "*": "t. u."}),
        ("SELECT a, UNNEST([b]) AS x FROM t", {"a": "t.a", "x": "t.b", "*": "t. t.b"}),
        ("SELECT LIST_TRANSFORM([a], a -> a + b) AS x FROM t", {"x": "t.a t.b", "*": "t."}),
    ],
)  # fmt: skip
def test_columns_and_rows(query: str, found: dict[str, str]) -> None:
    assert refs(query) == found


@pytest.mark.parametrize(
    ("one", "other", "rows", "columns"),
    [
        ("SELECT a FROM t", "SELECT x.a /* why */ FROM t AS x", True, True),
        ("SELECT a FROM t", "WITH w AS (SELECT b FROM t) SELECT a FROM t", True, True),
        ("SELECT a FROM t", "SELECT a, b FROM t", True, True),
        ("SELECT a FROM t", "SELECT a + 1 AS a FROM t", True, False),
        ("SELECT a FROM t", "SELECT a FROM t WHERE b > 1", False, True),
        ("SELECT 1 AS a FROM t", "SELECT 1 AS a, COUNT(*) AS n FROM t", False, True),
        ("SELECT 1 AS a FROM t", "SELECT 1 AS a, COUNT(*) OVER () AS n FROM t", True, True),
        ("SELECT x.b AS a FROM t AS x JOIN t AS y ON x.a = y.c",
         "SELECT y.b AS a FROM t AS x JOIN t AS y ON x.a = y.c", True, False),
        ("SELECT t.b AS a FROM t JOIN u ON t.a = u.a",
         "SELECT t.b AS a FROM t LEFT JOIN u ON t.a = u.a", False, True),
        ("SELECT a FROM t UNION ALL SELECT a FROM u", "SELECT a FROM t UNION SELECT a FROM u",
         False, True),
    ],
)  # fmt: skip
def test_what_is_computed_in_the_same_way(
    one: str, other: str, *, rows: bool, columns: bool
) -> None:
    first, second = read(one), read(other)
    assert (first.rows.form == second.rows.form) is rows
    assert (first.column("a").form == second.column("a").form) is columns


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COLUMNS('a.*') FROM t",
        "SELECT * REPLACE (a + 1 AS a) FROM t",
        "SELECT * FROM (t JOIN u ON t.a = u.a) AS x",
    ],
)
def test_what_is_not_understood_is_said_so(query: str) -> None:
    with pytest.raises(CantTell):
        read(query)
