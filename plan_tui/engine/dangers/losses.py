"""The intervals that other environments lose by a restatement, as SQLMesh will clear them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmesh.core.plan.common import identify_restatement_intervals_across_snapshot_versions
from sqlmesh.core.snapshot.definition import SnapshotNameVersion
from sqlmesh.utils.date import to_timestamp

from plan_tui.contract.base import Interval

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loss:
    """What one model of another environment loses."""

    environment: str
    name: str
    """The snapshot name."""
    cleared: Interval
    """What SQLMesh clears."""
    intervals: tuple[Interval, ...]
    """What of it is filled by now; nothing where the environment only has a preview's data."""


Losses = tuple[Loss, ...]


def read_losses(context: EngineContext, built: BuiltPlan) -> None:
    """Reads what a plan's restatement clears; by the worker thread, once the plan is shown."""
    try:
        built.losses.set_result(tuple(losses_of(context, built.plan)))
    except Exception as error:
        logger.warning("What other environments lose can't be read.", exc_info=True)
        built.losses.set_exception(error)


def losses_of(context: EngineContext, plan: Plan) -> Iterator[Loss]:
    """What SQLMesh's restatement stage will clear, of each environment that shows it.

    It clears by the version of a model: an environment whose snapshot only shares the version
    loses the intervals too.
    """
    if not (plan.restate_all_snapshots and plan.restatements):
        return
    cleared = _cleared(context, plan)
    stored = _stored(context, cleared)
    target = plan.environment_naming_info.name
    for summary in context.state_reader.get_environments_summary():
        environment = context.state_reader.get_environment(summary.name)
        if environment is None or summary.name == target:
            continue
        for info in environment.snapshots:
            interval = cleared.get(info.name_version)
            if interval is not None:
                lost = overlaps(stored.get(info.name_version, ()), interval)
                yield Loss(summary.name, info.name, interval, lost)


def _cleared(context: EngineContext, plan: Plan) -> dict[SnapshotNameVersion, Interval]:
    evaluatable = plan.to_evaluatable()
    requests = identify_restatement_intervals_across_snapshot_versions(
        state_reader=context.state_reader,
        prod_restatements=evaluatable.restatements,
        disable_restatement_models=evaluatable.disabled_restatement_models,
        loaded_snapshots=dict(plan.snapshots),
        current_ts=to_timestamp(plan.execution_time),
    )
    return {each.snapshot.name_version: each.interval for each in requests.values()}


def _stored(
    context: EngineContext, cleared: dict[SnapshotNameVersion, Interval]
) -> dict[SnapshotNameVersion, list[Interval]]:
    if not cleared:
        return {}
    sync: Any = context.state_sync
    intervals = getattr(sync, "state_sync", sync).interval_state
    stored: dict[SnapshotNameVersion, list[Interval]] = defaultdict(list)
    for each in intervals.get_snapshot_intervals(list(cleared)):
        stored[each.name_version] += each.intervals
    return stored


def overlaps(
    stored: list[Interval] | tuple[Interval, ...], interval: Interval
) -> tuple[Interval, ...]:
    """The parts of intervals that lie within another."""
    start, end = interval
    parts = ((max(start, each[0]), min(end, each[1])) for each in stored)
    return tuple(sorted({part for part in parts if part[0] < part[1]}))
