"""What plan_tui sees of a change by looking at both queries, whatever the categorizer says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from plan_tui.engine.impact.pairing import pair_by

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

CLAUSES = {
    "with_": "a CTE",
    "with": "a CTE",
    "from_": "what it reads",
    "from": "what it reads",
    "joins": "a join",
    "laterals": "a lateral join",
    "where": "a filter",
    "group": "the grouping",
    "having": "the filter of the groups",
    "qualify": "the filter of the windows",
    "windows": "a window",
    "distinct": "DISTINCT",
    "order": "the order",
    "limit": "the limit",
    "offset": "the offset",
    "sample": "the sample",
}
"""The clauses of a query as they are called in a sentence."""


class Effect(Enum):
    """What a change does to data that is there."""

    NOTHING = "nothing"
    """What is there stays as it is; columns may come."""
    CHANGES = "changes"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sight:
    """What is seen, as the rest of a sentence, and what it does to data that is there."""

    words: str
    effect: Effect
    added: tuple[str, ...] = field(default=())
    """Columns that come."""


def sight_of(new: Snapshot, old: Snapshot) -> Sight:
    """Looks at both versions of a model."""
    if type(new.node) is not type(old.node) or not new.is_model:
        return Sight("it is another form of model now", Effect.UNKNOWN)
    if new.model.is_seed:
        return _seed_sight(new.model, old.model)
    if not new.model.is_sql:
        return _other_sight(new.model)
    return _query_sight(new, old)


def _other_sight(model: Any) -> Sight:
    if model.is_python:
        return Sight("what Python code does can't be compared", Effect.UNKNOWN)
    return Sight("what is outside the project can't be looked at", Effect.UNKNOWN)


def _seed_sight(new: Any, old: Any) -> Sight:
    before, after = old.column_hashes, new.column_hashes
    gone = [name for name in before if name not in after]
    other = [name for name, value in before.items() if name in after and after[name] != value]
    added = tuple(name for name in after if name not in before)
    if gone or other:
        return Sight(_seed_words(gone, other, len(before)), Effect.CHANGES, added)
    if added:
        return Sight(f"the seed only gains {_some(added, 'column')}", Effect.NOTHING, added)
    return Sight("the seed's rows are the same", Effect.NOTHING)


def _seed_words(gone: Sequence[str], other: Sequence[str], columns: int) -> str:
    """What the hashes of a seed's columns tell: one row that comes or goes changes all of them."""
    parts = [f"{_some(gone, 'column')} went from the seed"] if gone else []
    if other and len(gone) + len(other) == columns:
        parts.append("rows of the seed were added, removed or changed")
    elif other:
        parts.append(f"values of the seed are different in {_some(other, 'column')}")
    return ", and ".join(parts)


def _query_sight(new: Snapshot, old: Snapshot) -> Sight:
    try:
        before, after = old.model.render_query(), new.model.render_query()
    except Exception:  # a query of before may need macros that are gone
        before = after = None
    if before is None or after is None:
        return Sight("one of the queries can't be rendered", Effect.UNKNOWN)
    if before == after:
        return Sight("the query comes out the same, only its settings differ", Effect.UNKNOWN)
    if not isinstance(before, exp.Select) or not isinstance(after, exp.Select):
        return Sight("the query is not a plain SELECT on both sides", Effect.UNKNOWN)
    return select_sight(before, after)


def select_sight(before: exp.Select, after: exp.Select) -> Sight:
    """Looks at both versions of a SELECT."""
    if not _is_named(before) or not _is_named(after):
        return Sight("not every column has a name of its own", Effect.UNKNOWN)
    clauses = _moved_clauses(before, after)
    was = {each.alias_or_name: each for each in before.expressions}
    now = {each.alias_or_name: each for each in after.expressions}
    added = tuple(name for name in now if name not in was)
    gone = [name for name in was if name not in now]
    other = [name for name in was if name in now and was[name] != now[name]]
    if not clauses and not gone and not other and added:
        return _added_sight(before, after, added)
    parts = _parts(clauses, _renamed(was, now, gone, added), gone, other, added)
    if not parts:
        return Sight("only the order of the columns changed", Effect.UNKNOWN)
    harmless = clauses == [CLAUSES["order"]] and not gone and not other and not added
    harmless = harmless and not _cut(after)
    return Sight(_listed(parts), Effect.NOTHING if harmless else Effect.CHANGES, added)


def _renamed(
    was: Mapping[str, exp.Expr], now: Mapping[str, exp.Expr], gone: list[str], added: Sequence[str]
) -> dict[str, str]:
    """Names of before and of now of columns that are computed as they were, as a diff has them."""
    pairs = pair_by(
        ((index, was[name].unalias()) for index, name in enumerate(gone)),
        ((index, now[name].unalias()) for index, name in enumerate(added)),
    )
    return {gone[before]: added[after] for before, after in pairs}


def _parts(
    clauses: list[str],
    renamed: Mapping[str, str],
    gone: list[str],
    other: list[str],
    added: Sequence[str],
) -> list[str]:
    """What changed, clause by clause, in words."""
    parts = []
    if clauses:
        parts.append(f"{_listed(clauses)} changed")
    parts += [f"the column {before} is called {after} now" for before, after in renamed.items()]
    if left := [name for name in gone if name not in renamed]:
        parts.append(f"{_some(left, 'column')} went")
    if other:
        parts.append(f"{_some(other, 'column')} {_are(other)} computed differently")
    new = set(renamed.values())
    if came := [name for name in added if name not in new]:
        parts.append(f"{_some(came, 'column')} came")
    return parts


def _added_sight(before: exp.Select, after: exp.Select, added: tuple[str, ...]) -> Sight:
    projections = {each.alias_or_name: each for each in after.expressions}
    multiplying = [name for name in added if _multiplies(projections[name])]
    if multiplying:
        words = f"{_some(multiplying, 'column')} may multiply the rows"
        return Sight(words, Effect.CHANGES, added)
    if before.args.get("distinct"):
        words = f"{_some(added, 'column')} came, which makes DISTINCT keep more rows"
        return Sight(words, Effect.CHANGES, added)
    if _aggregates(after) and not after.args.get("group") and not _aggregates(before):
        words = f"{_some(added, 'column')} came, and the rows are aggregated now"
        return Sight(words, Effect.CHANGES, added)
    count = len(before.expressions)
    at_end = _names(after)[:count] == _names(before)
    where = "at the end" if at_end else "in the middle"
    if not at_end and _counts_columns(after):
        words = f"{_some(added, 'column')} came before others that are referred to by number"
        return Sight(words, Effect.UNKNOWN, added)
    return Sight(f"only {_some(added, 'column')} came, {where}", Effect.NOTHING, added)


def _moved_clauses(before: exp.Select, after: exp.Select) -> list[str]:
    found: dict[str, None] = {}
    for key in sorted(before.args.keys() | after.args.keys()):
        if key == "expressions":
            continue
        was, now = before.args.get(key) or None, after.args.get(key) or None
        if was != now:
            found[CLAUSES.get(key, "another clause")] = None
    return list(found)


def _is_named(query: exp.Select) -> bool:
    names = _names(query)
    return all(names) and len(set(names)) == len(names) and "*" not in names


def _cut(query: exp.Select) -> bool:
    """Whether an order decides which rows there are."""
    return any(query.args.get(key) for key in ("limit", "offset", "distinct"))


def _multiplies(projection: exp.Expr) -> bool:
    """Whether a column may make several rows of one; a subquery in it gives one at most."""
    inside = {id(each) for each in projection.walk()}
    return any(
        (subquery := each.find_ancestor(exp.Subquery)) is None or id(subquery) not in inside
        for each in projection.find_all(exp.UDTF)
    )


def _counts_columns(query: exp.Select) -> bool:
    """Whether the grouping or the order refers to columns by number."""
    clauses = [query.args.get("group"), query.args.get("order")]
    return any(
        isinstance(each.this if isinstance(each, exp.Ordered) else each, exp.Literal)
        for clause in clauses
        if clause is not None
        for each in clause.expressions
    )


def _aggregates(query: exp.Select) -> bool:
    return any(
        aggregate.find_ancestor(exp.Window) is None
        for each in query.expressions
        for aggregate in each.find_all(exp.AggFunc)
    )


def _names(query: exp.Select) -> list[str]:
    return [each.alias_or_name for each in query.expressions]


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _some(names: Any, noun: str) -> str:
    """``the column discount``, ``the columns a and b``, ``5 columns``."""
    found = list(names)
    if len(found) > 3:
        return f"{len(found):,} {noun}s"
    return f"the {noun}{'s' if len(found) > 1 else ''} {_listed(found)}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
