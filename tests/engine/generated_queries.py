"""Queries made up by hypothesis: of few names, so that two of them have much in common."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from sqlglot import exp

NAMES = st.sampled_from(["a", "b", "c", "Total", '"d"'])
TABLES = st.sampled_from(["t", "u", "raw.v", "recent", "older"])
ATOMS = st.one_of(
    NAMES,
    NAMES.map(lambda name: f"t.{name}"),
    st.integers(0, 3).map(str),
    st.sampled_from(["'x'", "'done'", "NULL", "CURRENT_DATE", "@start_ds", "@net(a)"]),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from(["+", "*", "=", "<", "AND", "OR", "||"]), inner)
    return st.one_of(
        pairs.map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda text: f"CAST({text} AS INT)"),
        inner.map(lambda text: f"CAST({text} AS TEXT)"),
        inner.map(lambda text: f"SUM({text})"),
        inner.map(lambda text: f"ROW_NUMBER() OVER (PARTITION BY {text} ORDER BY a DESC)"),
        st.tuples(inner, inner).map(lambda two: f"COALESCE({two[0]}, {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"CASE WHEN {two[0]} THEN {two[1]} ELSE 0 END"),
        st.tuples(inner, st.lists(inner, min_size=1, max_size=2)).map(
            lambda two: f"{two[0]} IN ({', '.join(two[1])})"
        ),
    )


EXPRESSIONS = st.recursive(ATOMS, _grown, max_leaves=4)
PROJECTIONS = st.one_of(
    EXPRESSIONS,
    st.tuples(EXPRESSIONS, NAMES).map(" AS ".join),
    st.sampled_from(["*", "t.*", "* EXCLUDE (a)", "@EACH([a, b], x -> x + 1)"]),
)
CONDITIONS = st.lists(EXPRESSIONS, min_size=1, max_size=3).map(" AND ".join)


@st.composite
def selects(draw: DrawFn, depth: int = 1) -> str:
    """A SELECT with some of its clauses."""
    parts = ["SELECT", draw(st.sampled_from(["", "DISTINCT", "DISTINCT ON (a)"]))]
    parts.append(", ".join(draw(st.lists(PROJECTIONS, min_size=1, max_size=4))))
    if draw(st.booleans()):
        parts += ["FROM", draw(_sources(depth))]
        for _ in range(draw(st.integers(0, 2))):
            side = draw(st.sampled_from(["JOIN", "LEFT JOIN", "CROSS JOIN"]))
            on = (
                "" if side == "CROSS JOIN" else draw(st.sampled_from(["ON t.a = u.b", "USING (a)"]))
            )
            parts += [side, draw(_sources(depth)), on]
    for clause, content in (
        ("WHERE", CONDITIONS),
        ("GROUP BY", st.lists(NAMES, min_size=1, max_size=2).map(", ".join)),
        ("HAVING", CONDITIONS),
        ("QUALIFY", CONDITIONS),
        ("ORDER BY", st.sampled_from(["a", "b DESC", "a, b NULLS FIRST"])),
        ("LIMIT", st.integers(1, 3).map(str)),
        ("OFFSET", st.integers(1, 2).map(str)),
    ):
        if draw(st.integers(0, 2)) == 0:
            parts += [clause, draw(content)]
    return " ".join(parts)


def _sources(depth: int) -> st.SearchStrategy[str]:
    aliased = st.tuples(TABLES, st.sampled_from(["", " AS t", " AS u"])).map("".join)
    if not depth:
        return aliased
    return st.one_of(aliased, queries(depth - 1).map(lambda query: f"({query}) AS t"))


@st.composite
def queries(draw: DrawFn, depth: int = 1) -> str:
    """A query: a WITH, and one or several SELECTs put together."""
    names = draw(st.lists(st.sampled_from(["recent", "older", "x"]), max_size=3, unique=True))
    ctes = [f"{name} AS ({draw(queries(0) if depth else selects(0))})" for name in names]
    recursive = draw(st.sampled_from(["", "RECURSIVE "]))
    head = f"WITH {recursive}{', '.join(ctes)} " if ctes and depth else ""
    parts = draw(st.lists(selects(depth), min_size=1, max_size=3))
    if len(parts) == 1:
        return head + parts[0]
    joined = f"({parts[0]})"
    for part in parts[1:]:
        operator = draw(st.sampled_from(["UNION ALL", "UNION ALL", "UNION", "EXCEPT"]))
        joined += (
            f" {operator} ({part})" if draw(st.booleans()) else f" {operator} SELECT {part[6:]}"
        )
    return head + joined


def edited(query: exp.Expr, random: Random) -> exp.Expr:
    """A query with a few things moved, dropped, doubled or swapped: much of it stays."""
    copy = exp.Tuple(this=query.copy())
    for _ in range(random.randint(1, 3)):
        nodes = [node for node in copy.this.walk() if any(node.args.values())]
        places = [(node, arg) for node in nodes for arg, value in node.args.items() if value]
        lists = [place for place in places if _has_several(*place)]
        node, arg = random.choice(random.choice([places, lists or places]))
        value = node.args[arg]
        if isinstance(value, list):
            items = [item.copy() if isinstance(item, exp.Expr) else item for item in value]
            random.shuffle(items)
            node.set(arg, items[: random.choice([len(items), len(items), 1])])
        elif not node.arg_types.get(arg):
            node.set(arg, None)
        elif isinstance(value, exp.Literal):
            node.set(arg, exp.Literal.number(random.randint(4, 6)))
        elif isinstance(value, exp.Expr):
            others = [other for other in nodes if type(other) is type(value)]
            node.set(arg, random.choice(others).copy())
    return copy.this


def _has_several(node: exp.Expr, arg: str) -> bool:
    value = node.args[arg]
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], exp.Expr)
