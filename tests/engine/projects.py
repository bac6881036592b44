"""Tiny SQLMesh projects on DuckDB files, and what plain SQLMesh says of them."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmesh import Context
from sqlmesh.core.console import NoopConsole, get_console, set_console

from .databases import opened

CONFIG = """\
gateways:
  local:
    connection:
      type: duckdb
      database: {database}
default_gateway: local
disable_anonymized_analytics: true
model_defaults:
  dialect: duckdb
  start: 2024-01-01
"""

EVENTS = """\
MODEL (
  name raw.events,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 5),
  start '2024-01-01',
  end '2024-01-10',
  audits (not_null(columns := (id)))
);
SELECT d::DATE AS ds, i::INT AS id, (i * 10)::INT AS amount
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
CROSS JOIN RANGE(1, 4) AS numbers(i)
WHERE d BETWEEN @start_ds AND @end_ds
"""
DAILY = """\
MODEL (name shop.daily, kind FULL);
SELECT ds, SUM(amount)::BIGINT AS amount FROM raw.events GROUP BY ds
"""
TOTALS = """\
MODEL (name shop.totals, kind VIEW);
SELECT SUM(amount)::BIGINT AS amount FROM shop.daily
"""
STORES = """\
MODEL (name shop.stores, kind FULL, tags (places), owner ann);
SELECT 1::INT AS id, 'north'::TEXT AS name
"""

SHOP = {
    "models/events.sql": EVENTS,
    "models/daily.sql": DAILY,
    "models/totals.sql": TOTALS,
    "models/stores.sql": STORES,
}
"""events -> daily -> totals, and stores alone."""

DAY = 86_400_000
JAN_1 = 1_704_067_200_000
"""2024-01-01 in epoch milliseconds."""


class Project:
    """A directory with a SQLMesh project and its DuckDB file ``lake.duckdb``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def make(cls, root: Path, files: dict[str, str]) -> Project:
        """Writes a project that was never deployed."""
        project = cls(root)
        root.mkdir(parents=True, exist_ok=True)
        project.write("config.yaml", CONFIG.format(database=project.database))
        for path, text in files.items():
            project.write(path, text)
        return project

    def copied_to(self, root: Path) -> Project:
        """A copy with its own database; caches stay behind."""
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns(".cache", "logs"))
        copy = Project(root)
        copy.write("config.yaml", CONFIG.format(database=copy.database))
        return copy

    def twin(self, root: Path) -> Project:
        """A copy of the files on the same database: somebody else's checkout."""
        shutil.copytree(
            self.root, root, ignore=shutil.ignore_patterns(".cache", "logs", "*.duckdb*")
        )
        return Project(root)

    @property
    def database(self) -> Path:
        return self.root / "lake.duckdb"

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces text in a file."""
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    # What SQLMesh and DuckDB say

    def deploy(self, environment: str = "prod", **options: Any) -> None:
        """Plans and applies with plain SQLMesh."""
        with self.context() as context:
            context.plan(environment, auto_apply=True, no_prompts=True, **options)

    @contextmanager
    def context(self) -> Iterator[Context]:
        """A context of plain SQLMesh, silent, that leaves no mark on the process."""
        if self.database.exists():
            with opened(self.database):
                pass
        before = get_console()
        set_console(NoopConsole())
        context = Context(paths=[str(self.root)])
        try:
            yield context
        finally:
            context.close()
            set_console(before)

    def plan_id(self, environment: str) -> str | None:
        """What SQLMesh's state says is deployed there."""
        with self.context() as context:
            found = context.state_reader.get_environment(environment)
            return found.plan_id if found is not None else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the database by a connection of its own."""
        with opened(self.database, read_only=True) as connection:
            return connection.sql(query).fetchall()

    def execute(self, statements: str) -> None:
        """Changes the database by a connection of its own."""
        with opened(self.database) as connection:
            connection.execute(statements)


class Gate:
    """Holds up a model of a project, in whatever process it runs, until the test opens it."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._bell, self._bar = directory / "bell", directory / "bar"
        os.mkfifo(self._bell)
        self._ears = os.open(self._bell, os.O_RDONLY | os.O_NONBLOCK)
        self._bolt: int | None = os.open(self._bar, os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._bolt, fcntl.LOCK_EX)

    @property
    def python(self) -> str:
        """Statements that ring the bell, then wait for the gate; they need fcntl and os."""
        return f"""
    try:
        bell = os.open({str(self._bell)!r}, os.O_WRONLY | os.O_NONBLOCK)
        os.write(bell, b".")
        os.close(bell)
    except OSError:
        pass
    bar = os.open({str(self._bar)!r}, os.O_RDWR)
    fcntl.flock(bar, fcntl.LOCK_EX)
    os.close(bar)
"""

    def wait(self, seconds: float = 60.0) -> None:
        """Returns when somebody stands before the gate."""
        ready, _, _ = select.select([self._ears], [], [], seconds)
        assert ready, "nobody came to the gate"
        os.read(self._ears, 100)

    def open(self) -> None:
        """Lets everyone through from now on."""
        if self._bolt is not None:
            os.close(self._bolt)
            self._bolt = None

    def close(self) -> None:
        self.open()
        os.close(self._ears)


def gated_batches(gate: Gate, name: str = "shop.gated") -> str:
    """A Python model of three days, a batch each; every batch waits at the gate."""
    return f'''\
import fcntl
import os

import pandas as pd
from sqlmesh import model
from sqlmesh.core.model import ModelKindName


@model(
    "{name}",
    kind={{"name": ModelKindName.INCREMENTAL_BY_TIME_RANGE, "time_column": "ds", "batch_size": 1}},
    start="2024-01-01",
    end="2024-01-03",
    columns={{"ds": "date", "id": "int"}},
)
def execute(context, start, end, execution_time, **kwargs):
{gate.python}
    return pd.DataFrame({{"ds": [start.date()], "id": [1]}})
'''


def gated_file(gate: Gate) -> str:
    """A Python model ``shop.held`` that waits at the gate while its file is loaded."""
    return f"""\
import fcntl
import os

import pandas as pd
from sqlmesh import model

{textwrap.dedent(gate.python)}

@model("shop.held", kind="FULL", columns={{"x": "int"}})
def execute(context, start, end, execution_time, **kwargs):
    return pd.DataFrame({{"x": [1]}})
"""


def gated_macro(gate: Gate, stage: str) -> str:
    """A macro ``@wait_here()`` that waits at the gate in one of SQLMesh's runtime stages."""
    return f'''\
import fcntl
import os

from sqlmesh import macro


@macro()
def wait_here(evaluator):
    if evaluator.runtime_stage != "{stage}":
        return None
{gate.python}
    return None
'''


ENDLESS = """\
MODEL (name shop.endless, kind FULL);
SELECT SUM(HASH(a.range + b.range) % 7)::DOUBLE AS n
FROM RANGE(1000000) AS a CROSS JOIN RANGE(5000) AS b
"""
"""A query of about a minute: nobody waits for it, and it ends where an interrupt is broken."""
