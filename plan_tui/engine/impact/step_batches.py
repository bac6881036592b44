"""The steps of a backfill: tables that are made, batches and their audits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmesh.core.plan import stages
from sqlmesh.core.snapshot import DeployabilityIndex, Snapshot, snapshots_to_dag

from plan_tui.contract.base import Interval
from plan_tui.contract.state import StageName
from plan_tui.engine.impact.step_stage import (
    Plan,
    Planned,
    StageAt,
    counted,
    deployable,
    in_words,
    preview,
    unquoted,
)

MOST_BATCHES = 20
"""Batches of a model that are listed one by one."""


def backfill(at: StageAt) -> Iterator[Planned]:
    """The steps of a backfill: tables first, then batches, parents before their children."""
    stage, batches = at.stage, at.laid_out.batches
    if not stage.snapshot_to_intervals:
        return
    snapshots = list(backfilled(stage))
    for snapshot in snapshots:
        if needs_table(at.plan, stage, snapshot, batches) and made_apart(snapshot, batches):
            yield created(at, snapshot)
    for snapshot in snapshots:
        yield from _batches(at, snapshot, batches.get(snapshot.name, []))


def backfilled(stage: stages.BackfillStage) -> Iterator[Snapshot]:
    """The snapshots that a backfill may touch, parents first."""
    selected = stage.selected_snapshot_ids or {s.snapshot_id for s in stage.snapshot_to_intervals}
    by_id = {each.snapshot_id: each for each in stage.all_snapshots.values()}
    for snapshot_id in snapshots_to_dag(by_id.values()).subdag(*selected):
        if snapshot_id in by_id and snapshot_id in selected:
            yield by_id[snapshot_id]


def needs_table(
    plan: Plan, stage: stages.BackfillStage, snapshot: Snapshot, batches: dict[str, Any]
) -> bool:
    """Whether a backfill may make a snapshot's table."""
    index: DeployabilityIndex = stage.deployability_index
    if index.is_representative(snapshot) and snapshot.name not in batches:
        return False
    return may_lack_table(plan, index, snapshot)


def made_apart(snapshot: Snapshot, batches: dict[str, list[Interval]]) -> bool:
    """Whether a table is made by a step of its own, as in ``Scheduler._dag``, not by a batch."""
    concurrency = 1 if snapshot.depends_on_past else snapshot.node.batch_concurrency
    many = (not concurrency or concurrency > 1) and snapshot.node.batch_size
    return bool(snapshot.is_incremental_by_time_range or many or not batches.get(snapshot.name, []))


def _batches(at: StageAt, snapshot: Snapshot, batches: list[Interval]) -> Iterator[Planned]:
    total = len(batches)
    first = total if total <= MOST_BATCHES else MOST_BATCHES - 2
    for number in range(first):
        yield from _batch(at, snapshot, number, total, batches[number])
    if first == total:
        return
    between = (batches[first][0], batches[-2][1])
    count = counted(total - 1 - first, "batch", "batches")
    text = f"{count} more like these, {in_words(snapshot, between)}"
    yield at.step("batch", text, snapshot, batch=first, interval=batches[first])
    yield from _batch(at, snapshot, total - 1, total, batches[-1])


def _batch(
    at: StageAt, snapshot: Snapshot, number: int, total: int, interval: Interval
) -> Iterator[Planned]:
    if not snapshot.is_model:
        yield at.step("audit", "Run the standalone audit", snapshot, interval=interval)
        return
    table = unquoted(snapshot.table_name(deployable(at, snapshot)))
    which = f", batch {number + 1:,} of {total:,}" if total > 1 else ""
    if snapshot.is_view:
        text = f"Make view {table}"
    elif snapshot.is_incremental_by_time_range or total > 1:
        # What tells batches apart comes first: a long name may reach beyond the line.
        text = f"Fill {in_words(snapshot, interval)}{which}: {table}"
    else:
        text = f"Fill {table}"
    text += preview(at, snapshot)
    yield at.step("batch", text, snapshot, batch=number, interval=interval)
    names = ", ".join(audit.name for audit, _ in snapshot.node.audits_with_args)
    if names:
        text = f"Audit it{which}: {names}"
        yield at.step("audit", text, snapshot, batch=number, interval=interval)


def created(at: StageAt, snapshot: Snapshot) -> Planned:
    """The step that makes a snapshot's table."""
    table = snapshot.table_name(deployable(at, snapshot))
    what = "view" if snapshot.is_view else "table"
    perhaps = "" if table in at.plan.work.tables else " if it does not exist"
    text = f"Create {what} {unquoted(table)}{perhaps}{preview(at, snapshot)}"
    return at.step("create", text, snapshot, name=StageName.CREATION)


def may_lack_table(plan: Plan, index: DeployabilityIndex, snapshot: Snapshot) -> bool:
    """Whether a snapshot's table may have to be made, by what is known of the versions."""
    if not snapshot.is_model or snapshot.is_symbolic:
        return False
    deployable = index.is_deployable(snapshot)
    # A preview's intervals tell nothing: a forward-only one has those of prod from the start.
    known_there = deployable and snapshot.intervals
    return not known_there or snapshot.table_name(deployable) in plan.work.tables
