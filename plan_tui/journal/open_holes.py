"""What stopped applies left behind, and no later one has mended."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from plan_tui.contract.base import Interval, Millis
from plan_tui.contract.interrupted import Hole
from plan_tui.contract.state import RunSummary
from plan_tui.journal.interrupted import as_recorded
from plan_tui.journal.reading import applies_left_wrong
from plan_tui.journal.store import open_to_read
from plan_tui.journal.work import RecordedWork

_STOPPED = """
SELECT started, summary, work FROM run
WHERE project = ? AND environment = ? AND kind = 'apply' AND outcome IS NOT NULL
AND (summary LIKE '%"holes":[{%' OR outcome <> 'succeeded' AND summary LIKE '%"restating":true%')
ORDER BY started
"""
_FILLED = """
SELECT batch.start, batch.end FROM run JOIN model ON model.run = run.id
JOIN batch ON batch.model = model.id
WHERE run.project = ? AND run.environment = ? AND run.kind = 'apply' AND run.started >= ?
AND model.name = ? AND batch.duration IS NOT NULL
"""


class LeftBehind(NamedTuple):
    """Intervals that SQLMesh's state calls filled, so that no plan has them."""

    empty: tuple[Hole, ...] = ()
    """They may be empty: old rows were deleted, and new ones perhaps not written."""
    old: tuple[Hole, ...] = ()
    """They were to be restated and may have the rows of before."""


def read_left_behind(
    path: Path, project: str, environment: str, versions: Mapping[str, str]
) -> LeftBehind:
    """Reads what was left behind in an environment, in order.

    Args:
        path: The journal.
        project: The digest of the project, gateway and configuration.
        environment: Where the applies went.
        versions: The version of each model's table: what became of others is no matter.

    Raises:
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
        OSError: The same, for another reason than that there is none.
    """
    empty: dict[Hole, None] = {}
    old: dict[Hole, None] = {}
    try:
        with open_to_read(path) as connection:
            for stopped in _stopped(connection, project, environment):
                known = {model.name: model.version for model in stopped.work.models}
                holes = tuple(
                    hole
                    for hole in stopped.holes
                    if _is_current(hole.name, known.get(hole.name, ""), versions)
                )
                since = (project, environment, stopped.started)
                later = (project, environment, stopped.started + 1)
                empty.update(_unfilled(connection, later, holes))
                if stopped.restating:
                    restated = _without_holes(_restated(stopped.work, versions), holes)
                    old.update(_unfilled(connection, since, restated))
    except FileNotFoundError:
        return LeftBehind()
    return LeftBehind(_in_order(empty), _in_order(old))


class _Stopped(NamedTuple):
    """An apply that did not come to a good end."""

    started: Millis
    holes: tuple[Hole, ...]
    work: RecordedWork
    restating: bool


def _stopped(connection: sqlite3.Connection, project: str, environment: str) -> Iterator[_Stopped]:
    """Those that were ended, and those whose engine died: no one wrote their summary."""
    for started, summary, work in connection.execute(_STOPPED, (project, environment)).fetchall():
        told = RunSummary.model_validate_json(summary)
        yield _Stopped(started, told.holes, _work(work), told.restating)
    for detail, recorded in applies_left_wrong(connection, project, environment):
        run = as_recorded(detail, recorded)
        yield _Stopped(run.started, run.holes, recorded or RecordedWork(), run.restating)


def _work(packed: bytes | None) -> RecordedWork:
    """What an apply set out to do; nothing where that was not recorded."""
    try:
        return RecordedWork.model_validate_json(zlib.decompress(packed or b""))
    except (zlib.error, ValidationError):
        return RecordedWork()


def _is_current(name: str, version: str, versions: Mapping[str, str]) -> bool:
    return name in versions and (not version or version == versions[name])


def _restated(work: RecordedWork, versions: Mapping[str, str]) -> Iterator[Hole]:
    """What an apply set out to compute anew in tables that there still are."""
    for model in work.models:
        if not model.restated or not _is_current(model.name, model.version, versions):
            continue
        for whole in merged(model.batches):
            yield Hole(name=model.name, view_name=model.view_name, interval=whole)


def _without_holes(wanted: Iterator[Hole], holes: tuple[Hole, ...]) -> Iterator[Hole]:
    for each in wanted:
        yield from _parts(each, [hole.interval for hole in holes if hole.name == each.name])


def _unfilled(
    connection: sqlite3.Connection, since: tuple[str, str, Millis], wanted: Iterable[Hole]
) -> Iterator[tuple[Hole, None]]:
    filled: dict[str, list[Interval]] = {}
    for each in wanted:
        if each.name not in filled:
            batches = connection.execute(_FILLED, (*since, each.name)).fetchall()
            filled[each.name] = merged(batches)
        for part in _parts(each, filled[each.name]):
            yield part, None


def _parts(whole: Hole, taken: list[Interval]) -> Iterator[Hole]:
    for part in without([whole.interval], taken):
        yield whole.model_copy(update={"interval": part})


def _in_order(found: dict[Hole, None]) -> tuple[Hole, ...]:
    return tuple(sorted(found, key=lambda hole: (hole.name, hole.interval)))


def without(wanted: list[Interval], taken: list[Interval]) -> list[Interval]:
    """The parts of intervals that no other one has."""
    for low, high in taken:
        parts = [((start, min(end, low)), (max(start, high), end)) for start, end in wanted]
        wanted = [part for pair in parts for part in pair if part[0] < part[1]]
    return wanted


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same in order, those that touch or overlap in one: a year of hourly batches is one."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
