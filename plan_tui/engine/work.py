"""What an apply will do: stages, batches, tables and views, as SQLMesh's own code lays them out."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sqlmesh.core.plan.stages import (
    BackfillStage,
    MigrateSchemasStage,
    VirtualLayerUpdateStage,
    build_plan_stages,
)
from sqlmesh.core.snapshot import DeployabilityIndex, snapshots_to_dag

from plan_tui.contract.base import Interval
from plan_tui.contract.state import StageName
from plan_tui.engine.apply_stages import shown_names, stage_names
from plan_tui.engine.tables import tables_to_make

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.plan.definition import EvaluatablePlan

logger = logging.getLogger(__name__)


class WorkContext(Protocol):
    """What laying out work needs of a context."""

    @property
    def state_reader(self) -> Any: ...
    @property
    def default_catalog(self) -> str | None: ...
    @property
    def snapshot_evaluator(self) -> Any: ...
    def create_scheduler(self, snapshots: Any, snapshot_evaluator: Any) -> Any: ...


@dataclass
class LaidOut:
    """One of SQLMesh's stages."""

    stage: Any
    name: StageName | None
    """What a user calls it."""
    batches: dict[str, list[Interval]] = field(default_factory=dict)
    """Of a backfill: batches by snapshot name, in the order in which SQLMesh lists them."""


@dataclass
class PlanWork:
    """What the apply of one plan starts."""

    batches: dict[str, list[Interval]] = field(default_factory=dict)
    """Batches by snapshot name, in order."""
    stages: list[StageName] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    """Physical tables that will be created, by name."""
    index: DeployabilityIndex | None = None
    """Which snapshots could be deployed as they are, as the stages have it; None without any."""
    migrated: set[str] = field(default_factory=set)
    """Names of the snapshots whose tables are altered, or looked at for it."""
    views_updated: int = 0
    views_removed: int = 0
    evaluatable: EvaluatablePlan | None = None
    """What SQLMesh would evaluate; None while a model has no category."""
    layout: list[LaidOut] = field(default_factory=list)
    """SQLMesh's stages, in its order."""


def work_of(
    context: WorkContext, plan: Plan, check: Callable[[], None], *, look: bool = True
) -> PlanWork:
    """Lays out what applying a plan would do, without doing it.

    Args:
        context: The context that built the plan.
        plan: The plan; its snapshots are not changed.
        check: Called between steps; may raise to stop.
        look: Whether the warehouse may be asked for tables that an earlier apply may have made.
    """
    if plan.uncategorized:
        return PlanWork(batches=_uncategorized_batches(context, plan))
    with _intervals_kept(plan):
        return _laid_out(context, plan, check, look)


@contextmanager
def _intervals_kept(plan: Plan) -> Iterator[None]:
    """SQLMesh's stage builder takes what is restated out of the plan's own snapshots: undo that."""
    restated = [plan.snapshots[each] for each in plan.restatements if each in plan.snapshots]
    kept = [(each, list(each.intervals), list(each.dev_intervals)) for each in restated]
    try:
        yield
    finally:
        for snapshot, intervals, dev_intervals in kept:
            snapshot.intervals, snapshot.dev_intervals = intervals, dev_intervals


def _laid_out(context: WorkContext, plan: Plan, check: Callable[[], None], look: bool) -> PlanWork:
    evaluatable = _copied(plan)
    stages = build_plan_stages(evaluatable, context.state_reader, context.default_catalog)
    check()
    work = PlanWork(stages=stage_names(stages), evaluatable=evaluatable)
    batches: dict[str, list[Interval]] = defaultdict(list)
    for stage, shown in zip(stages, shown_names(stages), strict=True):
        laid_out = LaidOut(stage, shown)
        work.layout.append(laid_out)
        if isinstance(stage, BackfillStage):
            check()
            work.index = stage.deployability_index
            laid_out.batches = _stage_batches(context, evaluatable, stage)
            for name, intervals in laid_out.batches.items():
                batches[name] += intervals
        elif isinstance(stage, MigrateSchemasStage):
            work.migrated = {snapshot.name for snapshot in stage.snapshots}
        elif isinstance(stage, VirtualLayerUpdateStage):
            work.views_updated = len(stage.promoted_snapshots)
            work.views_removed = len(stage.demoted_snapshots)
    work.batches = {name: intervals for name, intervals in batches.items() if intervals}
    check()
    work.tables = tables_to_make(context.snapshot_evaluator, plan, work.layout, look)
    return work


def _copied(plan: Plan) -> EvaluatablePlan:
    """SQLMesh's stage builder changes intervals of the snapshots it is given: give it copies."""
    evaluatable = plan.to_evaluatable()
    copies = [
        snapshot.copy(
            update={
                "intervals": list(snapshot.intervals),
                "dev_intervals": list(snapshot.dev_intervals),
            }
        )
        for snapshot in evaluatable.new_snapshots
    ]
    return evaluatable.copy(update={"new_snapshots": copies})


def _stage_batches(
    context: WorkContext, plan: EvaluatablePlan, stage: BackfillStage
) -> dict[str, list[Interval]]:
    if not stage.snapshot_to_intervals:
        return {}
    snapshots = list(stage.all_snapshots.values())
    scheduler = context.create_scheduler(snapshots, context.snapshot_evaluator)
    selected = stage.selected_snapshot_ids or {s.snapshot_id for s in stage.snapshot_to_intervals}
    dag = snapshots_to_dag(snapshots).subdag(*selected)
    batched = scheduler.batch_intervals(
        stage.snapshot_to_intervals,
        stage.deployability_index,
        plan.environment.naming_info,
        dag=dag,
        is_restatement=bool(plan.restatements),
    )
    return {snapshot.name: list(intervals) for snapshot, intervals in batched.items()}


def _uncategorized_batches(context: WorkContext, plan: Plan) -> dict[str, list[Interval]]:
    """Batches of a plan that can't be applied yet, from its missing intervals."""
    if plan.skip_backfill or plan.empty_backfill:
        return {}
    snapshots = plan.snapshots
    merged = {snapshots[m.snapshot_id]: m.merged_intervals for m in plan.missing_intervals}
    if not merged:
        return {}
    scheduler = context.create_scheduler(list(snapshots.values()), context.snapshot_evaluator)
    batched = scheduler.batch_intervals(
        merged,
        plan.deployability_index,
        plan.environment_naming_info,
        is_restatement=bool(plan.restatements),
    )
    return {snapshot.name: list(intervals) for snapshot, intervals in batched.items()}
