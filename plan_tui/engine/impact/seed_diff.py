"""The difference of two versions of a seed: columns, and rows where those of before can be read.

SQLMesh's state keeps a hash of each column of a seed and none of its rows; those are in the
warehouse. The hashes tell which columns have other values; rows are compared when somebody asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Number
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.told import change

if TYPE_CHECKING:
    from sqlmesh.core.engine_adapter import EngineAdapter
    from sqlmesh.core.snapshot import Snapshot

MOST_ROWS = 20_000
TOO_MANY = f"The seed has more than {MOST_ROWS:,} rows."
MOST_CHARACTERS = 2_000_000
"""Of a file whose rows are counted when it is looked at."""
SAMPLE = 5
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a seed, each value in words."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def diff_seeds(old: Any, new: Any) -> Iterator[SemanticChange]:
    """What the hashes of its columns tell of a seed."""
    before, after = old.column_hashes, new.column_hashes
    declared = old.columns_to_types_ is not None and new.columns_to_types_ is not None
    for name in dict.fromkeys([*after, *before]):
        if name in before and name in after:
            if before[name] != after[name]:
                yield change(Kind.VALUES_CHANGED, column=name)
        elif not (declared and (name in old.columns_to_types_) != (name in new.columns_to_types_)):
            kind = Kind.COLUMN_ADDED if name in after else Kind.COLUMN_REMOVED
            yield change(kind, "seed", column=name)


def compare_rows(adapter: EngineAdapter, old: Snapshot, new: Snapshot) -> list[SemanticChange]:
    """What was done to the rows of a seed; the rows of before come from the warehouse.

    Args:
        adapter: The adapter of the seed's gateway, in the thread that owns it.
        old: The version that the environment has.
        new: The version of the files.

    Raises:
        Exception: They can't be read.
    """
    seed: Any = new.model
    after = [_table(each) for each in seed.render_seed()]
    rows = tuple(row for table in after for row in table.rows)
    if len(rows) > MOST_ROWS:
        raise LookupError(TOO_MANY)
    query = exp.select("*").from_(exp.to_table(old.table_name())).limit(MOST_ROWS + 1)
    before = _table(adapter.fetchdf(query, quote_identifiers=True))
    if len(before.rows) > MOST_ROWS:
        raise LookupError(TOO_MANY)
    columns = after[0].columns if after else before.columns
    return list(diff_rows(before, Table(columns, rows), _keys(new.model)))


def count_rows(new: Snapshot) -> int | None:
    """The rows of a seed's file, or None where counting them would take long."""
    seed: Any = new.model
    if not seed.is_hydrated or len(seed.seed.content) > MOST_CHARACTERS:
        return None
    return sum(len(frame) for frame in seed.render_seed())


def _keys(model: Any) -> tuple[str, ...]:
    """The columns that name a row, as far as the model says so."""
    grain = model.grains[0] if model.grains else None
    columns = grain.find_all(exp.Column, exp.Identifier) if grain is not None else ()
    return tuple(dict.fromkeys(column.name for column in columns if column.name))


def diff_rows(before: Table, after: Table, keys: Sequence[str] = ()) -> Iterator[SemanticChange]:
    """What was done to the rows of a table.

    Args:
        before: As it was.
        after: As it is.
        keys: The columns that name a row; its first one does where there are none.
    """
    shared = [name for name in after.columns if name in before.columns]
    named = [name for name in keys if name in shared] or shared[:1]
    old, new = (_by_key(table, shared, named) for table in (before, after))
    if old is None or new is None or not named:
        yield from _counted(before, after, shared)
        return
    name = ", ".join(named)
    gone = [row for key, row in old.items() if key not in new]
    came = [row for key, row in new.items() if key not in old]
    if came:
        yield change(Kind.ROWS_ADDED, _rows(came), None, _sample(_row(shared, row) for row in came))
    if gone:
        yield change(Kind.ROWS_REMOVED, _rows(gone), _sample(_row(shared, row) for row in gone))
    for at, column in enumerate(shared):
        pairs = [(key, old[key][at], new[key][at]) for key in new if key in old]
        other = [pair for pair in pairs if pair[1] != pair[2]]
        if other:
            before_after = (
                _sample(f"{name} {', '.join(map(str, each[0]))}: {each[side]}" for each in other)
                for side in (1, 2)
            )
            yield change(Kind.ROWS_CHANGED, _rows(other), *before_after, column=column)


def _by_key(table: Table, columns: Sequence[str], keys: Sequence[str]) -> dict[Row, Row] | None:
    """Rows by what names them; None where two of them have the same name."""
    places = [table.columns.index(name) for name in columns]
    named = [table.columns.index(name) for name in keys]
    found = {tuple(row[at] for at in named): tuple(row[at] for at in places) for row in table.rows}
    return found if len(found) == len(table.rows) else None


def _counted(before: Table, after: Table, shared: Sequence[str]) -> Iterator[SemanticChange]:
    """Rows that nothing names: those that are there more or less often."""
    old, new = (
        Counter(tuple(row[table.columns.index(name)] for name in shared) for row in table.rows)
        for table in (before, after)
    )
    came, gone = list((new - old).elements()), list((old - new).elements())
    if came:
        yield change(Kind.ROWS_ADDED, _rows(came), None, _sample(_row(shared, row) for row in came))
    if gone:
        yield change(Kind.ROWS_REMOVED, _rows(gone), _sample(_row(shared, row) for row in gone))


def _rows(rows: Sequence[object]) -> str:
    return f"{len(rows):,} rows" if len(rows) != 1 else "1 row"


def _row(columns: Sequence[str], row: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(columns, row, strict=True))


def _sample(lines: Iterable[str]) -> str:
    found = list(lines)
    rest = [f"and {len(found) - SAMPLE:,} more"] if len(found) > SAMPLE else []
    return "\n".join([*found[:SAMPLE], *rest])


def _table(frame: Any) -> Table:
    columns = tuple(str(name) for name in frame.columns)
    rows = (tuple(map(in_words, row)) for row in frame.itertuples(index=False, name=None))
    return Table(columns, tuple(rows))


def in_words(value: Any) -> str | None:
    """A value such that a warehouse's and a file's compare."""
    import pandas as pd

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if pd.api.types.is_bool(value):
        return "true" if value else "false"
    if isinstance(value, Number):
        number = Decimal(str(value))
        return f"{number.normalize():f}" if number.is_finite() else str(number)
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)
