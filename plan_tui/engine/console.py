"""A SQLMesh console that turns every callback into a call to whoever watches the run."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from sqlmesh.core.console import NoopConsole

from plan_tui.contract.stages import LintViolation, ModelTestFailure, ModelTests
from plan_tui.engine.missing_models import of_missing_model
from plan_tui.engine.placing import relative

if TYPE_CHECKING:
    from plan_tui.engine.apply_watch import ApplyWatch
    from plan_tui.engine.watching import PlanWatcher

_MARKUP = re.compile(r"\[/?(?:bold|green|red|yellow|blue|dim|italic|underline|b|i)\b[^\]]*\]")


class EngineConsole(NoopConsole):
    """Prints nothing: whatever SQLMesh says goes to the run that is being watched."""

    def __init__(self, roots: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._roots = roots
        self.planning: PlanWatcher | None = None
        self.applying: ApplyWatch | None = None
        self.dialect: Any = None
        self.verbosity: Any = None
        self._lock = threading.Lock()

    # Messages

    def log_error(self, message: str, *args: Any, **kwargs: Any) -> None:
        self._tell("failed", message)

    def log_warning(
        self, short_message: str, long_message: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        self._tell("warned", of_missing_model(short_message))

    def log_success(self, message: str) -> None:
        self._tell("logged", message)

    def log_status_update(self, message: str) -> None:
        self._tell("logged", message)

    def loading_start(self, message: str | None = None) -> Any:
        if message:
            self._tell("logged", message)
        return super().loading_start(message)

    def log_migration_status(self, success: bool = True) -> None:
        self._tell("logged", f"The migration {'is done' if success else 'failed'}.")

    def start_snapshot_migration_progress(self, total_tasks: int) -> None:
        self._tell("logged", f"Migrating {total_tasks} snapshots of the state.")

    def start_env_migration_progress(self, total_tasks: int) -> None:
        self._tell("logged", f"Migrating {total_tasks} environments of the state.")

    def log_skipped_models(self, snapshot_names: set[str]) -> None:
        if self.applying:
            self.applying.models_skipped(snapshot_names)

    def log_models_updated_during_restatement(
        self, snapshots: Any, environment_naming_info: Any, default_catalog: Any
    ) -> None:
        names = ", ".join(restated.name for restated, _ in snapshots)
        self._tell("warned", f"Another plan deployed new versions meanwhile of: {names}")

    def _tell(self, what: str, message: str) -> None:
        text = _MARKUP.sub("", str(message)).strip()
        watcher = self.applying or self.planning
        if text and watcher is not None:
            getattr(watcher, what)(text)

    # Planning

    def show_linter_violations(
        self, violations: list[Any], model: Any, is_error: bool = False
    ) -> None:
        if not self.planning:
            return
        for violation in violations:
            self.planning.linted(
                LintViolation(
                    rule=violation.rule.name,
                    model=model.name,
                    severity="error" if is_error else "warning",
                    message=str(violation.violation_msg),
                    name=model.fqn,
                )
            )

    def log_test_results(self, result: Any, target_dialect: str) -> None:
        if self.planning:
            self.planning.tested(_tests_of(result, self._roots))

    def log_destructive_change(
        self,
        snapshot_name: str,
        alter_operations: list[Any],
        dialect: str,
        error: bool = True,
    ) -> None:
        self._schema_change(snapshot_name, alter_operations, dialect, True)

    def log_additive_change(
        self,
        snapshot_name: str,
        alter_operations: list[Any],
        dialect: str,
        error: bool = True,
    ) -> None:
        self._schema_change(snapshot_name, alter_operations, dialect, False)

    def _schema_change(
        self, name: str, operations: list[Any], dialect: str, destructive: bool
    ) -> None:
        statements = [operation.expression.sql(dialect) for operation in operations]
        if self.planning:
            self.planning.schema_change(name, statements, destructive)
        elif self.applying:
            self.applying.warned(f"{name} changes its table: {'; '.join(statements)}")

    # Applying

    def start_creation_progress(
        self, snapshots: list[Any], environment_naming_info: Any, default_catalog: Any
    ) -> None:
        if self.applying:
            self.applying.creation_started(snapshots)

    def start_evaluation_progress(
        self,
        batched_intervals: dict[Any, Any],
        environment_naming_info: Any,
        default_catalog: str | None,
        audit_only: bool = False,
    ) -> None:
        if self.applying:
            self.applying.batches_planned(
                {snapshot.name: list(batches) for snapshot, batches in batched_intervals.items()}
            )

    def update_snapshot_evaluation_progress(
        self,
        snapshot: Any,
        interval: Any,
        batch_idx: int,
        duration_ms: int | None,
        num_audits_passed: int,
        num_audits_failed: int,
        audit_only: bool = False,
        execution_stats: Any = None,
        auto_restatement_triggers: Any = None,
    ) -> None:
        if not self.applying or duration_ms is None:
            return
        rows = execution_stats.total_rows_processed if execution_stats else None
        size = execution_stats.total_bytes_processed if execution_stats else None
        self.applying.batch_finished(
            snapshot,
            interval,
            batch_idx,
            max(0, duration_ms),  # the clock may have gone back meanwhile
            rows,
            size,
            (num_audits_passed, num_audits_failed),
        )

    def start_promotion_progress(
        self, snapshots: list[Any], environment_naming_info: Any, default_catalog: Any
    ) -> None:
        if self.applying:
            self.applying.promotion_started(len(snapshots))

    def update_promotion_progress(self, snapshot: Any, promoted: bool) -> None:
        if self.applying:
            self.applying.view_promoted(snapshot.name, promoted)


def _tests_of(result: Any, roots: tuple[str, ...]) -> ModelTests:
    failures = [
        ModelTestFailure(
            name=getattr(test, "test_name", str(test)),
            path=relative(str(getattr(test, "path", "") or ""), roots),
            message=text.strip(),
        )
        for test, text in (*result.failures, *result.errors)
    ]
    return ModelTests(
        run=result.testsRun,
        failed=len(result.get_fail_and_error_tests()),
        skipped=len(result.skipped) + result.tests_skipped,
        failures=tuple(failures),
    )
