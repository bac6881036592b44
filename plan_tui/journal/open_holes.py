"""What stopped applies may have left empty, and no later one has filled."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from plan_tui.contract.base import Interval, Millis
from plan_tui.contract.interrupted import Hole
from plan_tui.contract.state import RunSummary
from plan_tui.journal.store import open_to_read

_WITH_HOLES = """
SELECT started, summary FROM run
WHERE project = ? AND environment = ? AND kind = 'apply' AND outcome IS NOT NULL
AND summary LIKE '%"holes":[{%' ORDER BY started
"""
_FILLED = """
SELECT batch.start, batch.end FROM run JOIN model ON model.run = run.id
JOIN batch ON batch.model = model.id
WHERE run.project = ? AND run.environment = ? AND run.kind = 'apply' AND run.started > ?
AND model.name = ? AND batch.duration IS NOT NULL AND batch.start < ? AND batch.end > ?
"""


def read_open_holes(path: Path, project: str, environment: str) -> tuple[Hole, ...]:
    """Intervals that may be empty though SQLMesh's state calls them filled, in order.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
        environment: Where the applies went.

    Raises:
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
        OSError: The same, for another reason than that there is none.
    """
    found: dict[Hole, None] = {}
    try:
        with open_to_read(path) as connection:
            for started, summary in connection.execute(_WITH_HOLES, (project, environment)):
                for hole in RunSummary.model_validate_json(summary).holes:
                    filled = _filled(connection, (project, environment, started), hole)
                    for part in without([hole.interval], filled):
                        found[hole.model_copy(update={"interval": part})] = None
    except FileNotFoundError:
        return ()
    return tuple(sorted(found, key=lambda hole: (hole.name, hole.interval)))


def _filled(
    connection: sqlite3.Connection, after: tuple[str, str, Millis], hole: Hole
) -> list[Interval]:
    start, end = hole.interval
    return connection.execute(_FILLED, (*after, hole.name, end, start)).fetchall()


def without(wanted: list[Interval], taken: list[Interval]) -> list[Interval]:
    """The parts of intervals that no other one has."""
    for low, high in taken:
        parts = [((start, min(end, low)), (max(start, high), end)) for start, end in wanted]
        wanted = [part for pair in parts for part in pair if part[0] < part[1]]
    return wanted
