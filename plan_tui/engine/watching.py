"""What the engine wants to hear from SQLMesh while it loads and plans."""

from __future__ import annotations

from typing import Protocol

from plan_tui.contract.stages import LintViolation, ModelTests


class PlanWatcher(Protocol):
    """Hears of the steps of loading and planning; any of them may raise to stop the run."""

    def step(self, message: str, done: int = 0, total: int = 0) -> None:
        """Something named is at work."""

    def linted(self, violation: LintViolation) -> None:
        """A model breaks a rule."""

    def tested(self, tests: ModelTests) -> None:
        """The unit tests ran."""

    def validated(self) -> None:
        """Lint and tests are through."""

    def warned(self, message: str) -> None:
        """SQLMesh warns."""

    def failed(self, message: str) -> None:
        """SQLMesh reports an error."""

    def logged(self, message: str) -> None:
        """SQLMesh says something."""

    def schema_change(self, model: str, statements: list[str], destructive: bool) -> None:
        """A forward-only model changes its table's columns."""
