"""Types of columns as their dialect writes them, each written once: a project has few of them."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp


def type_sql(kind: exp.DataType, dialect: str) -> str:
    """A type in SQL.

    Args:
        kind: The type.
        dialect: In which dialect it is written.
    """
    args = kind.args
    plain = args.get("this")
    is_plain = isinstance(plain, exp.DType) and not kind.comments
    if is_plain and not any(value for name, value in args.items() if name != "this"):
        return _plain_sql(plain, dialect)
    return kind.sql(dialect=dialect)


@lru_cache(maxsize=2_048)
def _plain_sql(plain: exp.DType, dialect: str) -> str:
    return exp.DataType(this=plain).sql(dialect=dialect)
