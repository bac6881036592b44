"""SQLMesh's ``Context`` with ears: the same planning and applying, reported step by step."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlmesh.core.context import Context
from sqlmesh.core.snapshot import Snapshot, SnapshotEvaluator
from sqlmesh.core.state_sync import CachingStateSync
from sqlmesh.core.test import ModelTextTestResult

from plan_tui.engine.apply_hooks import (
    HookedPlanEvaluator,
    HookedScheduler,
    HookedSnapshotEvaluator,
)
from plan_tui.engine.broken.failing import invalid
from plan_tui.engine.broken.stand_ins import StandIns
from plan_tui.engine.environment_lock import sole_apply
from plan_tui.engine.plan_builder import ReviewingPlanBuilder
from plan_tui.engine.remembering_reader import RememberingReader
from plan_tui.engine.warm_models import WarmModels, refresh_outdated, resolving

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.scheduler import Scheduler
    from sqlmesh.core.state_sync import StateSync

    from plan_tui.engine.apply_watch import ApplyWatch
    from plan_tui.engine.watching import PlanWatcher


class EngineContext(Context):
    """A context whose steps can be watched and stopped.

    Only methods that SQLMesh calls at the borders of a step are overridden; each does what
    SQLMesh's own does and tells about it.
    """

    PLAN_BUILDER_TYPE = ReviewingPlanBuilder

    planning: PlanWatcher | None = None
    applying: ApplyWatch | None = None
    reader: RememberingReader | None = None
    left_out: tuple[str, ...] = ()
    """Names of the models that differ in the project and are not in the last comparison."""

    @cached_property
    def warm(self) -> WarmModels:
        """The models of the last load, kept for the next."""
        return WarmModels()

    # Loading

    @property
    def state_sync(self) -> StateSync:
        """The state; where it could not be reached, the next look begins anew.

        SQLMesh's own would take a state that it failed to look at for one that is set up.
        """
        try:
            return super().state_sync
        except Exception:
            self._state_sync = None
            raise

    @cached_property
    def stand_ins(self) -> StandIns:
        """What stands in the place of models that can't be read."""
        return StandIns()

    def load(self, *args: Any, **kwargs: Any) -> EngineContext:
        with self.stand_ins.loading(self._models):
            super().load(*args, **kwargs)
        return self

    def _update_model_schemas_and_validate(self, model_fqns: set[str] | None = None) -> None:
        self.stand_ins.put(self)
        self._resolve(model_fqns)
        while self.stand_ins.pending:
            self.stand_ins.put(self)
            self._resolve(model_fqns)

    def _resolve(self, model_fqns: set[str] | None) -> None:
        """Resolves columns and validates; models that fail are ``pending`` then."""
        refresh_outdated(self)
        fresh = sum(not self.warm.is_settled(model) for model in self._models.values())
        self._step(f"resolving the columns of {fresh:,} models")
        try:
            with resolving(self.warm):
                super()._update_model_schemas_and_validate(model_fqns)
        except Exception:
            if not self.stand_ins.pending:
                self.stand_ins.pending += invalid(self._models.values())
            if not self.stand_ins.pending:
                raise
        self.warm.settle(dict(self._models))

    # Planning

    @property
    def state_reader(self) -> Any:
        """The state; while a plan is built each environment is read from it once."""
        return self.reader or self.state_sync

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """While it is entered, an environment is read from the state once."""
        self.reader = RememberingReader(self.state_sync)
        try:
            yield
        finally:
            self.reader = None

    def forget_absent(self) -> None:
        """Drops what SQLMesh's cache says of snapshots that the state did not have.

        It says so for two minutes, before it has asked: also when the question failed, and when
        another process has recorded the snapshot since. A plan would show it as new again.
        """
        state = self._state_sync
        if isinstance(state, CachingStateSync):
            kept = {key: found for key, found in state.snapshot_cache.items() if found[0]}
            state.snapshot_cache = kept

    def lint_models(self, *args: Any, **kwargs: Any) -> Any:
        if any(linter.enabled for linter in self._linters.values()):
            self._step(f"lint of {len(self._models):,} models")
        if self.stand_ins and not args and not kwargs:
            return self._lint_own_models()
        return super().lint_models(*args, **kwargs)

    def _lint_own_models(self) -> Any:
        """Lints without the stand-ins: what they break, the project's files may not."""
        own = [model for name, model in self._models.items() if name not in self.stand_ins.sources]
        return super().lint_models(own, use_project_index=False) if own else []

    def _snapshots(self, *args: Any, **kwargs: Any) -> Any:
        self._step(f"fingerprints of {len(self._models):,} models")
        return super()._snapshots(*args, **kwargs)

    def _context_diff(self, environment: str, *args: Any, **kwargs: Any) -> Any:
        self._step(f"comparing with {environment}")
        found = super()._context_diff(environment, *args, **kwargs)
        self.left_out = _differing(kwargs.get("snapshots") or {}, found)
        return found

    def _run_plan_tests(
        self,
        skip_tests: bool = False,
        test_changed_only: bool = False,
        model_names: Collection[str] | None = None,
    ) -> ModelTextTestResult | None:
        found = super()._run_plan_tests(
            skip_tests=skip_tests, test_changed_only=test_changed_only, model_names=model_names
        )
        if self.planning:
            self.planning.validated()
        return found

    def test(self, *args: Any, **kwargs: Any) -> ModelTextTestResult:
        total = len(self._model_test_metadata)
        if total:
            self._step(f"{total:,} unit tests", 0, total)
        kwargs["stream"] = _TestStream(self._test_done, total)
        return super().test(*args, **kwargs)

    def _test_done(self, done: int, total: int) -> None:
        self._step(f"{total:,} unit tests", done, total)

    def _step(self, message: str, done: int = 0, total: int = 0) -> None:
        if self.planning:
            self.planning.step(message, done, total)

    # Applying

    @property
    def snapshot_evaluator(self) -> SnapshotEvaluator:
        if not self._snapshot_evaluator:
            self._ensure_virtual_catalog_injection()
            self._snapshot_evaluator = HookedSnapshotEvaluator(
                {
                    gateway: adapter.with_settings(execute_log_level=logging.INFO)
                    for gateway, adapter in self.engine_adapters.items()
                },
                ddl_concurrent_tasks=self.concurrent_tasks,
                selected_gateway=self.selected_gateway,
            )
        return self._snapshot_evaluator

    def create_scheduler(
        self, snapshots: Iterable[Snapshot], snapshot_evaluator: SnapshotEvaluator
    ) -> Scheduler:
        scheduler = HookedScheduler(
            snapshots,
            snapshot_evaluator,
            self.state_sync,
            default_catalog=self.default_catalog,
            max_workers=self.concurrent_tasks,
            console=self.console,
            notification_target_manager=self.notification_target_manager,
        )
        scheduler.watch = self.applying
        return scheduler

    def apply(self, plan: Plan, circuit_breaker: Callable[[], bool] | None = None) -> None:
        with sole_apply(self, plan.environment_naming_info.name) as lock:
            if self.applying:
                self.applying.conflicts.lock = lock
                # Whoever had the lock may have applied since the plan was last looked at.
                self.applying.conflicts.look()
                self.applying.check()
            super().apply(plan, circuit_breaker)

    def _apply(self, plan: Plan, circuit_breaker: Callable[[], bool] | None) -> None:
        evaluator = self.snapshot_evaluator
        assert isinstance(evaluator, HookedSnapshotEvaluator)
        evaluator.watch = self.applying
        applier = HookedPlanEvaluator(
            state_sync=self.state_sync,
            snapshot_evaluator=evaluator,
            create_scheduler=self.create_scheduler,
            default_catalog=self.default_catalog,
            console=self.console,
        )
        applier.watch = self.applying
        try:
            applier.evaluate(plan.to_evaluatable(), circuit_breaker=circuit_breaker)
        finally:
            evaluator.watch = None


def _differing(local: Mapping[str, Snapshot], diff: ContextDiff) -> tuple[str, ...]:
    compared = diff.snapshots_by_name
    return tuple(
        sorted(
            name
            for name, snapshot in local.items()
            if name not in compared or compared[name].fingerprint != snapshot.fingerprint
        )
    )


class _TestStream(io.StringIO):
    """Counts the marks that the test runner writes, one for each test that ended."""

    def __init__(self, report: Callable[[int, int], None], total: int) -> None:
        super().__init__()
        self._report = report
        self._total = total
        self._done = 0

    def write(self, text: str) -> int:
        if text in (".", "F", "E", "s"):
            self._done += 1
            self._report(min(self._done, self._total), self._total)
        return super().write(text)
