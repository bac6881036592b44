"""SQLMesh's own evaluator and scheduler, told apart step by step and stoppable at each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlmesh.core.plan import stages
from sqlmesh.core.plan.evaluator import BuiltInPlanEvaluator
from sqlmesh.core.scheduler import Scheduler
from sqlmesh.core.snapshot import DeployabilityIndex, Snapshot, SnapshotEvaluator
from sqlmesh.utils import CorrelationId

from plan_tui.engine.repeating import Repeater
from plan_tui.engine.upstream import needed_to_create

if TYPE_CHECKING:
    from sqlmesh.core.plan.definition import EvaluatablePlan

    from plan_tui.engine.apply_watch import ApplyWatch


class HookedSnapshotEvaluator(SnapshotEvaluator):
    """Tells of tables as they are created, and creates none after the breaker has tripped."""

    watch: ApplyWatch | None = None

    def set_correlation_id(self, correlation_id: CorrelationId) -> SnapshotEvaluator:
        plain = super().set_correlation_id(correlation_id)
        hooked = HookedSnapshotEvaluator(
            plain.adapters, plain.ddl_concurrent_tasks, plain.selected_gateway
        )
        hooked.watch = self.watch
        return hooked

    def get_snapshots_to_create(
        self, target_snapshots: Iterable[Snapshot], deployability_index: DeployabilityIndex
    ) -> list[Snapshot]:
        find = partial(super().get_snapshots_to_create, target_snapshots, deployability_index)
        found: list[Snapshot] = self._steadily(find, "the search for tables", alone=True)
        if self.watch:
            # SQLMesh writes a seed that is not filled anew, also where its table is there.
            seeds = [snapshot for snapshot in found if snapshot.is_seed]
            look = partial(self._get_physical_data_objects, seeds, deployability_index)
            made = self._steadily(look, "the search for tables", alone=True) if seeds else {}
            self.watch.tables_planned([each for each in found if each.snapshot_id not in made])
        return found

    def create_snapshot(
        self, snapshot: Snapshot, snapshots: dict[str, Snapshot], *args: Any, **kwargs: Any
    ) -> None:
        if self.watch is None:
            super().create_snapshot(snapshot, snapshots, *args, **kwargs)
            return
        self.watch.check()
        needed = needed_to_create(snapshot, snapshots)
        create = partial(super().create_snapshot, snapshot, needed, *args, **kwargs)
        try:
            self._steadily(create, "the creation of the table", snapshot)
        except Exception as error:
            self.watch.creation_failed(snapshot, error)
            raise
        self.watch.table_created(snapshot)

    def _execute_create(self, *args: Any, **kwargs: Any) -> None:
        super()._execute_create(*args, **kwargs)
        # A batch makes its table first, which stays when it fails, unless that is taken back.
        snapshot = kwargs["snapshot"]
        adapter = self.get_adapter(snapshot.model.gateway)
        if self.watch and not kwargs["dry_run"] and not adapter.SUPPORTS_TRANSACTIONS:
            self.watch.table_created(snapshot)

    def evaluate(self, snapshot: Snapshot, *args: Any, **kwargs: Any) -> str | None:
        wap_id: str | None = super().evaluate(snapshot, *args, **kwargs)
        if self.watch and snapshot.is_model:
            # Before its audits, which may fail: the table is there all the same.
            self.watch.table_created(snapshot)
        return wap_id

    def _create_schemas(self, *args: Any, **kwargs: Any) -> None:
        create = partial(super()._create_schemas, *args, **kwargs)
        self._steadily(create, "the creation of schemas", alone=True)

    def _promote_snapshot(self, snapshot: Snapshot, *args: Any, **kwargs: Any) -> None:
        promote = partial(super()._promote_snapshot, snapshot, *args, **kwargs)
        with self._at_work(snapshot):
            self._steadily(promote, "the promotion", snapshot)

    def _demote_snapshot(self, snapshot: Snapshot, *args: Any, **kwargs: Any) -> None:
        demote = partial(super()._demote_snapshot, snapshot, *args, **kwargs)
        with self._at_work(snapshot):
            self._steadily(demote, "the removal of the view", snapshot)

    def _steadily(
        self,
        work: Callable[[], Any],
        what: str,
        snapshot: Snapshot | None = None,
        alone: bool = False,
    ) -> Any:
        """Does what SQLMesh does again with the next plan, at once where a connection broke."""
        if self.watch is None:
            return work()
        of_model = f" of {self.watch.book.view_name(snapshot.name)}" if snapshot else ""
        return self.watch.reconnector.steadily(work, f"{what}{of_model}", alone)

    @contextmanager
    def _at_work(self, snapshot: Snapshot) -> Iterator[None]:
        """Notes the model that a stage fails at: SQLMesh's own error has its snapshot's id only."""
        try:
            yield
        except Exception:
            if self.watch:
                self.watch.spot.note(snapshot)
            raise

    def _migrate_snapshot(self, *args: Any, **kwargs: Any) -> None:
        migrate = partial(super()._migrate_snapshot, *args, **kwargs)
        with self._at_work(args[0]):
            self._steadily(migrate, "the migration of the table", args[0])
        if self.watch:
            snapshot, _, existing, *_ = args
            self.watch.table_migrated(snapshot, existed=existing is not None)


class HookedScheduler(Scheduler):
    """Tells of each batch as it starts and fails; the console hears of the end."""

    watch: ApplyWatch | None = None

    def evaluate(
        self, snapshot: Snapshot, start: Any, end: Any, *args: Any, **kwargs: Any
    ) -> list[Any]:
        if self.watch is None:
            return super().evaluate(snapshot, start, end, *args, **kwargs)
        index = kwargs["batch_index"]
        self.watch.batch_started(snapshot, (start, end), index)
        try:
            return super().evaluate(snapshot, start, end, *args, **kwargs)
        except Exception as error:
            self.watch.batch_failed(snapshot, (start, end), index, error)
            raise

    def run_merged_intervals(self, **kwargs: Any) -> Any:
        found = super().run_merged_intervals(**kwargs)
        if self.watch:
            self.watch.check()
        return found


class HookedPlanEvaluator(BuiltInPlanEvaluator):
    """Runs SQLMesh's stages one by one, with the breaker asked before each."""

    watch: ApplyWatch | None = None

    def _evaluate_stages(self, plan_stages: list[stages.PlanStage], plan: EvaluatablePlan) -> None:
        watch = self.watch
        if watch is None:
            super()._evaluate_stages(plan_stages, plan)
            return
        watch.stages_planned(plan_stages)
        repeater = Repeater(watch.reconnector, self.state_sync, _adapter_of(self.state_sync))
        for stage in plan_stages:
            watch.stage_started(stage)
            try:
                repeater.do(stage, plan, partial(super()._evaluate_stages, [stage], plan))
            except Exception:
                watch.stage_ended(stage, success=False)
                raise
            watch.stage_ended(stage, success=True)


def adapters_of(context: Any) -> Collection[Any]:
    """Every engine adapter that may run a query of a context."""
    found = list(context.engine_adapters.values())
    evaluator = context._snapshot_evaluator
    return [*found, *(evaluator.adapters.values() if evaluator else ())]


def state_adapters_of(context: Any) -> Collection[Any]:
    """The adapter that reads and writes SQLMesh's state, where it is one of a database."""
    return _adapter_of(context.state_sync)


def _adapter_of(state_sync: Any) -> Collection[Any]:
    state = getattr(state_sync, "state_sync", state_sync)
    adapter = getattr(state, "engine_adapter", None)
    return [] if adapter is None else [adapter]
