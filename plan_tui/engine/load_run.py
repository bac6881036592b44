"""Importing and loading outside of a plan, told as the engine's own progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from plan_tui.contract.stages import LintViolation, Meta, ModelTests
from plan_tui.contract.state import StageName, StageProgress
from plan_tui.engine.event_log import now_ms


class LoadRun:
    """Tells what loading is at, at most 20 times a second."""

    def __init__(
        self,
        report: Callable[[StageProgress | None], None],
        log: Callable[[str, str], None],
        name: StageName,
    ) -> None:
        self._report = report
        self._log = log
        self._last = 0.0
        self.stage = StageProgress(name=name, meta=Meta(start=now_ms()))
        report(self.stage)

    def step(self, message: str, done: int = 0, total: int = 0) -> None:
        """Something named is at work."""
        moved = {"message": message, "done": done, "total": total}
        self.stage = self.stage.model_copy(update=moved)
        now = time.monotonic()
        if now - self._last >= 0.05:
            self._last = now
            self._report(self.stage)

    def linted(self, violation: LintViolation) -> None:
        """Loading does not lint."""

    def tested(self, tests: ModelTests) -> None:
        """Loading runs no tests."""

    def validated(self) -> None:
        """Loading validates nothing."""

    def warned(self, message: str) -> None:
        """SQLMesh warns."""
        self._log("warning", message)

    def failed(self, message: str) -> None:
        """SQLMesh reports an error."""
        self._log("error", message)

    def logged(self, message: str) -> None:
        """SQLMesh says something."""
        self._log("info", message)

    def schema_change(self, model: str, statements: list[str], destructive: bool) -> None:
        """Loading compares nothing."""
