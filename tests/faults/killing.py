"""A project whose batches of orders and items leave a trace each, and engines on it that die."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from sqlmesh import Context
from sqlmesh.core.snapshot import Snapshot

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import EngineState, RunOutcome
from tests.engine.hosting import files_in
from tests.engine.projects import CONFIG, Project
from tests.engine.talking import Engine

from .nursery import Death, Nursery

PATIENCE = 60.0

TRACE = """\
@IF(@runtime_stage = 'evaluating', INSERT INTO trace.batches VALUES ('{name}', @start_ts))"""

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
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
CROSS JOIN RANGE(1, 4) AS numbers(i)
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

APPENDED = """\
MODEL (name shop.appended, kind INCREMENTAL_UNMANAGED, start '2024-01-01', end '2024-01-06');
SELECT d::DATE AS ds
FROM GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d)
"""
STATEMENTS = """\
before_all:
  - CREATE TABLE IF NOT EXISTS trace.begun (n INT)
  - CREATE TABLE IF NOT EXISTS trace.begun_too (n INT)
after_all:
  - CREATE TABLE IF NOT EXISTS trace.ended (n INT)
  - CREATE TABLE IF NOT EXISTS trace.ended_too (n INT)
"""
MODELS = ("orders", "items", "keyed", "daily", "totals")


def made(root: Path) -> Project:
    """The project as it was never deployed, with tables for the traces."""
    project = Project.make(root, {})
    files = {
        "orders": INCREMENTAL.format(
            name="orders", value="i * 10", join="", trace=_trace("orders")
        ),
        "items": INCREMENTAL.format(
            name="items",
            value="numbers.i + o.amount",
            join="JOIN shop.orders AS o ON o.ds = d::DATE AND o.id = numbers.i",
            trace=_trace("items"),
        ),
        "keyed": KEYED,
        "daily": DAILY,
        "totals": TOTALS,
    }
    for name, text in files.items():
        project.write(f"models/{name}.sql", text)
    project.write("config.yaml", CONFIG.format(database=project.database) + STATEMENTS)
    project.execute("CREATE SCHEMA trace; CREATE TABLE trace.batches (model TEXT, start TIMESTAMP)")
    return project


def made_to_append(root: Path) -> Project:
    """A project of one model whose batches only ever add rows: six days are in prod, six to do."""
    project = Project.make(root, {"models/appended.sql": APPENDED})
    project.deploy()
    project.edit("models/appended.sql", "2024-01-06", "2024-01-12")
    return project


def _trace(name: str) -> str:
    return TRACE.format(name=name)


def copied(template: Project, root: Path) -> Project:
    """A copy with its own database, caches included: their names do not know the directory."""
    shutil.copytree(template.root, root, ignore=shutil.ignore_patterns("logs"))
    project = Project(root)
    project.edit("config.yaml", str(template.database), str(project.database))
    return project


def change(project: Project) -> None:
    """What is planned: every model gets a new version."""
    project.edit("models/orders.sql", "i * 10", "i * 20")
    project.edit("models/keyed.sql", "SUM(amount)", "SUM(amount + 1)")


def key_of(project: Project) -> ProjectKey:
    """What identifies the project's engine."""
    return ProjectKey.of((str(project.root),))


class DyingEngine(Engine):
    """A real engine that may die, and the client of its socket."""

    def __init__(
        self, nursery: Nursery, project: Project, directory: Path, death: Death | None = None
    ) -> None:
        self.files = files_in(directory)
        super().__init__(self.files.socket)
        self.files.socket.unlink(missing_ok=True)
        arguments = [
            *("--socket", str(self.files.socket), "--lock", str(self.files.lock)),
            *("--log", str(self.files.log), "--path", str(project.root), "--grace", "60"),
        ]
        self.pid = nursery.fork(arguments, self.files.log, death)
        self._await(self._answers, "it never answered")

    def _client(self) -> httpx.Client:
        # A connection that is kept may be closed by the engine just as it is used again.
        return httpx.Client(
            transport=httpx.HTTPTransport(
                uds=str(self.socket), limits=httpx.Limits(max_keepalive_connections=0)
            ),
            base_url="http://engine",
            timeout=PATIENCE,
        )

    def kill(self) -> None:
        """Kills it as from outside, and waits until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.gone()

    def gone(self) -> None:
        """Waits until it is dead."""
        self._await(self._is_dead, "it lives on")
        self.close()

    def _is_dead(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        # A zombie whose other threads still end has its files open: wait until it is gone.
        return False

    def _answers(self) -> bool:
        # Not by httpx, which leaves a socket open when nobody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.files.socket)) == 0

    def _await(self, true: Any, why: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{why}\n{self.files.log.read_text()}"
            time.sleep(0.005)

    def ready(self) -> EngineState:
        """The state once the project is loaded and what came before is reconciled."""
        answer = self.get("/api/project")
        assert answer.status_code == 200, answer.text
        return self.state


def kill_in_apply(
    births: Nursery, project: Project, runtime: Path, death: Death, **options: Any
) -> None:
    """Plans for prod and applies until it dies."""
    engine = DyingEngine(births, project, runtime, death)
    assert engine.plan("prod", **options).outcome is RunOutcome.SUCCEEDED
    engine.start_apply()
    engine.gone()


def apply_rest(engine: DyingEngine, run: InterruptedRun) -> int:
    """Does the rest, as the key and the command do; returns how many batches it ran."""
    dates = run.request.plan_dates
    planned = engine.plan(
        run.request.environment,
        dates=None if dates is None else dates.model_dump(),
        categories=run.request.model_dump(mode="json")["categories"],
        **run.request.options.model_dump(mode="json", exclude_defaults=True),
    )
    facts = planned.state.facts
    assert facts is not None
    assert facts.refusal is None, facts.refusal
    if not run.restating:
        assert facts.batches == run.batches_total - run.batches_done
    applied = engine.apply()
    assert applied.outcome is RunOutcome.SUCCEEDED, applied.problem
    assert applied.apply.summary is not None
    return applied.apply.summary.batches_done


def contents(project: Project, suffix: str = "") -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every model, by model."""
    return {
        name: project.rows(f"SELECT * FROM shop{suffix}.{name} ORDER BY ALL") for name in MODELS
    }


def traces(project: Project) -> Counter[tuple[str, str]]:
    """How often each batch was begun, by model and start."""
    return Counter(
        (model, str(start)) for model, start in project.rows("SELECT * FROM trace.batches")
    )


def recorded(project: Project) -> set[tuple[str, str]]:
    """The batches that SQLMesh's state calls done, of every version of every model."""
    from sqlmesh.utils.date import to_datetime

    with project.context() as context:
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
