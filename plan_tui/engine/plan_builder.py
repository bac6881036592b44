"""SQLMesh's builder, which goes on where a forward-only model's columns would stop it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmesh.core.plan import PlanBuilder
from sqlmesh.core.schema_diff import TableAlterOperation
from sqlmesh.core.snapshot import SnapshotId
from sqlmesh.utils.dag import DAG
from sqlmesh.utils.errors import PlanError


@dataclass(frozen=True)
class Verdict:
    """What SQLMesh's builder says of the columns of one forward-only model."""

    refused: bool
    """Whether it would have stopped here; otherwise it warns."""
    operations: tuple[TableAlterOperation, ...]


class ReviewingPlanBuilder(PlanBuilder):
    """Builds the plan as if every change of columns were allowed, and keeps what was said of each.

    SQLMesh raises at the first model that it refuses, so that nobody sees the rest. The engine
    refuses to apply such a plan in its place.
    """

    verdicts: dict[tuple[str, bool], Verdict]
    """By snapshot name and whether the change is destructive."""
    changed: tuple[DAG[SnapshotId], set[SnapshotId], Any]
    """Who reads whom, what changed by itself, and what of it is below each of these."""

    def _build_directly_and_indirectly_modified(self, dag: DAG[SnapshotId]) -> Any:
        # No category decides it: what the first build found holds for every later one.
        if "changed" not in self.__dict__:
            self.changed = (dag, *super()._build_directly_and_indirectly_modified(dag))
        return self.changed[1:]

    def _check_destructive_additive_changes(self, directly_modified: set[SnapshotId]) -> None:
        self.verdicts = {}
        for snapshot_id in sorted(directly_modified):
            self._judge(snapshot_id)

    def _judge(self, snapshot_id: SnapshotId) -> None:
        """Asks SQLMesh's own check of one model.

        It stops at a destructive change before it has looked for additive ones: with the first
        allowed it goes on to the second.
        """
        console, allowed = self._console, self._allow_destructive_models
        ears = _Ears(console)
        self._console = ears  # type: ignore[assignment]
        try:
            for also_allowed in (set(), {snapshot_id.name}):
                self._allow_destructive_models = allowed | also_allowed
                ears.refused = False
                try:
                    super()._check_destructive_additive_changes({snapshot_id})
                except PlanError:
                    if not ears.refused:
                        raise
                else:
                    break
        finally:
            self._console, self._allow_destructive_models = console, allowed
        for destructive, verdict in ears.verdicts.items():
            self.verdicts[snapshot_id.name, destructive] = verdict

    def allow(self, destructive: set[str], additive: set[str]) -> None:
        """Sets which models may change their tables; the next build follows it."""
        self._allow_destructive_models = destructive
        self._allow_additive_models = additive
        self._latest_plan = None

    def changes_in_place(self, snapshot_id: SnapshotId) -> bool:
        """Whether SQLMesh takes a direct change as forward-only before it has a category."""
        return self._forward_only or self._is_forward_only_change(snapshot_id)


class _Ears:
    """Stands for the console while one model is judged; only what SQLMesh allows is passed on."""

    def __init__(self, console: Any) -> None:
        self._console = console
        self.verdicts: dict[bool, Verdict] = {}
        self.refused = False

    def log_destructive_change(
        self, name: str, operations: list[TableAlterOperation], dialect: str, error: bool = True
    ) -> None:
        if self._hear(True, operations, error):
            self._console.log_destructive_change(name, operations, dialect, error=False)

    def log_additive_change(
        self, name: str, operations: list[TableAlterOperation], dialect: str, error: bool = True
    ) -> None:
        if self._hear(False, operations, error):
            self._console.log_additive_change(name, operations, dialect, error=False)

    def _hear(self, destructive: bool, operations: list[TableAlterOperation], error: bool) -> bool:
        """Keeps a verdict; True for a warning that is heard the first time."""
        self.refused = self.refused or error
        is_new = destructive not in self.verdicts
        self.verdicts[destructive] = Verdict(error, tuple(operations))
        return is_new and not error
