"""Intervals that a batch may have emptied: their old rows deleted, the new ones not written."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plan_tui.contract.base import Interval
from plan_tui.contract.interrupted import Hole

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.planner import BuiltPlan

_WRITES = re.compile(r"\s*(?:/\*.*?\*/\s*)?(?:DELETE|INSERT|TRUNCATE)\b", re.I | re.S)


class HoleBook:
    """Notes the holes that stopped and failed batches of one apply may leave."""

    def __init__(self, filled: Mapping[str, Sequence[Interval]], views: Mapping[str, str]) -> None:
        """Starts without holes.

        Args:
            filled: What ``rewritten_in_place`` says.
            views: Display names by snapshot name.
        """
        self._filled = filled
        self._views = views
        self._lock = threading.Lock()
        self._holes: list[Hole] = []

    def note(self, name: str, batch: Interval, last_sql: str | None) -> None:
        """A batch ended before it was done.

        Args:
            name: The snapshot name of its model.
            batch: Its interval.
            last_sql: What it sent last: one that had not begun to write has emptied nothing.
        """
        if last_sql is None or not _WRITES.match(last_sql):
            return
        for start, end in self._filled.get(name, ()):
            low, high = max(start, int(batch[0])), min(end, int(batch[1]))
            if low < high:
                hole = Hole(name=name, view_name=self._views.get(name, name), interval=(low, high))
                with self._lock:
                    self._holes.append(hole)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """All of them, by model and time."""
        with self._lock:
            return tuple(sorted(self._holes, key=lambda hole: (hole.name, hole.interval)))


def rewritten_in_place(built: BuiltPlan, context: EngineContext) -> dict[str, tuple[Interval, ...]]:
    """Intervals with rows that a batch deletes before it writes them, with nothing to undo that.

    SQLMesh deletes and inserts in two statements (``EngineAdapter._insert_overwrite_by_condition``)
    inside of a transaction, which warehouses such as DuckDB's adapter do without.
    """
    by_name = built.plan.context_diff.snapshots_by_name
    found = {}
    for name in built.work.batches:
        snapshot = by_name.get(name)
        if snapshot is not None and _deletes_first(snapshot, context):
            filled = [*snapshot.intervals, *snapshot.dev_intervals]
            # A plan takes what it restates from the intervals of its snapshots.
            restated = built.plan.restatements.get(snapshot.snapshot_id)
            filled += [restated] if restated is not None else []
            found[name] = _merged([(int(start), int(end)) for start, end in filled])
    return found


def _deletes_first(snapshot: Snapshot, context: EngineContext) -> bool:
    if not (snapshot.is_incremental_by_time_range or snapshot.is_incremental_by_partition):
        return False
    adapter: Any = context._get_engine_adapter(snapshot.model.gateway)
    strategy = adapter.INSERT_OVERWRITE_STRATEGY
    return bool(strategy.is_delete_insert and not adapter.SUPPORTS_TRANSACTIONS)


def _merged(intervals: list[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
