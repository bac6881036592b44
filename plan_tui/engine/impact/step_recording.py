"""Runs a step of a plan on adapters that only record, by SQLMesh's own evaluator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlmesh.core.engine_adapter.shared import DataObjectType
from sqlmesh.core.environment import execute_environment_statements
from sqlmesh.core.macros import RuntimeStage
from sqlmesh.core.snapshot import Snapshot, SnapshotEvaluator
from sqlmesh.core.snapshot.definition import parent_snapshots_by_name, to_view_mapping
from sqlmesh.utils.date import now

from plan_tui.engine.impact.known_state import copy_of
from plan_tui.engine.impact.recorder import recording_of
from plan_tui.engine.impact.step_batches import made_apart
from plan_tui.engine.impact.step_stage import OWN_CLASS, Planned
from plan_tui.engine.looking import Asked

PYTHON_ROWS = "rows_of_the_python_model"


@dataclass
class Recording:
    """One step, run on adapters that only record."""

    asked: Asked
    planned: Planned
    before: list[Planned]
    """The steps that run first."""
    statements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    absent: str = ""
    """The table that the step makes itself."""

    def __post_init__(self) -> None:
        evaluator = self.asked.context.snapshot_evaluator
        types = self._types(self.planned.snapshot)
        adapters = {
            gateway: recording_of(adapter, self.statements, self._types_of, types)
            for gateway, adapter in evaluator.adapters.items()
        }
        self.evaluator = RecordingEvaluator(adapters, 1, evaluator.selected_gateway)
        self.evaluator.notes = self.notes
        evaluatable = self.asked.built.work.evaluatable
        assert evaluatable is not None
        self.evaluatable = evaluatable
        self.execution_time = self.evaluatable.execution_time or now()

    @property
    def dialect(self) -> str:
        """The warehouse's."""
        model = getattr(self.planned.snapshot, "model_or_none", None)
        gateway = model.gateway if model is not None else None
        return str(self.evaluator.get_adapter(gateway).dialect)

    def run(self) -> None:
        """Records the step."""
        if getattr(self.planned.snapshot, "is_custom", False):
            self.notes.append(OWN_CLASS)
        else:
            _RUNNERS[self.planned.kind](self)

    def _types(self, snapshot: Any) -> dict[str, exp.DataType] | None:
        if not isinstance(snapshot, Snapshot) or not snapshot.is_model:
            return None
        types = snapshot.model.columns_to_types
        return dict(types) if types and snapshot.model.annotated else None

    def _types_of(self, table: str) -> dict[str, exp.DataType] | None:
        if table == self.absent:
            return None
        snapshots = self.asked.built.plan.snapshots.values()
        for snapshot in snapshots:
            if snapshot.is_model and not snapshot.is_symbolic and snapshot.version:
                names = (snapshot.table_name(True), snapshot.table_name(False))
                if table in map(plain_table, names):
                    return self._types(snapshot)
        return None

    # Each kind of step

    def statements_of(self, runtime_stage: RuntimeStage) -> None:
        stage, plan = self.planned.stage, self.evaluatable
        execute_environment_statements(
            adapter=self.evaluator.adapter,
            environment_statements=stage.statements,
            runtime_stage=runtime_stage,
            environment_naming_info=plan.environment.naming_info,
            default_catalog=self.asked.context.default_catalog,
            snapshots=stage.all_snapshots,
            start=plan.start,
            end=plan.end,
            execution_time=plan.execution_time,
            selected_models=plan.selected_models,
        )

    def schema(self) -> None:
        stage, wanted = self.planned.stage, self.planned.snapshot
        index = stage.deployability_index
        in_it = [
            each
            for each in stage.snapshots
            if each.is_model
            and not each.is_symbolic
            and each.table_name(index.is_deployable(each)).rpartition(".")[0] == wanted
        ]
        self.evaluator.create_physical_schemas(in_it, index)

    def create(self) -> None:
        index = self.planned.stage.deployability_index
        if not self.evaluator.get_snapshots_to_create([self.planned.snapshot], index):
            self.notes.append("It exists already, so nothing runs.")
            return
        self.evaluator.create_snapshot(
            self.planned.snapshot,
            snapshots={each.name: each for each in self._all_snapshots()},
            deployability_index=index,
            allow_destructive_snapshots=self.evaluatable.allow_destructive_models,
            allow_additive_snapshots=self.evaluatable.allow_additive_models,
        )

    def _all_snapshots(self) -> list[Snapshot]:
        return list(self.planned.stage.all_snapshots.values())

    def batch(self) -> None:
        stage, snapshot = self.planned.stage, self.planned.snapshot
        interval = self.planned.step.interval
        assert interval is not None
        index = stage.deployability_index
        missing = bool(self.evaluator.get_snapshots_to_create([snapshot], index))
        exists = not missing or made_apart(snapshot, self._batches()) or self.planned.batch > 0
        self._expect(snapshot, index.is_deployable(snapshot), exists and missing)
        self.evaluator.evaluate(
            self._without_restated(snapshot),
            start=interval[0],
            end=interval[1],
            execution_time=self.execution_time,
            snapshots=self._parents(),
            allow_destructive_snapshots=self.evaluatable.allow_destructive_models,
            allow_additive_snapshots=self.evaluatable.allow_additive_models,
            deployability_index=index,
            batch_index=self.planned.batch,
            target_table_exists=exists,
            selected_models=self.evaluatable.selected_models,
        )

    def _without_restated(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot as the apply has it: what is restated does not count as there."""
        restated = self.evaluatable.restatements.get(snapshot.name)
        if restated is None:
            return snapshot
        copied = copy_of(snapshot)
        copied.remove_interval(restated)
        return copied

    def _expect(self, snapshot: Snapshot, deployable: bool, made_before: bool) -> None:
        """Tells the adapter whether the step's own table is there once the step runs."""
        table = plain_table(snapshot.table_name(deployable))
        recorder: Any = self.evaluator.get_adapter(snapshot.model_gateway)
        if made_before:
            kind = DataObjectType.VIEW if snapshot.is_view else DataObjectType.TABLE
            recorder.expected[table] = kind
        else:
            self.absent = table

    def _batches(self) -> dict[str, list[tuple[int, int]]]:
        layout = self.asked.built.work.layout
        return next(each.batches for each in layout if each.stage is self.planned.stage)

    def _parents(self) -> dict[str, Snapshot]:
        by_id = {each.snapshot_id: each for each in self._all_snapshots()}
        return parent_snapshots_by_name(self.planned.snapshot, by_id)

    def audit(self) -> None:
        interval = self.planned.step.interval
        assert interval is not None
        self.evaluator.audit(
            self.planned.snapshot,
            snapshots=self._parents(),
            start=interval[0],
            end=interval[1],
            execution_time=self.execution_time,
            deployability_index=self.planned.stage.deployability_index,
            selected_models=self.evaluatable.selected_models,
        )

    def audit_only(self) -> None:
        plan, snapshot = self.evaluatable, self.planned.snapshot
        snapshots = {each.name: each for each in self.asked.built.plan.snapshots.values()}
        self.notes.append("It runs over what is there of the plan's dates, batch by batch.")
        self.evaluator.audit(
            snapshot,
            snapshots=snapshots,
            start=plan.start,
            end=plan.end,
            execution_time=self.execution_time,
        )

    def migrate(self) -> None:
        snapshot, index = self.planned.snapshot, self.planned.stage.deployability_index
        made_before = any(
            each.kind in ("create", "batch") and each.step.model == snapshot.name
            for each in self.before
        )
        if made_before:
            self._expect(snapshot, index.is_deployable(snapshot), made_before)
        self.evaluator.migrate(
            [snapshot],
            self.planned.stage.all_snapshots,
            allow_destructive_snapshots=self.evaluatable.allow_destructive_models,
            allow_additive_snapshots=self.evaluatable.allow_additive_models,
            deployability_index=index,
        )
        if not self.statements:
            self.notes.append("There is no table yet whose columns could differ.")

    def _view_mapping(self, naming: Any) -> dict[str, str]:
        return to_view_mapping(
            self.planned.stage.all_snapshots.values(),
            naming,
            default_catalog=self.asked.context.default_catalog,
            dialect=self.evaluator.adapter.dialect,
        )

    def view(self) -> None:
        plan = self.evaluatable
        naming = plan.environment.naming_info
        self.evaluator.promote(
            [self.planned.snapshot],
            start=plan.start,
            end=plan.end,
            execution_time=self.execution_time,
            snapshots=self.planned.stage.all_snapshots,
            table_mapping=self._view_mapping(naming),
            environment_naming_info=naming,
            deployability_index=self.planned.stage.deployability_index,
        )

    def drop(self) -> None:
        stage = self.planned.stage
        naming = stage.demoted_environment_naming_info
        self.evaluator.demote(
            [stage.all_snapshots[self.planned.snapshot.snapshot_id]],
            naming,
            table_mapping=self._view_mapping(naming),
            deployability_index=stage.deployability_index,
        )

    def nothing(self) -> None:
        self.notes.append("It writes SQLMesh's own state and runs no SQL in the warehouse.")


_RUNNERS: dict[str, Callable[[Recording], None]] = {
    "before_all": lambda each: each.statements_of(RuntimeStage.BEFORE_ALL),
    "after_all": lambda each: each.statements_of(RuntimeStage.AFTER_ALL),
    "schema": Recording.schema,
    "create": Recording.create,
    "batch": Recording.batch,
    "audit": Recording.audit,
    "audit_only": Recording.audit_only,
    "migrate": Recording.migrate,
    "view": Recording.view,
    "drop": Recording.drop,
    "record": Recording.nothing,
    "clear": Recording.nothing,
    "environment": Recording.nothing,
    "unpause": Recording.nothing,
    "finalize": Recording.nothing,
}


class RecordingEvaluator(SnapshotEvaluator):
    """SQLMesh's evaluator, that runs no Python of a project's models and tries nothing twice."""

    notes: list[str]
    # SQLMesh waits and tries a migration again, which helps against another plan's apply only.
    _migrate_target_table = SnapshotEvaluator._migrate_target_table.__wrapped__

    def _render_snapshot_for_evaluation(
        self, snapshot: Snapshot, *args: Any, **kwargs: Any
    ) -> Iterator[Any]:
        if not snapshot.model.is_python:
            return super()._render_snapshot_for_evaluation(snapshot, *args, **kwargs)
        self.notes.append(
            "The model is Python: its function is run by the apply, not to show this. "
            f"{PYTHON_ROWS} stands for the rows that it returns."
        )
        columns: list[exp.Expression] = [
            exp.column(name) for name in snapshot.model.columns_to_types or {}
        ]
        return iter([exp.select(*(columns or [exp.Star()])).from_(PYTHON_ROWS)])


def plain_table(name: str) -> str:
    """A table's name without quotes, in the case that it has."""
    return ".".join(part.name for part in exp.to_table(name).parts)
