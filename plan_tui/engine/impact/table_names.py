"""The model that a table in a query is, looked up once for each way of writing it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sqlglot import exp
from sqlmesh.core.dialect import normalize_model_name

_PARTS = ("this", "db", "catalog")
_PLACES = frozenset(("line", "col", "start", "end"))
"""What the parser notes of every identifier; its other notes may change how it is normalized."""


class _Part(NamedTuple):
    """A part of a table's name as it is written."""

    which: str
    text: str
    quoted: bool
    notes: tuple[tuple[str, bool], ...]


def name_of_table(table: exp.Table, default_catalog: str | None, dialect: str) -> str:
    """A table's name as SQLMesh calls the model.

    Args:
        table: The table, with whatever stands beside its name.
        default_catalog: The catalog of names without one.
        dialect: The dialect that it is written in.
    """
    parts = {part: table.args[part] for part in _PARTS if table.args.get(part)}
    written = [_written(which, part) for which, part in parts.items()]
    known = tuple(part for part in written if part is not None)
    if len(known) == len(parts):
        return _name(known, default_catalog, dialect)
    bare = exp.Table(**{which: part.copy() for which, part in parts.items()})
    return normalize_model_name(bare, default_catalog, dialect)


def _written(which: str, part: exp.Expr) -> _Part | None:
    """A part that is told by its text, quotes and notes alone; None for any other."""
    notes = (part._meta or {}).items()
    kept = tuple(sorted((key, value) for key, value in notes if key not in _PLACES))
    if type(part) is not exp.Identifier or not all(isinstance(value, bool) for _, value in kept):
        return None
    return _Part(which, part.args["this"], bool(part.args.get("quoted")), kept)


@lru_cache(maxsize=20_000)
def _name(parts: tuple[_Part, ...], default_catalog: str | None, dialect: str) -> str:
    bare = exp.Table()
    for part in parts:
        identifier = exp.Identifier(this=part.text, quoted=part.quoted)
        identifier.meta.update(part.notes)
        bare.set(part.which, identifier)
    return normalize_model_name(bare, default_catalog, dialect)
