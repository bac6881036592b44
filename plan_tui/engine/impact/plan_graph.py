"""The models of a plan, who reads whom, and what each is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from plan_tui.contract.impact import Reached
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.model_flow import Flow, columns_of_model, flow_of
from plan_tui.engine.impact.own_change import (
    ALL_ROWS,
    NO_CHANGE,
    OwnChange,
    own_change,
    sees_the_same,
)
from plan_tui.engine.mapping import upstream_first

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan


class PlanGraph:
    """The models of one plan, new and old; categories play no part in it."""

    def __init__(self, diff: ContextDiff, view_names: dict[str, str]) -> None:
        self.snapshots: dict[str, Snapshot] = {
            name: snapshot for name, snapshot in diff.snapshots_by_name.items() if snapshot.is_model
        }
        self.old: dict[str, Snapshot] = {
            name: old for name, (_, old) in diff.modified_snapshots.items() if old.is_model
        }
        self.view_names = view_names
        self.removed = frozenset(info.name for info in diff.removed_snapshots.values())
        direct = frozenset(name for name in self.old if diff.directly_modified(name))
        added = {snapshot_id.name for snapshot_id in diff.added} & self.snapshots.keys()
        self.changed = direct | self.removed | added
        # SQLMesh also calls a model directly modified whose star gives other columns than before.
        self._edited = added | {
            name
            for name in direct
            if self.old[name].fingerprint.data_hash != self.snapshots[name].fingerprint.data_hash
        }
        self.reached: Kept[tuple[Reached, ...]] = Kept(most=200)
        """Answers that were given."""
        self._columns: dict[str, tuple[str, ...] | None] = {}
        self._old_columns: dict[str, tuple[str, ...] | None] = {}
        self._changes: dict[str, OwnChange] = {}
        self._flows: dict[str, list[Flow]] = {}
        self._parents: dict[str, frozenset[str]] = {}

    # Who reads whom

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each model, upstream ones first."""
        return {name: place for place, name in enumerate(upstream_first(self.snapshots))}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for name, snapshot in self.snapshots.items():
            for parent in snapshot.parents:
                children.setdefault(parent.name, []).append(name)
        for name, old in self.old.items():
            for parent in old.parents:
                if parent.name in self.removed and name in self.snapshots:
                    children.setdefault(parent.name, []).append(name)
        return children

    def children(self, name: str) -> list[str]:
        """The models that read one."""
        return sorted(self._children.get(name, ()))

    def parents(self, name: str) -> frozenset[str]:
        """The models that one reads, and those that it read before where they are gone."""
        if name not in self._parents:
            self._parents[name] = self._read_by(name)
        return self._parents[name]

    def _read_by(self, name: str) -> frozenset[str]:
        now = (parent.name for parent in self.snapshots[name].parents)
        old = self.old.get(name)
        before = (parent.name for parent in old.parents) if old is not None else ()
        gone = (parent for parent in before if parent in self.removed)
        return frozenset((*now, *gone)) - {name}

    def below(self, name: str) -> list[str]:
        """All models downstream of one, upstream ones first."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found and child != name:
                    found.add(child)
                    waiting.append(child)
        return sorted(found, key=self.order.__getitem__)

    # What they are computed from

    def columns(self, name: str) -> tuple[str, ...] | None:
        """A model's columns as the project has it."""
        if name not in self._columns:
            snapshot = self.snapshots.get(name)
            self._columns[name] = columns_of_model(snapshot.model) if snapshot else None
        return self._columns[name]

    def old_columns(self, name: str) -> Sequence[str] | None:
        """A model's columns as the environment has it."""
        if name not in self.old:
            return self.columns(name)
        if name not in self._old_columns:
            self._old_columns[name] = columns_of_model(self.old[name].model)
        return self._old_columns[name]

    def flows(self, name: str) -> list[Flow]:
        """What a model is computed from; and before, where what it sees upstream differs."""
        if name not in self._flows:
            self._flows[name] = self._traced(name)
        return self._flows[name]

    def _traced(self, name: str) -> list[Flow]:
        new, old = self.snapshots[name], self.old.get(name)
        flows = [flow_of(new, self.columns)]
        if old is not None and self._may_read_what_is_gone(name, old):
            flows.append(flow_of(old, self.old_columns))
        return flows

    def _may_read_what_is_gone(self, name: str, old: Snapshot) -> bool:
        if name in self._edited:
            return any(parent.name in self.removed for parent in old.parents)
        return not sees_the_same(old.model, self.snapshots[name].model)

    def own_change(self, name: str) -> OwnChange:
        """What changes in a model, leaving aside what is upstream of it."""
        if name not in self._changes:
            self._changes[name] = self._own_change(name)
        return self._changes[name]

    def _own_change(self, name: str) -> OwnChange:
        new, old = self.snapshots.get(name), self.old.get(name)
        if new is None or old is None:
            return ALL_ROWS if name in self.changed else NO_CHANGE
        return own_change(old, new, self.old_columns, self.columns)

    def follows(self, name: str) -> OwnChange:
        """What changes in a model that nobody edited, since it sees other columns upstream."""
        return NO_CHANGE if name in self._edited else self.own_change(name)


_graphs: Kept[PlanGraph] = Kept(most=3)


def graph_of(built: BuiltPlan) -> PlanGraph:
    """The graph of a plan; the same for plans that differ in categories alone."""
    diff = built.plan.context_diff
    old = frozenset(old.snapshot_id for _, old in diff.modified_snapshots.values())
    key = (
        built.plan.environment_naming_info,
        frozenset(diff.snapshots),
        old,
        frozenset(diff.removed_snapshots),
        frozenset(diff.added),
    )
    return _graphs.get(key, lambda: PlanGraph(diff, built.view.view_names()))
