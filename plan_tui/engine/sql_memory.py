"""Remembers the last statement that each thread sent to the warehouse, for error messages."""

from __future__ import annotations

import logging
import threading

_LOGGER = "sqlmesh.core.engine_adapter.base"
_PREFIX = "Executing SQL: %s"
LONGEST = 20_000
"""Characters of a statement that are kept."""


class SqlMemory(logging.Handler):
    """Listens to the line that SQLMesh logs before it runs a statement."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._last = threading.local()

    def install(self) -> None:
        """Starts listening; SQLMesh logs nothing unless its logger lets it through."""
        logger = logging.getLogger(_LOGGER)
        logger.addHandler(self)
        logger.setLevel(min(logger.level or logging.INFO, logging.INFO))

    def emit(self, record: logging.LogRecord) -> None:
        """Takes note of a statement."""
        if record.msg == _PREFIX and isinstance(record.args, tuple) and record.args:
            self._last.sql = str(record.args[0])[:LONGEST]

    def forget(self) -> None:
        """Drops what this thread sent so far."""
        self._last.sql = None

    @property
    def last(self) -> str | None:
        """The last statement of this thread, or None."""
        return getattr(self._last, "sql", None)
