"""Short ways to tell a change, and to put values into words."""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import Enum

from sqlglot import exp
from sqlglot.errors import ParseError

from plan_tui.contract.change_kinds import ChangeKind
from plan_tui.contract.impact import SemanticChange

SEEN_CAUSES = 5


def change(
    kind: ChangeKind,
    subject: str | None = None,
    before: str | None = None,
    after: str | None = None,
    *,
    column: str | None = None,
    place: str | None = None,
) -> SemanticChange:
    """A change as the contract has it."""
    return SemanticChange(
        kind=kind.value, column=column, before=before, after=after, subject=subject, place=place
    )


def worded(value: object, dialect: str | None) -> str | None:
    """A property's value as people write it; None where it is not set.

    Args:
        value: Of any type that SQLMesh gives its properties.
        dialect: Of the model.
    """
    if value is None or (isinstance(value, list | dict | tuple | Set) and not value):
        return None
    if isinstance(value, exp.Expr):
        return value.sql(dialect=dialect, comments=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {worded(each, dialect)}" for key, each in value.items())
    if isinstance(value, Set):
        return ", ".join(sorted(str(worded(each, dialect)) for each in value))
    if isinstance(value, list | tuple):
        return ", ".join(str(worded(each, dialect)) for each in value)
    return str(value)


def place_of(error: BaseException) -> str | None:
    """The line and column that an error of the parser, or of what it caused, speaks of."""
    cause: BaseException | None = error
    for _ in range(SEEN_CAUSES):
        if isinstance(cause, ParseError) and cause.errors:
            first = cause.errors[0]
            if first.get("line"):
                return f"line {first['line']}, column {first.get('col')}"
        cause = cause.__cause__ or cause.__context__ if cause is not None else None
    return None
