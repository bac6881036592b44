"""The condition that bounds a comparison of data: read as one, and never run as it was sent.

It comes over the socket, so it is no SQL to the engine: it may compare columns with values, and the
warehouse gets only what was understood, written anew.
"""

from __future__ import annotations

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

ALLOWED: tuple[type[exp.Expr], ...] = (
    *(exp.And, exp.Or, exp.Not, exp.Paren),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.Between, exp.In, exp.Like, exp.ILike),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg),
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null),
    *(exp.Cast, exp.DataType, exp.DataTypeParam, exp.Interval, exp.Var),
    *(exp.CurrentDate, exp.CurrentTimestamp, exp.Lower, exp.Upper, exp.Coalesce, exp.Abs),
)
"""What a condition may be made of: no query, no table, and no function but these harmless ones."""


class ConditionError(ValueError):
    """The condition is not one, or holds what no condition needs; says what."""


def read_condition(text: str, dialect: str) -> exp.Expr:
    """The condition in a text.

    Raises:
        ConditionError: See there.
    """
    try:
        parsed = parse(f"SELECT 1 WHERE {text}", dialect=dialect)
    except SqlglotError as error:
        raise ConditionError("It can't be read as a condition.") from error
    select = parsed[0] if len(parsed) == 1 else None
    where = select.args.get("where") if isinstance(select, exp.Select) else None
    others = () if select is None else (key for key, value in select.args.items() if value)
    if where is None or set(others) - {"kind", "expressions", "where"}:
        raise ConditionError("It is more than one condition.")
    condition: exp.Expr = where.this
    for node in condition.walk():
        if type(node) not in ALLOWED:
            raise ConditionError(f"It has {_words(node)}, which a condition here may not have.")
        # What the text holds beside what was understood would come out again with it.
        node.comments = None
    return condition


def _words(node: exp.Expr) -> str:
    if isinstance(node, exp.Query | exp.Table):
        return "a query in it"
    name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
    return f"{name.upper()}()" if isinstance(node, exp.Func) else name.lower()
