"""What a batch leaves behind that dies on its way, by the kind of its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plan_tui.contract.base import Interval
from plan_tui.contract.interrupted import BatchRisk

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

Filled = Mapping[str, Sequence[Interval]]
"""What ``rewritten_in_place`` says."""


class BatchRisks:
    """Says of each batch of one apply what it would leave."""

    def __init__(self, filled: Filled, appending: Mapping[str, bool]) -> None:
        """Takes what is known of the models.

        Args:
            filled: Intervals that batches delete before they write them, by snapshot name.
            appending: What ``appending`` says.
        """
        self._filled = filled
        self._appending = appending

    def of(self, name: str, batch: Interval, index: int) -> BatchRisk | None:
        """What a batch would leave, or None where it runs again as if it had never run."""
        if name in self._appending:
            # SQLMesh replaces the table with the first batch of a version that has no data yet.
            return BatchRisk.TWICE if index or self._appending[name] else None
        start, end = int(batch[0]), int(batch[1])
        rewritten = self._filled.get(name, ())
        return BatchRisk.EMPTY if any(a < end and start < b for a, b in rewritten) else None


def appending(built: BuiltPlan) -> dict[str, bool]:
    """Models of a plan whose batches add their rows to what is there, and whether anything is."""
    by_name = built.plan.context_diff.snapshots_by_name
    return {
        name: bool(by_name[name].intervals or by_name[name].dev_intervals)
        for name in built.work.batches
        if name in by_name and appends(by_name[name])
    }


def appends(snapshot: Snapshot) -> bool:
    """Whether running a batch again adds its rows again.

    What a custom materialization does nobody can tell: it is counted in.
    """
    if not snapshot.is_model:
        return False
    kind = snapshot.model.kind
    if kind.is_custom:
        return True
    return kind.is_incremental_unmanaged and not getattr(kind, "insert_overwrite", False)
