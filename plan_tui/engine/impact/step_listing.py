"""The steps of an apply from SQLMesh's own stages, in their order, without state or warehouse.

What SQLMesh decides only when it runs is told as it will most likely be: a table that somebody
dropped or made meanwhile is looked for when the step runs, and when its SQL is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sqlmesh.core.plan import stages

from plan_tui.engine.impact.step_batches import backfill, created, may_lack_table
from plan_tui.engine.impact.step_stage import (
    Plan,
    Planned,
    StageAt,
    counted,
    deployable,
    in_words,
    ordered,
    unquoted,
)

if TYPE_CHECKING:
    from sqlmesh.core.plan.common import SnapshotIntervalClearRequest


def listed(plan: Plan) -> Iterator[Planned]:
    """Every step, in order."""
    promoted = False
    for index, laid_out in enumerate(plan.work.layout):
        promoted = promoted or isinstance(laid_out.stage, stages.EnvironmentRecordUpdateStage)
        lister = _LISTERS.get(type(laid_out.stage).__name__)
        if lister is not None:
            yield from lister(StageAt(plan, laid_out, index, promoted))


def _before_all(at: StageAt) -> Iterator[Planned]:
    count = sum(len(each.before_all) for each in at.stage.statements)
    yield at.step("before_all", f"Run {counted(count, 'statement')} before everything else")


def _after_all(at: StageAt) -> Iterator[Planned]:
    count = sum(len(each.after_all) for each in at.stage.statements)
    yield at.step("after_all", f"Run {counted(count, 'statement')} after everything else")


def _records(at: StageAt) -> Iterator[Planned]:
    count = counted(len(at.stage.snapshots), "new version")
    yield at.step("record", f"Record {count} in SQLMesh's state", has_sql=False)


def _schemas(at: StageAt) -> Iterator[Planned]:
    models = [each for each in at.stage.snapshots if each.is_model and not each.is_symbolic]
    tables = {each.table_name(deployable(at, each)).rpartition(".")[0] for each in models}
    for schema in sorted(tables):
        yield at.step("schema", f"Create schema {unquoted(schema)} if it does not exist", schema)


def _tables(at: StageAt) -> Iterator[Planned]:
    for snapshot in ordered(at.stage.snapshots):
        if may_lack_table(at.plan, at.stage.deployability_index, snapshot):
            yield created(at, snapshot)


def _audits_only(at: StageAt) -> Iterator[Planned]:
    for snapshot in ordered(at.stage.snapshots):
        names = ", ".join(audit.name for audit, _ in snapshot.node.audits_with_args)
        yield at.step("audit_only", f"Audit what is there: {names}", snapshot)


def _restatement(at: StageAt) -> Iterator[Planned]:
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
            text = f"Forget intervals of {unquoted(name)} {where}: they are filled again there"
            yield at.step("clear", text, name, interval=interval, has_sql=False)
            continue
        text = f"Forget {in_words(snapshot, interval)} {where}: it is filled again there"
        yield at.step("clear", text, snapshot, interval=interval, has_sql=False)


def _environment(at: StageAt) -> Iterator[Planned]:
    environment = at.plan.evaluatable.environment
    count = counted(len(environment.promoted_snapshots), "model")
    text = f"Record that {environment.name} holds {count}"
    yield at.step("environment", text, has_sql=False)


def _unpause(at: StageAt) -> Iterator[Planned]:
    count = counted(len(at.stage.promoted_snapshots), "version")
    yield at.step("unpause", f"Let the scheduler run {count}", has_sql=False)


def _migrations(at: StageAt) -> Iterator[Planned]:
    for snapshot in at.stage.snapshots:
        text = f"Bring the columns of {unquoted(snapshot.table_name(True))} up to date"
        yield at.step("migrate", text, snapshot)


def _views(at: StageAt) -> Iterator[Planned]:
    stage, view = at.stage, at.plan.view
    for info in sorted(stage.promoted_snapshots, key=lambda each: each.name):
        snapshot = stage.all_snapshots[info.snapshot_id]
        table = snapshot.table_name(stage.deployability_index.is_representative(snapshot))
        text = f"View {view.view_name(snapshot)} shows {unquoted(table)}"
        yield at.step("view", text, snapshot)
    for info in sorted(stage.demoted_snapshots, key=lambda each: each.name):
        shown = info.display_name(
            stage.demoted_environment_naming_info, view.default_catalog, view.dialect
        )
        yield at.step("drop", f"Drop view {shown}", info)


def _finalize(at: StageAt) -> Iterator[Planned]:
    name = at.plan.evaluatable.environment.name
    yield at.step("finalize", f"Mark {name} as complete", has_sql=False)


_LISTERS: dict[str, Callable[[StageAt], Iterator[Planned]]] = {
    "BeforeAllStage": _before_all,
    "CreateSnapshotRecordsStage": _records,
    "PhysicalLayerSchemaCreationStage": _schemas,
    "PhysicalLayerUpdateStage": _tables,
    "AuditOnlyRunStage": _audits_only,
    "BackfillStage": backfill,
    "RestatementStage": _restatement,
    "EnvironmentRecordUpdateStage": _environment,
    "MigrateSchemasStage": _migrations,
    "UnpauseStage": _unpause,
    "VirtualLayerUpdateStage": _views,
    "FinalizeEnvironmentStage": _finalize,
    "AfterAllStage": _after_all,
}
