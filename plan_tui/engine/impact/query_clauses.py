"""What single clauses of a query mean for its columns and rows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from plan_tui.engine.impact.query_scope import CantTell
from plan_tui.engine.impact.relations import Part, Relation


def alias_columns(node: exp.Expr) -> list[str]:
    """The columns that an alias names, as in ``AS t(x, y)``."""
    return [name.lower() for name in node.alias_column_names]


def spine(node: exp.Expr) -> list[exp.Expr] | None:
    """``a AND b AND c`` as its operands, so that a long chain is no deep tree."""
    if not isinstance(node, exp.Binary) or type(node.this) is not type(node):
        return None
    operands: list[exp.Expr] = []
    current: Any = node
    while type(current) is type(node) and set(current.args) <= {"this", "expression"}:
        operands.append(current.expression)
        current = current.this
    return [current, *reversed(operands)] if operands else None


def aggregates(node: exp.Select) -> bool:
    """Whether all rows become one, as with an aggregate without groups."""
    if node.args.get("group") is not None:
        return False
    return any(
        not _is_windowed(found) and found.find_ancestor(exp.Query) is node
        for projection in node.expressions
        for found in projection.find_all(exp.AggFunc)
    )


def _is_windowed(found: exp.Expr) -> bool:
    around = found.parent
    while isinstance(around, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        around = around.parent
    return isinstance(around, exp.Window)


def names_positions(clause: exp.Expr | None) -> bool:
    """Whether groups or an order are given by position, or as all columns."""
    if clause is None:
        return False
    keys = [each.this if isinstance(each, exp.Ordered) else each for each in clause.expressions]
    return bool(clause.args.get("all")) or any(isinstance(each, exp.Literal) for each in keys)


def aligned(
    node: exp.SetOperation, left: Relation, right: Relation
) -> list[tuple[str, Part]] | None:
    """The columns of a union; None where it can't be told which meets which."""
    strange = any(node.args.get(key) for key in ("on", "side"))
    if strange or left.rest is not None or right.rest is not None:
        return None
    if node.args.get("by_name"):
        names = dict.fromkeys(name for name, _ in (*left.columns, *right.columns))
        sides = (left.find, right.find)
        return [
            (name, Part.of("by name", (part for find in sides if (part := find(name)))))
            for name in names
        ]
    if len(left.columns) != len(right.columns):
        return None
    pairs = zip(left.columns, right.values, strict=True)
    return [(name, Part.of("either", (part, other))) for (name, part), other in pairs]


def pivoted(found: Relation, node: exp.Expr) -> Relation:
    """A pivot makes columns out of values: each of them comes from everything."""
    pivots = node.args.get("pivots")
    if not pivots:
        return found
    if any(pivot.find(exp.Query) is not None for pivot in pivots):
        raise CantTell("a pivot over a query")
    label = tuple(pivot.sql() for pivot in pivots)
    return Relation.opaque(Part.of(label, (found.everything,)))
