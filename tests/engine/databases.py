"""A DuckDB file of a project, asked by somebody else than the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

PATIENCE = 30.0


@contextmanager
def opened(database: Path, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, once the engine has let go of the file.

    An engine tells of a plan while it still reads what the plan will show next, so whoever comes
    at once may find the file in use; one that never lets go is a failure.

    Args:
        database: The file.
        read_only: Whether nothing is to be changed; another process can then read it, too.

    Raises:
        duckdb.Error: It can't be opened, or is in use for too long.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = duckdb.connect(str(database), read_only=read_only)
        except (duckdb.ConnectionException, duckdb.IOException):
            if time.monotonic() > deadline:
                raise
        else:
            break
    with connection:
        yield connection
