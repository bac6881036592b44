"""An engine adapter that writes down what it would execute, and executes nothing.

The statements of a step are put together by SQLMesh's own evaluator and the adapter of the
project's own warehouse. Only what they ask of the catalog (columns, which tables exist) is asked
of the warehouse; whatever else would reach it fails, so that a step is never run by being looked
at.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlglot import exp
from sqlmesh.core.engine_adapter import EngineAdapter
from sqlmesh.core.engine_adapter.shared import DataObject, DataObjectType

CATALOGS = frozenset({"information_schema", "pg_catalog", "sys", "system"})
"""Schemas that hold what a warehouse knows of its tables."""
READS = (
    "get_current_catalog",
    "get_table_last_modified_ts",
    "_get_current_grants_config",
    "wap_supported",
)
"""Methods that only ask a warehouse's catalog: the real adapter answers them."""


class AsksWarehouse(Exception):
    """A step can't be shown without a query to the warehouse, or a call that is no SQL."""


class _Recording:
    """Mixed in before an adapter's class: statements are kept, catalog questions passed on."""

    real: EngineAdapter
    statements: list[str]
    made: dict[str, dict[str, exp.DataType]]
    """Columns of the tables that recorded statements make, by name."""
    types_of: Callable[[str], dict[str, exp.DataType] | None]
    """The columns that a table will have by the project, where it is not there yet."""
    query_types: dict[str, exp.DataType] | None
    """The columns of the model whose step is recorded."""
    expected: dict[str, DataObjectType]
    """Tables that are not there yet, and will be once the step runs."""

    def with_settings(self, **kwargs: Any) -> Any:
        return self

    @contextmanager
    def transaction(self, *args: Any, **kwargs: Any) -> Iterator[None]:
        yield

    @contextmanager
    def session(self, properties: Any) -> Iterator[None]:
        yield

    def recycle(self) -> None:
        return

    def close(self) -> None:
        return

    @property
    def cursor(self) -> Any:
        return _Cursor(self.statements)

    @property
    def connection(self) -> Any:
        raise AsksWarehouse("It is done by a call to the warehouse that is no SQL.")

    def execute(self, expressions: Any, *args: Any, **kwargs: Any) -> None:
        quote = kwargs.get("quote_identifiers", True)
        listed = expressions if isinstance(expressions, (list, tuple)) else [expressions]
        for expression in listed:
            if isinstance(expression, exp.Expression):
                self._note_made(expression)
                self.statements.append(self._pretty(expression, quote))
            elif expression:
                self.statements.append(str(expression))

    def _pretty(self, expression: exp.Expression, quote: bool) -> str:
        return str(self._to_sql(expression, quote=quote, pretty=True))  # type: ignore[attr-defined]

    def _note_made(self, expression: exp.Expression) -> None:
        if not isinstance(expression, exp.Create) or expression.kind != "TABLE":
            return
        table = expression.find(exp.Table)
        if table is None:
            return
        schema = expression.this
        columns = schema.expressions if isinstance(schema, exp.Schema) else []
        named = [each for each in columns if isinstance(each, exp.ColumnDef)]
        types = {each.name: each.kind for each in named if each.kind is not None}
        if len(types) < len(columns) or not types:
            types = dict(self.query_types or {})
        if types:
            self.made[_key(table)] = types

    # What the catalog is asked

    def columns(self, table_name: Any, *args: Any, **kwargs: Any) -> dict[str, exp.DataType]:
        known = self.made.get(_key(table_name))
        if known is not None:
            return dict(known)
        try:
            return dict(self.real.columns(table_name, *args, **kwargs))
        except Exception as error:
            planned = self.types_of(_key(table_name))
            if planned is None:
                raise AsksWarehouse(f"The columns of {_key(table_name)} are not known.") from error
            return dict(planned)

    def table_exists(self, table_name: Any) -> bool:
        key = _key(table_name)
        if key in self.made or key in self.expected:
            return True
        return bool(self.real.table_exists(table_name))

    def get_data_object(self, target_name: Any, *args: Any, **kwargs: Any) -> Any:
        found = self.real.get_data_object(target_name, *args, **kwargs)
        kind = self.expected.get(_key(target_name))
        return found or (None if kind is None else _data_object(_key(target_name), kind))

    def get_data_objects(
        self, schema_name: Any, object_names: Any = None, *args: Any, **kwargs: Any
    ) -> list[DataObject]:
        found = list(self.real.get_data_objects(schema_name, object_names, *args, **kwargs))
        there = {each.name for each in found}
        schema = _key(schema_name)
        for name, kind in self.expected.items():
            within, _, table = name.rpartition(".")
            if within == schema and table not in there and table in (object_names or {table}):
                found.append(_data_object(name, kind))
        return found

    def fetchone(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if _counts_audit(query):
            self.execute(query, **kwargs)
            return (0,)
        return self._asked("fetchone", query, *args, **kwargs)

    def fetchall(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_dry_run(query):
            self.execute(query)
            return []
        return self._asked("fetchall", query, *args, **kwargs)

    def fetchdf(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return self._asked("fetchdf", query, *args, **kwargs)

    def _fetch_native_df(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return self._asked("_fetch_native_df", query, *args, **kwargs)

    def _asked(self, method: str, query: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(query, exp.Query) and _of_catalog(query):
            return getattr(self.real, method)(query, *args, **kwargs)
        raise AsksWarehouse(f"A macro or the adapter would query the warehouse first: {query}")


class _Cursor:
    """What DuckDB's adapter uses besides ``execute``; anything else is a call that is no SQL."""

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements

    def sql(self, statement: str) -> None:
        self._statements.append(statement)

    execute = sql

    def __getattr__(self, name: str) -> Any:
        raise AsksWarehouse("It is done by a call to the warehouse that is no SQL.")


def recording_of(
    real: EngineAdapter,
    statements: list[str],
    types_of: Callable[[str], dict[str, exp.DataType] | None],
    query_types: dict[str, exp.DataType] | None = None,
) -> EngineAdapter:
    """An adapter like another one that records.

    Args:
        real: Asked about the catalog, and nothing else.
        statements: Gets what would be executed.
        types_of: The columns that a table will have, by its name; None where unknown.
        query_types: The columns of the model whose step is recorded.
    """
    recorder: Any = copy.copy(real)
    recorder.__class__ = type(f"Recording{type(real).__name__}", (_Recording, type(real)), {})
    recorder.real = real.with_settings()
    recorder._data_object_cache = {}
    recorder.statements, recorder.made = statements, {}
    recorder.types_of, recorder.query_types = types_of, query_types
    recorder.expected = {}
    for name in READS:
        if hasattr(recorder.real, name):
            setattr(recorder, name, getattr(recorder.real, name))
    return recorder  # type: ignore[no-any-return]


def _key(table: Any) -> str:
    parsed = table if isinstance(table, exp.Table) else exp.to_table(table)
    return ".".join(part.name for part in parsed.parts)


def _data_object(name: str, kind: DataObjectType) -> DataObject:
    catalog, schema, table = [None, *name.split(".")][-3:]
    return DataObject(catalog=catalog, schema=schema or "", name=table or "", type=kind)


def _counts_audit(query: Any) -> bool:
    """Whether a query is the one that SQLMesh wraps an audit in."""
    if not isinstance(query, exp.Select) or len(query.expressions) != 1:
        return False
    source = query.args.get("from_") or query.args.get("from")
    named = source is not None and source.this.alias_or_name == "audit"
    return named and isinstance(query.expressions[0], exp.Count)


def _is_dry_run(query: Any) -> bool:
    """Whether a query is one that SQLMesh runs for its errors: it returns no row."""
    limit = query.args.get("limit") if isinstance(query, exp.Query) else None
    return limit is not None and limit.expression.name == "0"


def _of_catalog(query: exp.Query) -> bool:
    """Whether a query reads nothing, or what a warehouse knows of its own tables."""
    return all(
        table.db.lower() in CATALOGS or _lists_objects(table.this)
        for table in query.find_all(exp.Table)
    )


def _lists_objects(source: Any) -> bool:
    """Whether it is one of DuckDB's table functions about its own databases and tables."""
    return isinstance(source, exp.Anonymous) and source.name.lower().startswith("duckdb_")
