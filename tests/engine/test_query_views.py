"""What is seen of a changed query is true of the rows that DuckDB computes."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product

import duckdb
import pytest
from sqlglot import exp, parse_one

from plan_tui.engine.impact.query_views import Effect, Sight, select_sight

TABLE = "CREATE TABLE t AS SELECT i AS id, i % 3 AS k, i * 10 AS amount FROM RANGE(12) AS r(i)"
COLUMNS = (
    "id, k",
    "id, k, amount",
    "id, amount, k",
    "amount, id, k",
    "k, id",
    "id, k + 1 AS k",
    "id, k, UNNEST([1, 2]) AS u",
    "id, k, (SELECT MAX(u) FROM UNNEST([1, 2]) AS x(u)) AS u",
    "id, k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY id) AS n",
    "DISTINCT k",
    "DISTINCT k, id",
    "MAX(k) AS k",
    "1 AS k",
    "1 AS k, MAX(id) AS id",
)
ENDS = (
    "",
    "WHERE id > 3",
    "ORDER BY k, id",
    "ORDER BY k DESC, id LIMIT 4",
    "ORDER BY id LIMIT 4",
    "ORDER BY 1, 2 LIMIT 4",
)
GROUPED = (
    "SELECT k, SUM(id) AS id FROM t GROUP BY k",
    "SELECT k, SUM(id) AS id, COUNT(*) AS n FROM t GROUP BY k",
    "SELECT COUNT(*) AS n, k, SUM(id) AS id FROM t GROUP BY 2",
    "SELECT k, SUM(id) AS id FROM t GROUP BY k HAVING SUM(id) > 15",
    "SELECT k, SUM(id) AS id FROM t GROUP BY k, amount",
    "WITH c AS (SELECT id, k FROM t) SELECT id, k FROM c",
    "WITH c AS (SELECT id, k FROM t WHERE id > 2) SELECT id, k FROM c",
    "SELECT t.id, t.k FROM t JOIN t AS o ON t.k = o.k",
)
QUERIES = [*(f"SELECT {c} FROM t {end}".strip() for c, end in product(COLUMNS, ENDS)), *GROUPED]


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """The columns and rows of every query that DuckDB runs."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(TABLE)
        for query in QUERIES:
            try:
                done = connection.execute(query)
            except duckdb.Error:
                continue
            found[query] = ([each[0] for each in done.description or ()], done.fetchall())
    assert len(found) > 60
    return found


@cache
def parsed(query: str) -> exp.Expr:
    return parse_one(query, dialect="duckdb")


def sight(before: str, after: str) -> Sight:
    old, new = parsed(before), parsed(after)
    assert isinstance(old, exp.Select)
    assert isinstance(new, exp.Select)
    return select_sight(old, new)


def common(found: tuple[list[str], list[tuple[object, ...]]], names: list[str]) -> Counter[object]:
    columns, rows = found
    places = [columns.index(name) for name in names]
    return Counter(tuple(row[place] for place in places) for row in rows)


def test_rows_that_are_said_to_stay_stay(
    rows: dict[str, tuple[list[str], list[tuple[object, ...]]]],
) -> None:
    stay = 0
    for before, after in product(rows, repeat=2):
        if before == after or sight(before, after).effect is not Effect.NOTHING:
            continue
        names = rows[before][0]
        assert set(names) <= set(rows[after][0]), (before, after)
        assert common(rows[before], names) == common(rows[after], names), (before, after)
        stay += 1
    assert stay > 20


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("SELECT a FROM t", "SELECT a, b FROM t", "only the column b came, at the end"),
        ("SELECT a, c FROM t", "SELECT a, b, c FROM t", "only the column b came, in the middle"),
        ("SELECT a FROM t", "SELECT a FROM t WHERE a > 1", "a filter changed"),
        ("SELECT a FROM t", "SELECT a FROM s", "what it reads changed"),
        ("SELECT a, b FROM t", "SELECT a FROM t", "the column b went"),
        (
            "SELECT a FROM t",
            "SELECT UNNEST(x) AS u, a FROM t",
            "the column u may multiply the rows",
        ),
        ("SELECT a, b FROM t", "SELECT b, a FROM t", "only the order of the columns changed"),
        ("SELECT a FROM t", "SELECT a + 1 AS a FROM t", "the column a is computed differently"),
        (
            "SELECT a FROM t",
            "SELECT a, b FROM t JOIN s ON t.a = s.a",
            "a join changed and the column b came",
        ),
        (
            "SELECT DISTINCT a FROM t",
            "SELECT DISTINCT a, b FROM t",
            "the column b came, which makes DISTINCT keep more rows",
        ),
    ],
)
def test_what_is_said(before: str, after: str, words: str) -> None:
    assert sight(before, after).words == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("id, k", "id, k AS kind", "the column k is called kind now"),
        ("id, k, amount", "id, k AS kind, 1 AS n",
         "the column k is called kind now, the column amount went and the column n came"),
        ("id, 1 AS a, 1 AS b", "id, 1 AS c", "the column a is called c now and the column b went"),
        ("id, k", "id, k + 1 AS kind", "the column k went and the column kind came"),
    ],
)  # fmt: skip
def test_a_renamed_column_is_called_so(before: str, after: str, words: str) -> None:
    old, new = (parse_one(f"SELECT {columns} FROM t") for columns in (before, after))
    assert isinstance(old, exp.Select)
    assert isinstance(new, exp.Select)
    sight = select_sight(old, new)
    assert (sight.words, sight.effect) == (words, Effect.CHANGES)
