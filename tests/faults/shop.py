"""The shop that engines die on: projects of it, on DuckDB and on PostgreSQL, and what they hold."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmesh import Context
from sqlmesh.core.snapshot import Snapshot

from tests.engine.projects import Project

from .postgres import PostgresServer

TRACE = """\
@IF(@runtime_stage = 'evaluating', INSERT INTO trace.batches VALUES ('{name}', @start_ts))"""
"""Each batch leaves one, in whatever transaction it is."""

INCREMENTAL = """\
MODEL (
  name shop.{name},
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 2),
  start '2024-01-01',
  end '2024-01-12',
  audits (not_null(columns := (ds)))
);
{trace};
SELECT d::DATE AS ds, i::INT AS id, {value}::INT AS amount
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL '1 day') AS days(d)
CROSS JOIN GENERATE_SERIES(1, 3) AS numbers(i)
{join}
WHERE d BETWEEN @start_ds AND @end_ds
"""
KEYED = """\
MODEL (name shop.keyed, kind INCREMENTAL_BY_UNIQUE_KEY (unique_key id), start '2024-01-01',
  end '2024-01-12');
SELECT id, SUM(amount)::BIGINT AS amount FROM shop.orders WHERE ds <= @end_ds GROUP BY id
"""
DAILY = """\
MODEL (name shop.daily, kind FULL);
SELECT ds, SUM(amount)::BIGINT AS amount FROM shop.items GROUP BY ds
"""
TOTALS = "MODEL (name shop.totals, kind VIEW); SELECT SUM(amount)::BIGINT AS n FROM shop.daily"
MODELS = {
    "orders": INCREMENTAL.format(
        name="orders", value="i * 10", join="", trace=TRACE.format(name="orders")
    ),
    "items": INCREMENTAL.format(
        name="items",
        value="numbers.i + o.amount",
        join="JOIN shop.orders AS o ON o.ds = d::DATE AND o.id = numbers.i",
        trace=TRACE.format(name="items"),
    ),
    "keyed": KEYED,
    "daily": DAILY,
    "totals": TOTALS,
}
BATCHES = 15
"""Of all models together."""
STATEMENTS = """\
before_all:
  - CREATE TABLE IF NOT EXISTS trace.begun (n INT)
  - CREATE TABLE IF NOT EXISTS trace.begun_too (n INT)
after_all:
  - CREATE TABLE IF NOT EXISTS trace.ended (n INT)
  - CREATE TABLE IF NOT EXISTS trace.ended_too (n INT)
"""
TRACES = ("CREATE SCHEMA trace", "CREATE TABLE trace.batches (model TEXT, start TIMESTAMP)")

APPENDED = """\
MODEL (name shop.appended, kind INCREMENTAL_UNMANAGED, start '2024-01-01', end '2024-01-06');
SELECT d::DATE AS ds
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
"""

Contents = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Shop:
    """The project, and its warehouse as anybody can ask it."""

    project: Project
    rows: Callable[[str], list[tuple[Any, ...]]]

    @classmethod
    def made(cls, root: Path) -> Shop:
        """On DuckDB, never deployed."""
        project = Project.make(root, {})
        return cls._filled(project, project.rows, project.execute)

    @classmethod
    def made_on(cls, server: PostgresServer, root: Path) -> Shop:
        """On a database of PostgreSQL, never deployed."""
        return cls._filled(server.project(root, {}), server.rows, server.execute)

    @classmethod
    def _filled(
        cls,
        project: Project,
        rows: Callable[[str], list[tuple[Any, ...]]],
        execute: Callable[[str], None],
    ) -> Shop:
        for name, text in MODELS.items():
            project.write(f"models/{name}.sql", text)
        project.write("config.yaml", (project.root / "config.yaml").read_text() + STATEMENTS)
        for statement in TRACES:
            execute(statement)
        return cls(project, rows)

    def copied(self, root: Path) -> Shop:
        """A copy with its own DuckDB file, and the caches, which do not know the directory."""
        copy = self._with_files_in(root)
        copy.edit("config.yaml", str(self.project.database), str(copy.database))
        return Shop(copy, copy.rows)

    def twin(self, root: Path) -> Shop:
        """A copy of the files, caches included, on the same warehouse."""
        return Shop(self._with_files_in(root), self.rows)

    def _with_files_in(self, root: Path) -> Project:
        shutil.copytree(self.project.root, root, ignore=shutil.ignore_patterns("logs"))
        return Project(root)

    def change(self) -> None:
        """What is planned: every model gets a new version."""
        self.project.edit("models/orders.sql", "i * 10", "i * 20")
        self.project.edit("models/keyed.sql", "SUM(amount)", "SUM(amount + 1)")

    def contents(self) -> Contents:
        """Every row of every model, by model."""
        return {name: sorted(self.rows(f"SELECT * FROM shop.{name}")) for name in MODELS}

    def traces(self) -> Counter[tuple[str, str]]:
        """How often each batch was begun, by model and start."""
        return Counter(
            (model, str(start)) for model, start in self.rows("SELECT * FROM trace.batches")
        )

    def recorded(self) -> set[tuple[str, str]]:
        """The batches that SQLMesh's state calls done, of every version of every model."""
        from sqlmesh.utils.date import to_datetime

        with self.project.context() as context:
            return {
                (snapshot.model.view_name, str(to_datetime(day).replace(tzinfo=None)))
                for snapshot in _newest(context).values()
                for start, end in snapshot.intervals
                for day in range(start, end, 86_400_000)
            }


def _newest(context: Context) -> dict[str, Snapshot]:
    """The project's snapshots as the state has them; those that it has not are left out."""
    wanted = [snapshot.snapshot_id for snapshot in context.snapshots.values()]
    return {each.name: each for each in context.state_reader.get_snapshots(wanted).values()}


def made_to_append(root: Path) -> Project:
    """A project of one model whose batches only ever add rows: six days are in prod, six to do."""
    project = Project.make(root, {"models/appended.sql": APPENDED})
    project.deploy()
    project.edit("models/appended.sql", "2024-01-06", "2024-01-12")
    return project
