"""Stopping queries that run, by the way that each kind of warehouse has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

Adapters = Iterable[Any]
"""SQLMesh's engine adapters that may run a query."""


@dataclass(frozen=True)
class Interrupt:
    """How running queries of one kind of warehouse are stopped."""

    targets: Callable[[Any], Iterator[Callable[[], object]]]
    """From an adapter, what to call; each call stops one query, session or context."""
    verified: bool = False
    """Whether the suite stops a real query with it; else it is by the driver's documentation."""
    pace: float = 1.0
    """Seconds between two rounds: the next one stops a query that starts during this one."""


def connections_of(adapter: Any) -> list[Any]:
    """The open connections of an adapter, of whichever of SQLMesh's pools it has."""
    pool = adapter._connection_pool
    threads = dict(getattr(pool, "_thread_connections", {}))
    found = [getattr(pool, "_connection", None), *threads.values()]
    return [connection for connection in found if connection is not None]


def cursors_of(adapter: Any) -> list[Any]:
    """The open cursors of an adapter."""
    pool = adapter._connection_pool
    found = [getattr(pool, "_cursor", None), *dict(getattr(pool, "_thread_cursors", {})).values()]
    return [cursor for cursor in found if cursor is not None]


def _duckdb(adapter: Any) -> Iterator[Callable[[], object]]:
    # DuckDB documents ``interrupt`` as callable from another thread than the one that waits.
    for handle in (*cursors_of(adapter), *connections_of(adapter)):
        yield handle.interrupt


def _postgres(adapter: Any) -> Iterator[Callable[[], object]]:
    # libpq's cancel request goes over a connection of its own; psycopg2 allows it in any thread.
    for connection in connections_of(adapter):
        yield connection.cancel


def _spark(adapter: Any) -> Iterator[Callable[[], object]]:
    for connection in connections_of(adapter):
        yield connection.spark.sparkContext.cancelAllJobs


def _cursors(adapter: Any) -> Iterator[Callable[[], object]]:
    """Trino, Databricks, Athena and ODBC: PEP 249's cursors with a ``cancel`` for other threads."""
    for cursor in cursors_of(adapter):
        if hasattr(cursor, "cancel"):
            yield cursor.cancel


def _snowflake(adapter: Any) -> Iterator[Callable[[], object]]:
    for connection in connections_of(adapter):
        cancel = f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(connection.session_id)})"
        yield partial(connection.cursor().execute, cancel)


def _bigquery(adapter: Any) -> Iterator[Callable[[], object]]:
    for job in adapter._connection_pool.get_all_attributes("query_job"):
        if not job.done():
            yield job.cancel


def _mysql(adapter: Any) -> Iterator[Callable[[], object]]:
    for connection in connections_of(adapter):
        yield partial(_in_new_connection, adapter, f"KILL QUERY {int(connection.thread_id())}")


def _in_new_connection(adapter: Any, statement: str) -> None:
    connection = adapter._connection_pool._connection_factory()
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


INTERRUPTS: dict[str, Interrupt] = {
    "duckdb": Interrupt(_duckdb, verified=True, pace=0.05),
    "motherduck": Interrupt(_duckdb, pace=0.05),
    "postgres": Interrupt(_postgres, verified=True, pace=0.25),
    "spark": Interrupt(_spark, verified=True, pace=0.25),
    "trino": Interrupt(_cursors),
    "databricks": Interrupt(_cursors),
    "athena": Interrupt(_cursors),
    "mssql": Interrupt(_cursors),
    "azuresql": Interrupt(_cursors),
    "fabric": Interrupt(_cursors),
    "snowflake": Interrupt(_snowflake),
    "bigquery": Interrupt(_bigquery),
    "mysql": Interrupt(_mysql),
}
"""By SQLMesh's name of the connection type; the others offer no way that a driver documents."""


def interrupt_all(way: Interrupt, adapters: Adapters) -> tuple[int, Exception | None]:
    """Stops every query of some adapters, from any thread.

    Returns:
        How many were told to stop, and what one of them answered instead of stopping.
    """
    told, failure = 0, None
    pools = {id(adapter._connection_pool): adapter for adapter in adapters}
    for adapter in pools.values():
        try:
            for stop in way.targets(adapter):
                # SQLMesh may close it at this very moment, and a closed one refuses.
                try:
                    stop()
                    told += 1
                except Exception as error:
                    failure = error
        except Exception as error:
            failure = error
    return told, failure
