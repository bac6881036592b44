"""What the rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from plan_tui.contract.base import Interval
from plan_tui.engine.names import plain

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.documents import Validation
    from plan_tui.engine.planner import BuiltPlan

DAY = 86_400_000


@dataclass(frozen=True)
class Subject:
    """A plan under review, its project, and what validation found."""

    context: EngineContext
    built: BuiltPlan
    validation: Validation
    check: Callable[[], None] = lambda: None
    """Called by rules that take long or wait; may raise to stop."""

    @property
    def plan(self) -> Plan:
        """SQLMesh's plan."""
        return self.built.plan

    @property
    def environment(self) -> str:
        """The target environment's name."""
        return str(self.plan.environment_naming_info.name)

    def shown(self, name: str) -> str:
        """A model as the environment shows it."""
        snapshot = self.plan.context_diff.snapshots_by_name.get(name)
        return self.built.view.view_name(snapshot) if snapshot is not None else plain(name)

    def modified_models(self) -> Iterator[tuple[Snapshot, Snapshot]]:
        """Each changed model with the version before, by name."""
        modified = self.plan.context_diff.modified_snapshots
        for name in sorted(modified):
            new, old = modified[name]
            if new.is_model and old.is_model:
                yield new, old


def span(interval: Interval) -> str:
    """``2024-01-01 .. 2024-01-09``, both days included; with the time where it is not midnight."""
    start, end = interval
    if start % DAY == 0 and end % DAY == 0:
        return f"{_moment(start, '%Y-%m-%d')} .. {_moment(end - 1, '%Y-%m-%d')}"
    return f"{_moment(start, '%Y-%m-%d %H:%M')} .. {_moment(end, '%Y-%m-%d %H:%M')} UTC"


def _moment(millis: int, pattern: str) -> str:
    return datetime.fromtimestamp(millis / 1000, tz=timezone.utc).strftime(pattern)


def spans(intervals: tuple[Interval, ...], most: int = 3) -> str:
    """Several of them, the rest counted."""
    listed = ", ".join(span(each) for each in intervals[:most])
    more = len(intervals) - most
    return f"{listed} and {more:,} more" if more > 0 else listed
