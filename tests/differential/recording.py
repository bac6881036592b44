"""A SQLMesh console that records what SQLMesh says and starts, and prints nothing."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

from sqlmesh.core.console import NoopConsole
from sqlmesh.core.environment import EnvironmentNamingInfo
from sqlmesh.core.linter.rule import RuleViolation
from sqlmesh.core.model import Model
from sqlmesh.core.snapshot import Intervals, Snapshot
from sqlmesh.core.test import ModelTextTestResult


@dataclass
class Recording:
    """What was recorded."""

    scheduled: Counter[str] = field(default_factory=Counter)
    """Batches by snapshot name, as the backfill stages announce them when they start."""
    started: Counter[str] = field(default_factory=Counter)
    """Batches by snapshot name, counted one by one as they start."""
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    lint: list[tuple[str, str, str]] = field(default_factory=list)
    """Rule, model and severity of each violation."""
    tests_run: int = 0
    tests_failed: int = 0


class RecordingConsole(NoopConsole):
    """Fills a `Recording`; runs that only audit are no batches of a backfill."""

    def __init__(self) -> None:
        self.recording = Recording()
        self._auditing = False

    def start_evaluation_progress(
        self,
        batched_intervals: dict[Snapshot, Intervals],
        environment_naming_info: EnvironmentNamingInfo,
        default_catalog: str | None,
        audit_only: bool = False,
    ) -> None:
        self._auditing = audit_only
        if not audit_only:
            for snapshot, intervals in batched_intervals.items():
                self.recording.scheduled[snapshot.name] += len(intervals)

    def start_snapshot_evaluation_progress(
        self, snapshot: Snapshot, audit_only: bool = False
    ) -> None:
        if not self._auditing:
            self.recording.started[snapshot.name] += 1

    def log_test_results(self, result: ModelTextTestResult, target_dialect: str) -> None:
        self.recording.tests_run += result.testsRun
        self.recording.tests_failed += len(result.failures) + len(result.errors)

    def log_warning(self, short_message: str, long_message: str | None = None) -> None:
        self.recording.warnings.append(short_message)

    def log_error(self, message: str) -> None:
        self.recording.errors.append(message)

    def show_linter_violations(
        self, violations: list[RuleViolation], model: Model, is_error: bool = False
    ) -> None:
        severity = "error" if is_error else "warning"
        self.recording.lint += [(v.rule.name, model.name, severity) for v in violations]

    def log_failed_models(self, errors: t.Any) -> None:
        self.recording.errors += [f"{error}: {error.__cause__}" for error in errors]
