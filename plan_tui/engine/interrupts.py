"""Stopping queries that run, by the way that each kind of warehouse has for it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

INTERRUPTIBLE = frozenset({"duckdb", "motherduck"})
"""Engine types whose running queries can be interrupted."""


def interrupt_duckdb(adapters: Iterable[Any]) -> int:
    """Interrupts every cursor and connection of DuckDB adapters, from any thread.

    DuckDB documents ``interrupt`` as callable from another thread than the one that waits.

    Returns:
        How many were told to stop.
    """
    told = 0
    for handle in {id(h): h for adapter in adapters for h in _handles(adapter)}.values():
        # SQLMesh may close it at this very moment, and a closed one refuses.
        with suppress(Exception):
            handle.interrupt()
            told += 1
    return told


def _handles(adapter: Any) -> list[Any]:
    pool = adapter._connection_pool
    cursors = [getattr(pool, "_cursor", None), *getattr(pool, "_thread_cursors", {}).values()]
    return [h for h in (*cursors, getattr(pool, "_connection", None)) if h is not None]
