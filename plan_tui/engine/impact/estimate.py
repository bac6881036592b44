"""How long a backfill may take, from this project's own applies; what they do not tell is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlmesh.core.snapshot import snapshots_to_dag

from plan_tui.contract.base import Interval
from plan_tui.contract.impact import PlanEstimate
from plan_tui.engine.impact.pace import Pace
from plan_tui.engine.impact.schedule import ModelWork, critical_chain, duration_of
from plan_tui.engine.looking import Asked
from plan_tui.engine.mapping import kind_of
from plan_tui.journal.durations import newest_end, recorded_times
from plan_tui.journal.store import journal_path

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

Batches = Mapping[str, Sequence[Interval]]
"""Batches by snapshot name, as ``PlanWork`` has them."""

_read: dict[str, tuple[int | None, Pace]] = {}
"""What was read of a project's journal, and when its last apply had ended then."""


def estimate_of(asked: Asked) -> PlanEstimate:
    """The estimate of the whole plan."""
    built, concurrency = asked.built, asked.context.concurrent_tasks
    snapshots, batches = built.plan.context_diff.snapshots_by_name, built.work.batches
    works = works_of(pace_of(asked.backend.project.key.digest), snapshots, batches)
    asked.check()
    chain = critical_chain(works, concurrency)
    views = built.view.view_names()
    return PlanEstimate(
        plan_id=built.plan.plan_id,
        seconds=duration_of(works, concurrency) if works else None,
        concurrency=concurrency,
        known=len(works),
        unknown=len(batches) - len(works),
        critical_path=tuple(views.get(name, name) for name in chain.models),
        critical_seconds=chain.seconds if works else None,
    )


def pace_of(project: str) -> Pace:
    """What a project's applies recorded, read again once another apply has ended.

    Args:
        project: The digest of the project, gateway and configuration.
    """
    path = journal_path()
    newest = newest_end(path, project)
    known = _read.get(project)
    if known is None or known[0] != newest:
        known = (newest, Pace.of(recorded_times(path, project)))
        _read[project] = known
    return known[1]


def works_of(
    pace: Pace, snapshots: Mapping[str, Snapshot], batches: Batches
) -> dict[str, ModelWork]:
    """The work of every model of which something is known, in the order of SQLMesh's scheduler.

    What waits for a model of which nothing is known waits for those upstream of that one.
    """
    if not pace.times:
        return {}
    works: dict[str, ModelWork] = {}
    nearest: dict[str, frozenset[str]] = {}
    for snapshot_id in snapshots_to_dag(snapshots.values()):
        name = snapshot_id.name
        snapshot = snapshots.get(name)
        if snapshot is None:
            continue
        upstream = frozenset(
            found
            for parent in snapshot.parents
            if parent.name in nearest
            for found in ({parent.name} if parent.name in works else nearest[parent.name])
        )
        nearest[name] = upstream
        seconds = _seconds(pace, snapshot, batches.get(name, ()))
        if seconds:
            works[name] = ModelWork(seconds, tuple(sorted(upstream)), _at_once(snapshot))
    return works


def _seconds(pace: Pace, snapshot: Snapshot, intervals: Sequence[Interval]) -> tuple[float, ...]:
    kind, unit = kind_of(snapshot), snapshot.node.interval_unit.milliseconds
    found = (pace.seconds(snapshot.name, kind, unit, interval) for interval in intervals)
    return tuple(seconds for seconds in found if seconds is not None)


def _at_once(snapshot: Snapshot) -> int | None:
    """How many batches of a model may run at once, by the rule of SQLMesh's ``Scheduler._dag``."""
    if snapshot.depends_on_past:
        return 1
    at_once = snapshot.node.batch_concurrency
    return int(at_once) if at_once else None
