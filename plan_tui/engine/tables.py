"""Which physical tables the apply of a plan will make, by the rules of SQLMesh's own steps.

A plan that fills nothing makes every table that is missing. One that fills something makes those of
its models that are filled, or that can't be represented by the table of another version.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlmesh.core.plan.stages import BackfillStage, PhysicalLayerUpdateStage
from sqlmesh.core.snapshot import DeployabilityIndex, Snapshot

from plan_tui.engine.impact.kept import Kept

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

    from plan_tui.engine.work import LaidOut

logger = logging.getLogger(__name__)
_names: Kept[str] = Kept(most=20_000)


def tables_to_make(evaluator: Any, plan: Plan, layout: Iterable[LaidOut], look: bool) -> set[str]:
    """The tables, by name.

    Args:
        evaluator: SQLMesh's evaluator, which asks the warehouse.
        plan: The plan.
        layout: What SQLMesh would do for it.
        look: Whether the warehouse may be asked, where the state does not tell.
    """
    made: set[str] = set()
    for laid_out in layout:
        index = getattr(laid_out.stage, "deployability_index", None)
        if not isinstance(index, DeployabilityIndex):
            continue
        missing: list[Snapshot] = []
        doubtful: list[Snapshot] = []
        for each in _candidates(laid_out, index):
            if _is_new(plan, each, index):
                missing.append(each)
            elif _may_lack(plan, each, index):
                doubtful.append(each)
        if look and doubtful:
            missing += _missing(evaluator, doubtful, index)
        made |= {_name_of(each, index.is_deployable(each)) for each in missing}
    return made


def _name_of(snapshot: Snapshot, is_deployable: bool) -> str:
    """SQLMesh's name of a table, which it parses and writes out anew each time it is asked."""
    key = (
        snapshot.name,
        snapshot.version if is_deployable else snapshot.dev_version,
        is_deployable,
        snapshot.physical_schema,
        snapshot.table_naming_convention,
        snapshot.dev_table_suffix,
        snapshot.base_table_name_override,
        snapshot.virtual_environment_mode,
        snapshot.is_external,
    )
    return _names.get(key, lambda: snapshot.table_name(is_deployable))


def _candidates(laid_out: LaidOut, index: DeployabilityIndex) -> Iterator[Snapshot]:
    stage = laid_out.stage
    found: Collection[Snapshot] = ()
    if isinstance(stage, PhysicalLayerUpdateStage):
        found = stage.snapshots
    elif isinstance(stage, BackfillStage) and stage.snapshot_to_intervals:
        chosen = stage.selected_snapshot_ids or {s.snapshot_id for s in stage.snapshot_to_intervals}
        found = [
            snapshot
            for snapshot in stage.all_snapshots.values()
            if snapshot.snapshot_id in chosen
            and (snapshot.name in laid_out.batches or not index.is_representative(snapshot))
        ]
    return (each for each in found if each.is_model and not each.is_symbolic)


def _is_new(plan: Plan, snapshot: Snapshot, index: DeployabilityIndex) -> bool:
    """Whether no version before can have made the table."""
    is_deployable = index.is_deployable(snapshot)
    return plan.is_new_snapshot(snapshot) and not _is_shared(snapshot, is_deployable)


def _is_shared(snapshot: Snapshot, is_deployable: bool) -> bool:
    if is_deployable:
        return any(previous.version == snapshot.version for previous in snapshot.previous_versions)
    return any(
        previous.dev_version == snapshot.dev_version for previous in snapshot.previous_versions
    )


def _may_lack(plan: Plan, snapshot: Snapshot, index: DeployabilityIndex) -> bool:
    """Whether the state does not tell that the table is there.

    An apply may have recorded a snapshot and not got to make its table: only those without
    intervals can lack theirs. A version that is shared with prod may have none for development.
    """
    is_deployable = index.is_deployable(snapshot)
    if plan.is_new_snapshot(snapshot):
        return not is_deployable
    return not (snapshot.intervals if is_deployable else snapshot.dev_intervals)


def _missing(
    evaluator: Any, doubtful: list[Snapshot], index: DeployabilityIndex
) -> Iterable[Snapshot]:
    try:
        # Not what SQLMesh would create: it counts a seed in until it is filled, table or not.
        found = evaluator._get_physical_data_objects(doubtful, index)
    except Exception as error:
        # A warehouse that does not answer stops the apply, and not the review.
        logger.warning("Tables of an earlier apply are counted as not made.", exc_info=error)
        return doubtful
    return [snapshot for snapshot in doubtful if snapshot.snapshot_id not in found]
