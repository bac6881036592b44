"""The semantic diff of queries: it tells every difference, and none that there is not."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlmesh.core import dialect as sqlmesh_dialect

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.engine.impact.edits import Edit, apply_edits
from plan_tui.engine.impact.query_diff import diff_queries
from plan_tui.engine.impact.trees import Trees
from tests.soaking import SOAKING

from .generated_queries import edited, queries

BOUNDED = settings(
    max_examples=500 if SOAKING else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def held(sql: str, dialect: str = "duckdb") -> exp.Expr:
    """A query in what holds it."""
    try:
        parsed = sqlmesh_dialect.parse_one(sql, dialect=dialect)
    except Exception:
        assume(False)
        raise
    return exp.Tuple(this=parsed)


def unquoted(query: exp.Expr) -> str:
    """Its text where neither case nor quotes tell names apart, as in DuckDB."""
    return query.this.sql("duckdb").lower().replace('"', "")


def diff(old: str, new: str) -> list[Edit]:
    """The edits between two queries, which are checked to make the one of the other."""
    before, after = held(old), held(new)
    edits = diff_queries(Trees(before, after, "duckdb"))
    made = apply_edits(before, edits)
    assert Trees(made, after, "duckdb").same(made, after), (
        f"{made.this.sql('duckdb')}\n{after.this.sql('duckdb')}"
    )
    return edits


def told(old: str, new: str) -> list[tuple[object, ...]]:
    """What is told: kind, column or subject, before, after."""
    return [
        (edit.kind, edit.column or edit.subject, edit.before, edit.after) for edit in diff(old, new)
    ]


@BOUNDED
@given(queries(), queries())
def test_applied_to_the_old_query_the_edits_make_the_new_one(old: str, new: str) -> None:
    edits = diff(old, new)
    before, after = held(old), held(new)
    trees = Trees(before, after, "duckdb")
    assert bool(edits) != trees.same(before, after)
    assert all(edit.before != edit.after for edit in edits)


@BOUNDED
@given(queries(), st.randoms(use_true_random=False))
def test_an_edited_query_is_made_of_the_old_one_by_its_edits(old: str, random: Random) -> None:
    before = held(old)
    try:
        after = held(edited(before.this, random).sql(dialect="duckdb"))
    except Exception:
        assume(False)
        raise
    edits = diff_queries(Trees(before, after, "duckdb"))
    made = apply_edits(before, edits)
    assert Trees(made, after, "duckdb").same(made, after)
    assert unquoted(made) == unquoted(after)
    assert all(edit.before != edit.after for edit in edits)


@BOUNDED
@given(queries(), st.integers(1, 100))
def test_the_same_query_has_no_edits_however_it_is_written(query: str, width: int) -> None:
    again = held(query).this.sql(dialect="duckdb", pretty=True, max_text_width=width)
    assert diff(query, query) == []
    assert diff(query, "/* why */ " + again.replace("FROM", "FROM /* here */\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SELECT a", "SELECT a, COALESCE(d, 0) AS d",
         [(Kind.COLUMN_ADDED, "d", None, "COALESCE(d, 0)")]),
        ("SELECT a, b", "SELECT b", [(Kind.COLUMN_REMOVED, "a", "a", None)]),
        ("SELECT x + 1 AS a", "SELECT x + 1 AS b", [(Kind.COLUMN_RENAMED, "b", "a", "b")]),
        ("SELECT a", "SELECT a AS b", [(Kind.COLUMN_RENAMED, "b", "a", "b")]),
        ("SELECT x AS a", "SELECT x + 1 AS a", [(Kind.COLUMN_CHANGED, "a", "x", "x + 1")]),
        ("SELECT a::INT AS a", "SELECT a::BIGINT AS a",
         [(Kind.TYPE_CHANGED, "a", "INT", "BIGINT")]),
        ("SELECT a, b, c", "SELECT c, a, b",
         [(Kind.COLUMNS_REORDERED, "order", "c at 3", "c at 1")]),
        ("SELECT a FROM t WHERE s = 'done'", "SELECT a FROM t WHERE s IN ('done', 'paid')",
         [(Kind.FILTER_CHANGED, None, "s = 'done'", "s IN ('done', 'paid')")]),
        ("SELECT a FROM t", "SELECT a FROM t WHERE b AND c",
         [(Kind.FILTER_ADDED, None, None, "b"), (Kind.FILTER_ADDED, None, None, "c")]),
        ("SELECT a FROM t WHERE b AND c", "SELECT a FROM t WHERE c",
         [(Kind.FILTER_REMOVED, None, "b", None)]),
        ("SELECT a FROM t HAVING SUM(b) > 1", "SELECT a FROM t HAVING SUM(b) > 2",
         [(Kind.HAVING_CHANGED, None, "SUM(b) > 1", "SUM(b) > 2")]),
        ("SELECT a FROM t", "SELECT a FROM t QUALIFY r = 1",
         [(Kind.QUALIFY_CHANGED, None, None, "r = 1")]),
        ("SELECT a FROM t JOIN u ON x", "SELECT a FROM t LEFT JOIN u ON x",
         [(Kind.JOIN_CHANGED, "u", "JOIN u ON x", "LEFT JOIN u ON x")]),
        ("SELECT a FROM t", "SELECT a FROM t JOIN u AS v ON x",
         [(Kind.JOIN_ADDED, "v", None, "JOIN u AS v ON x")]),
        ("SELECT a FROM t", "SELECT a FROM s.t", [(Kind.SOURCE_CHANGED, None, "t", "s.t")]),
        ("SELECT a FROM t GROUP BY a", "SELECT a FROM t GROUP BY a, b",
         [(Kind.GROUPING_CHANGED, None, "GROUP BY a", "GROUP BY a, b")]),
        ("SELECT a FROM t", "SELECT a FROM t ORDER BY a",
         [(Kind.ORDERING_CHANGED, None, None, "ORDER BY a")]),
        ("SELECT a FROM t LIMIT 1", "SELECT a FROM t LIMIT 2",
         [(Kind.LIMIT_CHANGED, None, "LIMIT 1", "LIMIT 2")]),
        ("SELECT a FROM t", "SELECT DISTINCT a FROM t",
         [(Kind.DISTINCT_CHANGED, None, None, "DISTINCT")]),
        ("SELECT a FROM x", "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
         [(Kind.CTE_ADDED, "x", None, "SELECT 1 AS a")]),
        ("SELECT a UNION SELECT b", "SELECT a UNION ALL SELECT b",
         [(Kind.UNION_CHANGED, None, "UNION", "UNION ALL")]),
        ("SELECT a UNION SELECT b", "SELECT a UNION SELECT b UNION SELECT c",
         [(Kind.BRANCH_ADDED, None, None, "SELECT c")]),
        ("SELECT a", "SELECT a UNION ALL SELECT b",
         [(Kind.BRANCH_ADDED, None, None, "UNION ALL\nSELECT b")]),
        ("SELECT a FROM t WINDOW w AS (ORDER BY b)", "SELECT a FROM t WINDOW w AS (ORDER BY c)",
         [(Kind.CLAUSE_CHANGED, "WINDOWS", "w AS (ORDER BY b)", "w AS (ORDER BY c)")]),
        ("SELECT A FROM T", "SELECT a FROM \"t\"", []),
        ("SELECT @net(a) AS a", "SELECT @gross(a) AS a",
         [(Kind.COLUMN_CHANGED, "a", "@net(a)", "@gross(a)")]),
        ("SELECT @EACH([a], x -> x)", "SELECT @EACH([a, b], x -> x)",
         [(Kind.COLUMN_CHANGED, None, "@EACH([a], x -> x)", "@EACH([a, b], x -> x)")]),
    ],
)  # fmt: skip
def test_each_clause_has_a_kind(old: str, new: str, expected: list[tuple[object, ...]]) -> None:
    assert told(old, new) == expected


def test_a_change_inside_tells_where_it_is() -> None:
    old = (
        "WITH x AS (SELECT a FROM (SELECT a, b FROM t) AS s) SELECT a FROM x UNION SELECT b FROM y"
    )
    new = old.replace("a, b FROM t", "a, b + 1 AS b FROM t").replace("FROM y", "FROM y WHERE c")
    assert [(edit.kind, edit.place) for edit in diff(old, new)] == [
        (Kind.COLUMN_CHANGED, "x > s"),
        (Kind.FILTER_ADDED, "branch 2"),
    ]


def test_a_query_of_two_hundred_lines_takes_no_time() -> None:
    columns = ",\n".join(f"COALESCE(o.c{n}, {n}) * 2 AS c{n}" for n in range(150))
    ctes = ",\n".join(f"x{n} AS (\nSELECT a,\nb\nFROM t{n}\nWHERE c)" for n in range(12))
    old = f"WITH {ctes}\nSELECT\n{columns}\nFROM x1 AS o"
    before, after = held(old), held(old.replace("c77, 77", "c77, 78"))
    times = []
    for _ in range(3):
        start = time.thread_time()
        edits = diff_queries(Trees(before, after, "duckdb"))
        times.append(time.thread_time() - start)
    assert [edit.column for edit in edits] == ["c77"]
    assert min(times) < 0.1


@pytest.mark.parametrize(
    ("dialect", "old", "new", "kinds"),
    [
        ("snowflake", "SELECT a FROM t", "SELECT A FROM T", []),
        (
            "snowflake",
            "SELECT a FROM t",
            'SELECT "a" FROM t',
            [Kind.COLUMN_REMOVED, Kind.COLUMN_ADDED],
        ),
        ("postgres", "SELECT a FROM t", 'SELECT "a" FROM T', []),
        ("bigquery", "SELECT a FROM p.d.t", "SELECT `a` FROM `p.d.t`", []),
        ("bigquery", "SELECT a FROM d.t", "SELECT a FROM d.T", [Kind.SOURCE_CHANGED]),
        ("tsql", "SELECT TOP 5 a FROM t", "SELECT TOP 6 [a] FROM t", [Kind.LIMIT_CHANGED]),
    ],
)
def test_names_compare_as_the_dialect_reads_them(
    dialect: str, old: str, new: str, kinds: list[Kind]
) -> None:
    before, after = held(old, dialect), held(new, dialect)
    edits = diff_queries(Trees(before, after, dialect))
    assert [edit.kind for edit in edits] == kinds
