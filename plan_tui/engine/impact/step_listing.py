"""The steps of an apply from SQLMesh's own stages, in their order; asks neither state nor warehouse.

What SQLMesh decides only when it runs is told as it will most likely be: a table that somebody
dropped or made meanwhile is looked for when the step runs, and when its SQL is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmesh.core import constants
from sqlmesh.core.plan import stages
from sqlmesh.core.snapshot import DeployabilityIndex, Snapshot, snapshots_to_dag
from sqlmesh.core.snapshot.definition import format_intervals

from plan_tui.contract.base import Interval
from plan_tui.contract.state import StageName
from plan_tui.contract.steps import PlannedStep
from plan_tui.engine.work import LaidOut

if TYPE_CHECKING:
    from sqlmesh.core.plan.common import SnapshotIntervalClearRequest
    from sqlmesh.core.plan.definition import EvaluatablePlan

    from plan_tui.engine.mapping import PlanView
    from plan_tui.engine.work import PlanWork

MOST_BATCHES = 20
"""Batches of a model that are listed one by one."""


@dataclass(frozen=True)
class Planned:
    """A step, with what SQLMesh runs it from."""

    step: PlannedStep
    kind: str
    """What is done: ``create``, ``batch``, ``audit``, ``view``..."""
    stage: Any
    snapshot: Any = None
    """The snapshot, or the schema that is created."""
    batch: int = 0
    """The batch's number within its model."""


@dataclass(frozen=True)
class Plan:
    """What steps are listed from."""

    view: PlanView
    work: PlanWork
    cleared: Sequence[SnapshotIntervalClearRequest] = ()
    """What a restatement of prod clears in other environments."""

    @property
    def evaluatable(self) -> EvaluatablePlan:
        """What SQLMesh evaluates."""
        assert self.work.evaluatable is not None
        return self.work.evaluatable


def listed(plan: Plan) -> Iterator[Planned]:
    """Every step, in order."""
    promoted = False
    for index, laid_out in enumerate(plan.work.layout):
        promoted = promoted or isinstance(laid_out.stage, stages.EnvironmentRecordUpdateStage)
        lister = _LISTERS.get(type(laid_out.stage).__name__)
        if lister is not None:
            yield from lister(_Stage(plan, laid_out, index, promoted))


@dataclass(frozen=True)
class _Stage:
    """One stage, and how its steps are named."""

    plan: Plan
    laid_out: LaidOut
    index: int
    promoted: bool

    @property
    def stage(self) -> Any:
        return self.laid_out.stage

    def step(
        self,
        kind: str,
        text: str,
        snapshot: Any = None,
        *,
        name: StageName | None = None,
        batch: int = 0,
        interval: Interval | None = None,
        has_sql: bool = True,
    ) -> Planned:
        """A step of this stage."""
        of_model = snapshot is not None and not isinstance(snapshot, str)
        stage = name or self.laid_out.name
        assert stage is not None
        about = snapshot.name if of_model else snapshot or ""
        step = PlannedStep(
            id=f"{self.index}|{kind}|{about}|{interval[0] if interval else ''}",
            stage=stage,
            model=about if of_model else None,
            view_name=self.plan.view.view_name(snapshot) if of_model else "",
            text=text,
            interval=interval,
            deferred=stage is StageName.DEFERRED_BACKFILL,
            has_sql=has_sql,
        )
        return Planned(step, kind, self.stage, snapshot, batch)


def _before_all(at: _Stage) -> Iterator[Planned]:
    count = sum(len(each.before_all) for each in at.stage.statements)
    yield at.step("before_all", f"Run {_count(count, 'statement')} before everything else")


def _after_all(at: _Stage) -> Iterator[Planned]:
    count = sum(len(each.after_all) for each in at.stage.statements)
    yield at.step("after_all", f"Run {_count(count, 'statement')} after everything else")


def _records(at: _Stage) -> Iterator[Planned]:
    count = _count(len(at.stage.snapshots), "new version")
    yield at.step("record", f"Record {count} in SQLMesh's state", has_sql=False)


def _schemas(at: _Stage) -> Iterator[Planned]:
    models = [each for each in at.stage.snapshots if each.is_model and not each.is_symbolic]
    tables = {each.table_name(_deployable(at, each)).rpartition(".")[0] for each in models}
    for schema in sorted(tables):
        yield at.step("schema", f"Create schema {_plain(schema)} if it does not exist", schema)


def _tables(at: _Stage) -> Iterator[Planned]:
    for snapshot in _ordered(at.stage.snapshots):
        if may_lack_table(at.plan, at.stage.deployability_index, snapshot):
            yield _created(at, snapshot)


def _created(at: _Stage, snapshot: Snapshot) -> Planned:
    table = snapshot.table_name(_deployable(at, snapshot))
    what = "view" if snapshot.is_view else "table"
    perhaps = "" if table in at.plan.work.tables else " if it does not exist"
    text = f"Create {what} {_plain(table)}{perhaps}{_preview(at, snapshot)}"
    return at.step("create", text, snapshot, name=StageName.CREATION)


def may_lack_table(plan: Plan, index: DeployabilityIndex, snapshot: Snapshot) -> bool:
    """Whether a snapshot's table may have to be made, by what is known of the versions."""
    if not snapshot.is_model or snapshot.is_symbolic:
        return False
    deployable = index.is_deployable(snapshot)
    # A preview's intervals tell nothing: a forward-only one has those of prod from the start.
    known_there = deployable and snapshot.intervals
    return not known_there or snapshot.table_name(deployable) in plan.work.tables


def _audits_only(at: _Stage) -> Iterator[Planned]:
    for snapshot in _ordered(at.stage.snapshots):
        names = ", ".join(audit.name for audit, _ in snapshot.node.audits_with_args)
        yield at.step("audit_only", f"Audit what is there: {names}", snapshot)


def _backfill(at: _Stage) -> Iterator[Planned]:
    stage, batches = at.stage, at.laid_out.batches
    if not stage.snapshot_to_intervals:
        return
    snapshots = list(backfilled(stage))
    for snapshot in snapshots:
        if needs_table(at.plan, stage, snapshot, batches) and made_apart(snapshot, batches):
            yield _created(at, snapshot)
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
    return bool(
        snapshot.is_incremental_by_time_range or many or not batches.get(snapshot.name, [])
    )


def _batches(at: _Stage, snapshot: Snapshot, batches: list[Interval]) -> Iterator[Planned]:
    total = len(batches)
    folded = total - MOST_BATCHES + 1 if total > MOST_BATCHES else 0
    shown_first = MOST_BATCHES - 2 if folded else total
    for number, interval in enumerate(batches):
        if number < shown_first or number == total - 1:
            yield from _batch(at, snapshot, number, total, interval)
        elif number == shown_first:
            between = (interval[0], batches[-2][1])
            count = _count(total - 1 - number, "batch", "batches")
            text = f"{count} more like these, {_range(snapshot, between)}"
            yield at.step("batch", text, snapshot, batch=number, interval=interval)


def _batch(
    at: _Stage, snapshot: Snapshot, number: int, total: int, interval: Interval
) -> Iterator[Planned]:
    if not snapshot.is_model:
        yield at.step("audit", "Run the standalone audit", snapshot, interval=interval)
        return
    table = _plain(snapshot.table_name(_deployable(at, snapshot)))
    which = f", batch {number + 1:,} of {total:,}" if total > 1 else ""
    if snapshot.is_view:
        text = f"Make view {table}"
    elif snapshot.is_incremental_by_time_range or total > 1:
        text = f"Fill {table}: {_range(snapshot, interval)}{which}"
    else:
        text = f"Fill {table}"
    text += _preview(at, snapshot)
    yield at.step("batch", text, snapshot, batch=number, interval=interval)
    names = ", ".join(audit.name for audit, _ in snapshot.node.audits_with_args)
    if names:
        text = f"Audit it{which}: {names}"
        yield at.step("audit", text, snapshot, batch=number, interval=interval)


def _restatement(at: _Stage) -> Iterator[Planned]:
    by_name: dict[str, list[SnapshotIntervalClearRequest]] = {}
    for request in at.plan.cleared:
        by_name.setdefault(request.snapshot.name, []).append(request)
    for name, requests in sorted(by_name.items()):
        environments = sorted({env for each in requests for env in each.environment_names})
        interval = (
            min(each.interval[0] for each in requests),
            max(each.interval[1] for each in requests),
        )
        where = f"in {', '.join(environments)}" if environments else "in unused versions"
        snapshot = at.stage.all_snapshots.get(name)
        if snapshot is None:
            text = f"Forget intervals of {_plain(name)} {where}: they are filled again there"
            yield at.step("clear", text, name, interval=interval, has_sql=False)
            continue
        text = f"Forget {_range(snapshot, interval)} {where}: it is filled again there"
        yield at.step("clear", text, snapshot, interval=interval, has_sql=False)


def _environment(at: _Stage) -> Iterator[Planned]:
    environment = at.plan.evaluatable.environment
    count = _count(len(environment.promoted_snapshots), "model")
    text = f"Record that {environment.name} holds {count}"
    yield at.step("environment", text, has_sql=False)


def _unpause(at: _Stage) -> Iterator[Planned]:
    count = _count(len(at.stage.promoted_snapshots), "version")
    yield at.step("unpause", f"Let the scheduler run {count}", has_sql=False)


def _migrations(at: _Stage) -> Iterator[Planned]:
    for snapshot in at.stage.snapshots:
        text = f"Bring the columns of {_plain(snapshot.table_name(True))} up to date"
        yield at.step("migrate", text, snapshot)


def _views(at: _Stage) -> Iterator[Planned]:
    stage, view = at.stage, at.plan.view
    for info in sorted(stage.promoted_snapshots, key=lambda each: each.name):
        snapshot = stage.all_snapshots[info.snapshot_id]
        table = snapshot.table_name(stage.deployability_index.is_representative(snapshot))
        text = f"View {view.view_name(snapshot)} shows {_plain(table)}"
        yield at.step("view", text, snapshot)
    for info in sorted(stage.demoted_snapshots, key=lambda each: each.name):
        shown = info.display_name(
            stage.demoted_environment_naming_info, view.default_catalog, view.dialect
        )
        yield at.step("drop", f"Drop view {shown}", info)


def _finalize(at: _Stage) -> Iterator[Planned]:
    name = at.plan.evaluatable.environment.name
    yield at.step("finalize", f"Mark {name} as complete", has_sql=False)


_LISTERS: dict[str, Callable[[_Stage], Iterator[Planned]]] = {
    "BeforeAllStage": _before_all,
    "CreateSnapshotRecordsStage": _records,
    "PhysicalLayerSchemaCreationStage": _schemas,
    "PhysicalLayerUpdateStage": _tables,
    "AuditOnlyRunStage": _audits_only,
    "BackfillStage": _backfill,
    "RestatementStage": _restatement,
    "EnvironmentRecordUpdateStage": _environment,
    "MigrateSchemasStage": _migrations,
    "UnpauseStage": _unpause,
    "VirtualLayerUpdateStage": _views,
    "FinalizeEnvironmentStage": _finalize,
    "AfterAllStage": _after_all,
}


def _deployable(at: _Stage, snapshot: Any) -> bool:
    return bool(at.stage.deployability_index.is_deployable(snapshot))


def _preview(at: _Stage, snapshot: Snapshot) -> str:
    dev = at.plan.evaluatable.environment.name != constants.PROD
    return " (a preview: not reused in prod)" if dev and not _deployable(at, snapshot) else ""


def _ordered(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    by_id = {each.snapshot_id: each for each in snapshots}
    return [by_id[each] for each in snapshots_to_dag(by_id.values()) if each in by_id]


def _range(snapshot: Snapshot, interval: Interval) -> str:
    return format_intervals([interval], snapshot.node.interval_unit)


def _plain(name: str) -> str:
    return name.replace('"', "").replace("`", "")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
