"""How long the batches of a project took, as its applies recorded them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from plan_tui.contract.base import Interval, Millis
from plan_tui.journal.store import JournalError, open_to_read

MOST = 50_000
"""The newest batches of a project that are read."""
PER_MODEL = 200


@dataclass(frozen=True)
class BatchTime:
    """A batch that was done."""

    name: str
    """The model's snapshot name."""
    kind: str
    interval: Interval
    duration: Millis


def recorded_times(path: Path, project: str) -> list[BatchTime]:
    """Batches that were done, the newest first; none where the journal can't be read.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
    """
    try:
        with open_to_read(path) as connection:
            found = connection.execute(_TIMES, (project, MOST)).fetchall()
    except (OSError, JournalError, sqlite3.Error):
        return []
    seen: dict[str, int] = {}
    times = []
    for name, kind, start, end, duration in found:
        seen[name] = seen.get(name, 0) + 1
        if seen[name] <= PER_MODEL:
            times.append(BatchTime(name, kind, (start, end), duration))
    return times


def newest_end(path: Path, project: str) -> int | None:
    """When the project's last recorded apply ended: what was read before it is old."""
    try:
        with open_to_read(path) as connection:
            (found,) = connection.execute(_NEWEST, (project,)).fetchone()
    except (OSError, JournalError, sqlite3.Error):
        return None
    return found if isinstance(found, int) else None


_TIMES = """
SELECT model.name, model.kind, batch.start, batch.end, batch.duration
FROM run JOIN model ON model.run = run.id JOIN batch ON batch.model = model.id
WHERE run.project = ? AND batch.duration IS NOT NULL
ORDER BY run.started DESC, batch.rowid DESC LIMIT ?
"""
_NEWEST = "SELECT max(ended) FROM run WHERE project = ? AND kind = 'apply'"
