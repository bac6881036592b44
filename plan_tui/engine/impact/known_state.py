"""What a plan's state holds, read once, so that other categories can be tried without the state.

The state may be a DuckDB file that is locked while it is open, and the thread that answers
look-ups must not open it. What SQLMesh's stages ask of the state is little: the stored snapshots
of the plan, the environment, and the intervals of each version that a snapshot may get.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlmesh.core import constants
from sqlmesh.core.plan.common import identify_restatement_intervals_across_snapshot_versions
from sqlmesh.core.snapshot import Snapshot, SnapshotChangeCategory, SnapshotId
from sqlmesh.core.snapshot.definition import SnapshotIntervals, SnapshotNameVersion

from plan_tui.engine.awaiting import awaited

if TYPE_CHECKING:
    from sqlmesh.core.environment import Environment
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.plan.common import SnapshotIntervalClearRequest
    from sqlmesh.core.state_sync import StateReader

    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
CATEGORIES = (SnapshotChangeCategory.BREAKING, SnapshotChangeCategory.INDIRECT_NON_BREAKING)
"""Those that lead to different versions; every other one leads to the version of one of these."""
PATIENCE = 2.0
"""Seconds to wait for what the worker reads right after it has shown a plan."""


def copy_of(snapshot: Snapshot) -> Snapshot:
    """A copy whose category and intervals may change; its definition is shared."""
    lists = {
        "intervals": list(snapshot.intervals),
        "dev_intervals": list(snapshot.dev_intervals),
        "pending_restatement_intervals": list(snapshot.pending_restatement_intervals),
    }
    return snapshot.copy(update=lists)


class KnownState:
    """Answers SQLMesh's stages like the state that it was read from; touches no database."""

    def __init__(
        self,
        snapshots: dict[SnapshotId, Snapshot],
        environments: dict[str, Environment | None],
        intervals: list[SnapshotIntervals],
    ) -> None:
        self._snapshots = snapshots
        self._environments = environments
        self.cleared: Sequence[SnapshotIntervalClearRequest] = ()
        """What a restatement of prod clears in other environments."""
        self._intervals: dict[tuple[str, str | None], list[SnapshotIntervals]] = {}
        for each in intervals:
            self._intervals.setdefault((each.name, each.version), []).append(each)

    @classmethod
    def read(cls, context: EngineContext, plan: Plan) -> KnownState:
        """Reads what trying other categories of a plan may ask for; by the worker thread only."""
        diff, reader = plan.context_diff, context.state_reader
        name = plan.environment_naming_info.name
        environments = {each: reader.get_environment(each) for each in (name, constants.PROD)}
        stored = {
            snapshot.snapshot_id: snapshot
            for snapshot in diff.snapshots.values()
            if snapshot.snapshot_id not in diff.new_snapshots
        }
        stored |= {old.snapshot_id: old for _, old in diff.modified_snapshots.values()}
        compared = environments[name] or environments[constants.PROD]
        listed = [info.snapshot_id for info in compared.snapshots] if compared is not None else []
        listed += list(diff.removed_snapshots)
        lacking = [each for each in dict.fromkeys(listed) if each not in stored]
        if lacking:
            stored |= reader.get_snapshots(lacking)
        sync: Any = context.state_sync
        intervals = getattr(sync, "state_sync", sync).interval_state
        versions = set(possible_versions(diff.snapshots.values(), diff.new_snapshots))
        known = cls(
            stored, environments, intervals.get_snapshot_intervals(sorted(versions, key=str))
        )
        known.cleared = _cleared(reader, plan)
        return known

    def get_snapshots(self, snapshot_ids: Iterable[Any]) -> dict[SnapshotId, Snapshot]:
        """Copies of those of these snapshots that are stored."""
        ids = {each.snapshot_id for each in snapshot_ids}
        return {each: copy_of(self._snapshots[each]) for each in ids if each in self._snapshots}

    def get_environment(self, environment: str) -> Environment | None:
        """The environment that the plan is for, or prod."""
        return self._environments[environment]

    def refresh_snapshot_intervals(self, snapshots: Collection[Snapshot]) -> list[Snapshot]:
        """Gives snapshots the intervals that are stored for their versions."""
        wanted: list[SnapshotIntervals] = []
        for snapshot in snapshots:
            snapshot.intervals, snapshot.dev_intervals = [], []
            wanted += self._intervals.get((snapshot.name, snapshot.version_get_or_generate()), ())
        return list(Snapshot.hydrate_with_intervals_by_version(snapshots, wanted))


def stored_of(built: BuiltPlan, removed: Any) -> Snapshot | None:
    """What a model was that the plan removes; None where the state can't tell.

    Args:
        built: The plan.
        removed: What SQLMesh's comparison says of it: little more than its name.
    """
    try:
        known = awaited(built.known, lambda: None, PATIENCE)
    except Exception as error:
        logger.info("What %s was is not known.", removed.name, exc_info=error)
        return None
    return known.get_snapshots([removed]).get(removed.snapshot_id)


def _cleared(reader: StateReader, plan: Plan) -> Sequence[SnapshotIntervalClearRequest]:
    """What SQLMesh's restatement stage would clear, as its ``--explain`` finds it."""
    if not plan.restatements or plan.is_dev:
        return ()
    evaluatable = plan.to_evaluatable()
    found = identify_restatement_intervals_across_snapshot_versions(
        state_reader=reader,
        prod_restatements=evaluatable.restatements,
        disable_restatement_models=evaluatable.disabled_restatement_models,
        loaded_snapshots=dict(plan.snapshots),
    )
    return tuple(found.values())


def possible_versions(
    snapshots: Iterable[Snapshot], new: Collection[SnapshotId]
) -> Iterator[SnapshotNameVersion]:
    """Every version that a snapshot has, or would get with another category of any model."""
    for snapshot in snapshots:
        if snapshot.version:
            yield SnapshotNameVersion(name=snapshot.name, version=snapshot.version)
        if snapshot.snapshot_id not in new:
            continue
        tried = snapshot.copy()
        for category in CATEGORIES:
            tried.categorize_as(category, forward_only=False)
            yield SnapshotNameVersion(name=tried.name, version=tried.version)


def read_known_state(context: EngineContext, built: BuiltPlan) -> None:
    """Reads the state that a plan was built from; by the worker thread, once the plan is shown."""
    try:
        built.known.set_result(KnownState.read(context, built.plan))
    except Exception as error:
        logger.warning("The state of a plan can't be kept.", exc_info=True)
        built.known.set_exception(error)
