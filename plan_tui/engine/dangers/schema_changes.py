"""Tables that an apply alters in place, and whether SQLMesh would refuse to, now or half-way.

SQLMesh's builder looks at directly changed models only. Those that change by their parents it
judges while it migrates tables, after prod's record has been written: here the same functions
judge them from the columns of both definitions, before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlmesh.core.schema_diff import TableAlterOperation, get_schema_differ
from sqlmesh.core.snapshot import Snapshot
from sqlmesh.core.snapshot.evaluator import (
    _check_additive_schema_change,
    _check_destructive_schema_change,
)
from sqlmesh.utils import columns_to_types_all_known
from sqlmesh.utils.errors import AdditiveChangeError, DestructiveChangeError

from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.dangers.schema_words import MANAGED, UNKNOWN, Alteration, schema_danger

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.mapping import PlanView
    from plan_tui.engine.plan_builder import ReviewingPlanBuilder, Verdict
    from plan_tui.engine.work import PlanWork

Columns = dict[str, exp.DataType]


def schema_dangers(
    context: EngineContext, builder: ReviewingPlanBuilder, view: PlanView, work: PlanWork
) -> tuple[Danger, ...]:
    """Every change of a table in place, those first that block.

    Args:
        context: The context that built the plan; its state is read where prod is half applied.
        builder: The builder, with SQLMesh's verdicts.
        view: The plan and its names.
        work: What the apply would do.
    """
    found: list[Danger] = []
    for new, old in _compared(context, view.plan, work):
        if new.is_model and old.is_model:
            found += _dangers_of(context, builder, view, work, new, old)
    order = list(Severity)
    return tuple(sorted(found, key=lambda each: (order.index(each.severity), each.rule)))


def _compared(
    context: EngineContext, plan: Plan, work: PlanWork
) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Each snapshot with the one whose columns its table has."""
    diff = plan.context_diff
    yield from (diff.modified_snapshots[name] for name in sorted(diff.modified_snapshots))
    if not diff.is_unfinalized_environment or plan.is_dev:
        return
    # An apply has failed half-way: SQLMesh will migrate again what is recorded already.
    environment = context.state_reader.get_environment(diff.environment)
    finalized = (environment.previous_finalized_snapshots or []) if environment else []
    before = {info.name: info.snapshot_id for info in finalized}
    left = [
        snapshot
        for snapshot in diff.snapshots.values()
        if snapshot.name in work.migrated
        and snapshot.name not in diff.modified_snapshots
        and before.get(snapshot.name, snapshot.snapshot_id) != snapshot.snapshot_id
    ]
    stored = context.state_reader.get_snapshots([before[each.name] for each in left])
    for snapshot in left:
        if before[snapshot.name] in stored:
            yield snapshot, stored[before[snapshot.name]]


def _dangers_of(
    context: EngineContext,
    builder: ReviewingPlanBuilder,
    view: PlanView,
    work: PlanWork,
    new: Snapshot,
    old: Snapshot,
) -> Iterator[Danger]:
    verdicts = {
        destructive: builder.verdicts[new.name, destructive]
        for destructive in (True, False)
        if (new.name, destructive) in builder.verdicts
    }
    if not verdicts and not _keeps_table(builder, new, old):
        return
    operations = _operations(context, new, old)
    if operations is None:
        yield schema_danger(view, Alteration(new, UNKNOWN, Severity.WARNS, ()))
        return
    if new.is_managed:
        if operations:
            severity = Severity.WARNS if view.plan.is_dev else Severity.BLOCKS
            yield schema_danger(view, Alteration(new, MANAGED, severity, _sql(new, operations)))
        return
    for destructive in (True, False):
        verdict = verdicts.get(destructive)
        # SQLMesh's builder names the view in its ALTERs; what runs alters the table below it.
        shown = [each for each in operations if each.is_destructive is destructive]
        if not shown and verdict is not None:
            shown = [each for each in verdict.operations if each.is_destructive is destructive]
        if shown:
            severity = _severity(context, view.plan, work, new, destructive, verdict, operations)
            rule = "destructive_change" if destructive else "additive_change"
            indirect = not view.plan.context_diff.directly_modified(new.name)
            at_build = verdict is not None and verdict.refused
            cloned = view.plan.is_dev and _migrates(context, view.plan, work, new)
            statements = _sql(new, shown)
            found = Alteration(new, rule, severity, statements, indirect, at_build, cloned)
            yield schema_danger(view, found)


def _keeps_table(builder: ReviewingPlanBuilder, new: Snapshot, old: Snapshot) -> bool:
    """Whether the new version uses the table of the old one, so that it is altered."""
    if not new.is_materialized or new.is_seed or new.is_symbolic:
        return False
    if new.version:
        return bool(new.version == old.version and new.requires_schema_migration_in_prod)
    return builder.changes_in_place(new.snapshot_id)


def _operations(
    context: EngineContext, new: Snapshot, old: Snapshot
) -> list[TableAlterOperation] | None:
    """What turns the old table into the new one, or None where the columns are not known."""
    before, after = _columns(old), _columns(new)
    if before is None or after is None:
        return None
    if not (columns_to_types_all_known(before) and columns_to_types_all_known(after)):
        before, after = _by_names(before, after)
    adapter = context.engine_adapters.get(new.model_gateway or "", context.engine_adapter)
    model = new.model
    differ = getattr(adapter, "schema_differ", None) or get_schema_differ(model.dialect)
    return list(
        differ.compare_columns(
            _table_in_place(new, old),
            before,
            after,
            ignore_destructive=model.on_destructive_change.is_ignore,
            ignore_additive=model.on_additive_change.is_ignore,
        )
    )


def _table_in_place(new: Snapshot, old: Snapshot) -> str:
    """The physical table that is altered: without a category it is still the old version's."""
    if new.version:
        return new.table_name()
    return old.table_name() if old.version else new.name


def _columns(snapshot: Snapshot) -> Columns | None:
    columns: Columns | None = snapshot.model.columns_to_types
    return dict(columns) if columns and "*" not in columns else None


def _by_names(before: Columns, after: Columns) -> tuple[Columns, Columns]:
    """Columns of which not every type is known: those of both sides count as equal."""
    unknown = exp.DataType.Type.UNKNOWN
    old = {
        name: after[name] if kind.this == unknown and name in after else kind
        for name, kind in before.items()
    }
    new = {
        name: old[name] if kind.this == unknown and name in old else kind
        for name, kind in after.items()
    }
    return old, new


def _severity(
    context: EngineContext,
    plan: Plan,
    work: PlanWork,
    new: Snapshot,
    destructive: bool,
    verdict: Verdict | None,
    operations: list[TableAlterOperation],
) -> Severity:
    if verdict is not None and verdict.refused:
        return Severity.BLOCKS
    setting: Any = new.model.on_destructive_change if destructive else new.model.on_additive_change
    if _refused_at_migration(plan, new, destructive, operations):
        return Severity.BLOCKS if _migrates(context, plan, work, new) else Severity.WARNS
    allowed = plan.allow_destructive_models if destructive else plan.allow_additive_models
    if setting.is_warn and new.name not in allowed:
        return Severity.WARNS
    return Severity.NOTES


def _refused_at_migration(
    plan: Plan, new: Snapshot, destructive: bool, operations: list[TableAlterOperation]
) -> bool:
    """What SQLMesh's evaluator says when it is about to alter the table."""
    try:
        if destructive:
            _check_destructive_schema_change(new, operations, plan.allow_destructive_models)
        else:
            _check_additive_schema_change(new, operations, plan.allow_additive_models)
    except (DestructiveChangeError, AdditiveChangeError):
        return True
    return False


def _migrates(context: EngineContext, plan: Plan, work: PlanWork, new: Snapshot) -> bool:
    """Whether this very plan alters the table, or a clone of it."""
    if not plan.is_dev:
        return new.name in work.migrated or bool(plan.uncategorized)
    adapter = context.engine_adapters.get(new.model_gateway or "", context.engine_adapter)
    return bool(
        adapter.SUPPORTS_CLONING
        and new.is_forward_only
        and new.previous_versions
        and plan.is_new_snapshot(new)
        and not plan.deployability_index.is_deployable(new)
    )


def _sql(snapshot: Snapshot, operations: list[TableAlterOperation]) -> tuple[str, ...]:
    return tuple(each.expression.sql(snapshot.model.dialect) for each in operations)
