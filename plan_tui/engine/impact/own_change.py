"""Which columns of a model its own change changes, or all of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlmesh.core.model import ExternalModel, PythonModel, SeedModel, SqlModel

from plan_tui.engine.impact.model_flow import (
    depends_on_runtime,
    flow_of,
    statements_of,
    types_of_model,
)
from plan_tui.engine.impact.type_words import type_sql

if TYPE_CHECKING:
    from sqlmesh.core.model import Model
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.impact.query_flow import ColumnsOf


class Level(IntEnum):
    """How sure it is that something changes."""

    MAYBE = 1
    SURE = 2


@dataclass(frozen=True)
class OwnChange:
    """What a change does to a model's own table."""

    rows: Level | None = None
    """Whether other rows are there, so that nothing of it is as before."""
    columns: Mapping[str, Level] = field(default_factory=dict)
    """Changed columns, by names in lower case."""
    shape: bool = False
    """Whether it has other columns, or in another order, or of other types."""

    @property
    def is_none(self) -> bool:
        """Whether nothing of its data changes."""
        return self.rows is None and not self.columns and not self.shape


NO_CHANGE = OwnChange()
ALL_ROWS = OwnChange(rows=Level.SURE, shape=True)
"""Of a model that is new or gone, or computed in a wholly different way."""


def own_change(
    old: Snapshot, new: Snapshot, old_columns: ColumnsOf, new_columns: ColumnsOf
) -> OwnChange:
    """What differs between two versions of a model, leaving aside what is upstream of it.

    Args:
        old: As it is in the environment.
        new: As it is in the project.
        old_columns: The columns of the models that the old one reads.
        new_columns: The columns of the models that the new one reads.
    """
    if not (old.is_model and new.is_model):
        return NO_CHANGE
    if type(old.model) is not type(new.model) or _settings(old.model) != _settings(new.model):
        return ALL_ROWS
    match old.model, new.model:
        case SeedModel() as before, SeedModel() as after:
            return _of_seed(before, after)
        case PythonModel() as before, PythonModel() as after:
            return ALL_ROWS if before.data_hash != after.data_hash else _of_types(before, after)
        case ExternalModel() as before, ExternalModel() as after:
            return _of_types(before, after)
        case SqlModel() as before, SqlModel() as after:
            return _of_query(old, new, old_columns, new_columns)
        case _:
            return ALL_ROWS


def _settings(model: Model) -> tuple[Any, ...]:
    """What decides over rows beside the query."""
    return (
        tuple(model.kind.data_hash_values),
        model.lookback,
        model.interval_unit,
        model.gateway,
        str(model.start),
        str(model.end),
        model.virtual_environment_mode,
        tuple(statement.sql(dialect=model.dialect) for statement in statements_of(model)),
    )


def _of_seed(old: SeedModel, new: SeedModel) -> OwnChange:
    before, after = _lower(old.column_hashes), _lower(new.column_hashes)
    both = before.keys() & after.keys()
    changed = {name for name in both if before[name] != after[name]}
    if not both - changed:
        return ALL_ROWS
    changed |= before.keys() ^ after.keys()
    return _joined(dict.fromkeys(changed, Level.SURE), _of_types(old, new))


def _of_query(
    old: Snapshot, new: Snapshot, old_columns: ColumnsOf, new_columns: ColumnsOf
) -> OwnChange:
    types = _of_types(old.model, new.model)
    if new.fingerprint.data_hash == old.fingerprint.data_hash and _same_view(old, new):
        return types
    before, after = flow_of(old, old_columns), flow_of(new, new_columns)
    if before.opaque or after.opaque or _at_runtime(old.model) or _at_runtime(new.model):
        if old.fingerprint.data_hash == new.fingerprint.data_hash:
            return types
        return OwnChange(rows=Level.MAYBE, shape=True)
    if before.rows.form != after.rows.form:
        return ALL_ROWS
    changed = {
        name: Level.SURE
        for name in before.columns.keys() | after.columns.keys()
        if name not in before.columns
        or name not in after.columns
        or before.columns[name].form != after.columns[name].form
    }
    return _joined(changed, types)


def sees_the_same(old: Model, new: Model) -> bool:
    """Whether two versions of a model see the same columns in the models that they read."""
    return list(_flat(old.mapping_schema)) == list(_flat(new.mapping_schema))


def _same_view(old: Snapshot, new: Snapshot) -> bool:
    return sees_the_same(old.model, new.model)


def _flat(schema: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The columns of each table in their order; tables in any order."""
    for name in sorted(schema):
        value = schema[name]
        if value and all(isinstance(each, str) for each in value.values()):
            yield (name, *(f"{column} {kind}" for column, kind in value.items()))
        elif isinstance(value, dict):
            yield from ((name, *rest) for rest in _flat(value))


def _at_runtime(model: Model) -> bool:
    return isinstance(model, SqlModel) and depends_on_runtime(model)


def _of_types(old: Model, new: Model) -> OwnChange:
    """Columns that are there in one version only, or have another type."""
    before, after = _types(old), _types(new)
    if before is None or after is None:
        return NO_CHANGE if before is after else OwnChange(rows=Level.MAYBE, shape=True)
    changed = {
        name: Level.SURE
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
    return OwnChange(columns=changed, shape=list(before.items()) != list(after.items()))


def _types(model: Model) -> dict[str, str] | None:
    types = types_of_model(model)
    if not types:
        return None
    return {name.lower(): type_sql(kind, model.dialect) for name, kind in types.items()}


def _joined(columns: Mapping[str, Level], types: OwnChange) -> OwnChange:
    return OwnChange(types.rows, {**types.columns, **columns}, types.shape)


def _lower(values: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in values.items()}
