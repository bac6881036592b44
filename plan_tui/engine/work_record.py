"""What an apply sets out to do, as the journal keeps it for an engine that comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.engine.risks import Filled
from plan_tui.journal.work import RecordedModel, RecordedWork

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

ENDS_QUERIES = frozenset({"duckdb"})
"""Warehouses whose queries end with the process that asked for them."""


def work_record(built: BuiltPlan, filled: Filled, engine_type: str) -> RecordedWork:
    """The models with work and those with tables to make, and how each is found again.

    Args:
        built: The plan that is about to be applied.
        filled: What ``rewritten_in_place`` says.
        engine_type: The kind of warehouse.
    """
    plan, work = built.plan, built.work
    by_name = plan.context_diff.snapshots_by_name
    new = {snapshot.name for snapshot in plan.new_snapshots}
    restated = {snapshot_id.name for snapshot_id in plan.restatements}
    models = []
    for name in sorted({*work.batches, *new}):
        snapshot = by_name.get(name)
        if snapshot is None or not snapshot.is_model:
            continue
        deployable = work.index is None or work.index.is_deployable(snapshot)
        models.append(
            RecordedModel(
                name=name,
                view_name=built.view.view_name(snapshot),
                identifier=snapshot.identifier,
                version=snapshot.version or "",
                deployable=deployable,
                new=name in new,
                restated=name in restated,
                table=_new_table(built, snapshot, deployable),
                gateway=snapshot.model_gateway,
                batches=tuple((int(start), int(end)) for start, end in work.batches.get(name, ())),
                filled=tuple(filled.get(name, ())),
            )
        )
    return RecordedWork(models=tuple(models), cancels_alone=engine_type in ENDS_QUERIES)


def _new_table(built: BuiltPlan, snapshot: Snapshot, deployable: bool) -> str | None:
    if not snapshot.version:
        return None
    table = snapshot.table_name(deployable)
    return table if table in built.work.tables else None
