"""Reads the journal: the runs of a project, and all that was recorded of one."""

from __future__ import annotations

import json
import socket
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from plan_tui.contract.errors import Problem
from plan_tui.contract.history import (
    History,
    RecordedBatch,
    RecordedDetail,
    RecordedDiffs,
    RecordedRun,
    RunKind,
)
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import LogLine, ModelProgress, PlanFacts, RunSummary, StageProgress
from plan_tui.journal.process import is_alive
from plan_tui.journal.store import open_to_read
from plan_tui.journal.work import RecordedWork

M = TypeVar("M", bound=BaseModel)
Row = Sequence[object]

_COLUMNS = (
    "id, kind, environment, plan_id, outcome, started, ended, user, host, process, project_name, "
    "paths, gateway, version, problem, summary, "
    "(SELECT count(duration) FROM model JOIN batch ON batch.model = model.id WHERE run = run.id), "
    "(SELECT count(*) - count(duration) FROM model JOIN batch ON batch.model = model.id "
    "WHERE run = run.id), interrupted"
).replace("WHERE run =", "WHERE model.run =")


def read_history(path: Path, project: str, kinds: Sequence[RunKind], limit: int) -> History:
    """The newest runs of a project.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
        kinds: What kinds of run are wanted.
        limit: How many at most.

    Raises:
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
        OSError: The same, for another reason than that there is none.
    """
    wanted = f"project = ? AND kind IN ({', '.join('?' * len(kinds))})"
    values = (project, *(kind.value for kind in kinds))
    try:
        with open_to_read(path) as connection:
            (total,) = connection.execute(
                f"SELECT count(*) FROM run WHERE {wanted}", values
            ).fetchone()
            found = connection.execute(
                f"SELECT {_COLUMNS} FROM run WHERE {wanted} ORDER BY started DESC, id LIMIT ?",
                (*values, limit),
            ).fetchall()
    except FileNotFoundError:
        return History(journal=str(path))
    return History(journal=str(path), total=total, runs=tuple(_run(row) for row in found))


def read_run(path: Path, project: str, run_id: str) -> RecordedDetail | None:
    """All that was recorded of a run of a project, or None where there is none.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
        run_id: The run, or how its id begins.

    Raises:
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
        OSError: The same, for another reason than that there is none.
    """
    try:
        with open_to_read(path) as connection:
            found = connection.execute(
                f"SELECT {_COLUMNS} FROM run WHERE project = ? AND substr(id, 1, ?) = ? "
                "ORDER BY started DESC LIMIT 1",
                (project, len(run_id), run_id),
            ).fetchone()
            return None if found is None else _detail(connection, _run(found))
    except FileNotFoundError:
        return None


def read_interrupted(
    path: Path, project: str, since: int
) -> list[tuple[RecordedDetail, RecordedWork | None]]:
    """The applies of a project that their engine did not live to end, with what they set out to do.

    Of each environment only its newest apply counts: what went before is its business.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
        since: Older ones are left out.

    Raises:
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
        OSError: The same, for another reason than that there is none.
    """
    try:
        with open_to_read(path) as connection:
            rows = connection.execute(_NEWEST_OPEN, (project, since)).fetchall()
            return list(_without_engine(connection, rows))
    except FileNotFoundError:
        return []


def applies_left_wrong(
    connection: sqlite3.Connection, project: str, environment: str
) -> Iterator[tuple[RecordedDetail, RecordedWork | None]]:
    """Every apply to an environment that died, and restated or may have left a hole.

    Args:
        connection: Of the journal.
        project: The digest of the project, gateway and configuration.
        environment: Where the applies went.
    """
    rows = connection.execute(_LEFT_WRONG, (project, environment)).fetchall()
    yield from _without_engine(connection, rows)


def _without_engine(
    connection: sqlite3.Connection, rows: Sequence[Row]
) -> Iterator[tuple[RecordedDetail, RecordedWork | None]]:
    """Those whose engine is dead for certain: that of another host may live."""
    for row in rows:
        run = _run(row[:-1])
        if not run.running and run.host == socket.gethostname():
            yield _detail(connection, run), _read(RecordedWork, _unpacked(row[-1]))


_NEWEST_OPEN = f"""
SELECT {_COLUMNS}, work FROM run
WHERE project = ? AND kind = 'apply' AND outcome IS NULL AND started >= ? AND NOT EXISTS (
  SELECT 1 FROM run AS later WHERE later.project = run.project AND later.kind = 'apply'
  AND later.environment = run.environment AND later.started > run.started)
ORDER BY started DESC
"""
_LEFT_WRONG = f"""
SELECT {_COLUMNS}, work FROM run
WHERE project = ? AND environment = ? AND kind = 'apply' AND outcome IS NULL
AND (facts LIKE '%"restated":["%' OR EXISTS (
  SELECT 1 FROM model WHERE model.run = run.id AND model.content LIKE '%"at_risk":"empty"%'))
ORDER BY started
"""


def _detail(connection: sqlite3.Connection, run: RecordedRun) -> RecordedDetail:
    of_run = (run.run_id,)
    request, facts, packed, packed_diffs = connection.execute(
        "SELECT request, facts, review, diffs FROM run WHERE id = ?", of_run
    ).fetchone()
    review = _read(PlanOverviewStageTracker, _unpacked(packed))
    diffs = _read(RecordedDiffs, _unpacked(packed_diffs)) or RecordedDiffs()
    stages = connection.execute("SELECT content FROM stage WHERE run = ? ORDER BY position", of_run)
    models = [
        _read(ModelProgress, content)
        for (content,) in connection.execute("SELECT content FROM model WHERE run = ?", of_run)
    ]
    return RecordedDetail(
        run=run,
        request=_read(PlanRequest, request),
        stages=tuple(
            stage for (content,) in stages if (stage := _read(StageProgress, content)) is not None
        ),
        models={model.name: model for model in models if model is not None},
        batches=tuple(_batch(row) for row in connection.execute(_BATCHES, of_run)),
        log=tuple(
            LogLine(at=at, level=level, text=text)
            for at, level, text in connection.execute(
                "SELECT at, level, text FROM log WHERE run = ? ORDER BY rowid", of_run
            )
        ),
        review=None if review is None else _with_diffs(review, diffs),
        diffs_left_out=diffs.left_out,
        facts=_read(PlanFacts, facts),
    )


def _with_diffs(review: PlanOverviewStageTracker, kept: RecordedDiffs) -> PlanOverviewStageTracker:
    modified, diffs = review.changes.modified, kept.diffs
    found = modified.model_copy(
        update={
            "direct": tuple(
                each.model_copy(update={"diff": diffs.get(each.name)}) for each in modified.direct
            ),
            "metadata": tuple(
                each.model_copy(update={"diff": diffs.get(each.name)}) for each in modified.metadata
            ),
        }
    )
    changes = review.changes.model_copy(update={"modified": found})
    return review.model_copy(update={"changes": changes})


_BATCHES = """
SELECT model.name, batch.at, number, start, end, duration, rows, bytes, audits_passed, audits_failed
FROM model JOIN batch ON batch.model = model.id WHERE model.run = ? ORDER BY batch.rowid
"""


def _batch(
    row: tuple[str, int, int, int, int, int | None, int | None, int | None, int, int],
) -> RecordedBatch:
    name, at, index, start, end, duration, rows, size, passed, failed = row
    return RecordedBatch(
        name=name,
        at=at,
        index=index,
        interval=(start, end),
        duration=duration,
        rows=rows,
        bytes=size,
        audits_passed=passed,
        audits_failed=failed,
    )


def _run(row: Row) -> RecordedRun:
    (run_id, kind, environment, plan_id, outcome, started, ended, user, host, process) = row[:10]
    (project, paths, gateway, version, problem, summary, done, failed, left) = row[10:]
    return RecordedRun.model_validate(
        {
            "run_id": run_id,
            "kind": kind,
            "environment": environment,
            "plan_id": plan_id,
            "outcome": outcome,
            "running": outcome is None and host == socket.gethostname() and is_alive(str(process)),
            "started": started,
            "ended": ended,
            "user": user,
            "host": host,
            "project": project,
            "paths": json.loads(str(paths)),
            "gateway": gateway,
            "version": version,
            "problem": _read(Problem, problem),
            "summary": _read(RunSummary, summary),
            "batches_done": done,
            "batches_failed": failed,
            "interrupted": _read(InterruptedRun, left),
        }
    )


def _read(kind: type[M], content: object) -> M | None:
    """A recorded part, or None where there is none, or one of another plan_tui's."""
    if not isinstance(content, str | bytes):
        return None
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        return None


def _unpacked(content: object) -> bytes | None:
    if not isinstance(content, bytes):
        return None
    try:
        return zlib.decompress(content)
    except zlib.error:
        return None
