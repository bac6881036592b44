"""The journal's tables, and the steps that bring an older file to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

FIRST = """
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  project TEXT NOT NULL,
  project_name TEXT NOT NULL,
  paths TEXT NOT NULL,
  gateway TEXT,
  user TEXT NOT NULL,
  host TEXT NOT NULL,
  process TEXT NOT NULL,
  version TEXT NOT NULL,
  environment TEXT NOT NULL,
  plan_id TEXT,
  request TEXT,
  started INTEGER NOT NULL,
  ended INTEGER,
  outcome TEXT,
  problem TEXT,
  summary TEXT,
  facts TEXT,
  review BLOB
) WITHOUT ROWID;
CREATE INDEX run_of_project ON run (project, started);
CREATE INDEX run_by_age ON run (kind, started);
CREATE TABLE stage (
  run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  UNIQUE (run, name)
);
CREATE TABLE batch (
  model INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  duration INTEGER,
  rows INTEGER,
  bytes INTEGER,
  audits_passed INTEGER NOT NULL,
  audits_failed INTEGER NOT NULL
);
CREATE INDEX batch_of_model ON batch (model);
CREATE TABLE log (
  run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX log_of_run ON log (run);
"""

SECOND = """
ALTER TABLE run ADD COLUMN work BLOB;
ALTER TABLE run ADD COLUMN interrupted TEXT;
"""

THIRD = """
ALTER TABLE run ADD COLUMN diffs BLOB;
"""

MIGRATIONS: tuple[str, ...] = (FIRST, SECOND, THIRD)
"""Each brings a file one version further; what stands here is never changed, only added to."""


def version_of(connection: sqlite3.Connection) -> int:
    """How many of the migrations a file has had."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Brings a file to the newest version, in one step: all of it or nothing.

    Two processes may come at once; the second finds it done.
    """
    if version_of(connection) >= len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version_of(connection), len(migrations)):
            for statement in _statements(migrations[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations):d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    """The script's statements; ``executescript`` would commit before it begins."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
