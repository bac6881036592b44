"""From SQLMesh's plan to the contract's changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlmesh.core.snapshot import Snapshot

from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    MetadataChange,
    ModifiedChanges,
    NodeRef,
    RemovedChange,
)
from plan_tui.contract.plan import Category

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

BOTH = (Category.BREAKING, Category.NON_BREAKING)


@lru_cache(maxsize=16)
def _names_in(naming: str, catalog: str | None, dialect: str | None) -> dict[Any, str]:
    """Display names that were worked out, which a name and its environment alone decide."""
    return {}


@dataclass
class PlanView:
    """A plan with what is needed to name its models."""

    plan: Plan
    default_catalog: str | None
    dialect: str | None

    def __post_init__(self) -> None:
        naming = self.plan.environment_naming_info.json()
        self._names = _names_in(naming, self.default_catalog, self.dialect)

    def view_name(self, snapshot: Any) -> str:
        """The display name of a snapshot or table info in the plan's environment."""
        key = snapshot.name, snapshot.node_type
        found = self._names.get(key)
        if found is None:
            naming = self.plan.environment_naming_info
            found = str(snapshot.display_name(naming, self.default_catalog, self.dialect))
            self._names[key] = found
        return found

    def view_names(self) -> dict[str, str]:
        """Display names of every model of the plan, the removed ones included."""
        diff = self.plan.context_diff
        nodes: list[Any] = [*diff.snapshots.values(), *diff.removed_snapshots.values()]
        return {node.name: self.view_name(node) for node in nodes}

    def ref(self, snapshot: Any) -> dict[str, str]:
        """The fields of a ``NodeRef``."""
        return {
            "name": snapshot.name,
            "view_name": self.view_name(snapshot),
            "node_type": snapshot.node_type.value,
        }

    def node(self, snapshot: Any) -> NodeRef:
        """A reference to a snapshot."""
        return NodeRef(**self.ref(snapshot))

    def choices(self, snapshot: Snapshot) -> tuple[Category, ...]:
        """The categories that may be chosen, by the rule of ``PlanBuilder.set_choice``.

        A standalone audit has none: SQLMesh would take a choice and nothing would follow.
        """
        diff = self.plan.context_diff
        new = snapshot.snapshot_id in diff.new_snapshots
        direct = diff.directly_modified(snapshot.name) or snapshot.snapshot_id in diff.added
        return BOTH if new and direct and snapshot.is_model else ()


def kind_of(snapshot: Any) -> str:
    """The name of a model's kind; ``AUDIT`` for a standalone audit."""
    kind = snapshot.model_kind_name
    return str(kind.value) if kind is not None else "AUDIT"


def category_of(snapshot: Any) -> str | None:
    """The name of a snapshot's category, or None while it is open.

    SQLMesh calls a snapshot categorized once it has a version.
    """
    category = snapshot.change_category
    return str(category.name) if category is not None else None


def added_changes(view: PlanView) -> tuple[AddedChange, ...]:
    """Models that the environment does not have yet."""
    diff = view.plan.context_diff
    snapshots = [diff.snapshots[snapshot_id] for snapshot_id in sorted(diff.added)]
    return tuple(
        AddedChange(
            **view.ref(snapshot),
            kind=kind_of(snapshot),
            change_category=category_of(snapshot),
            choices=view.choices(snapshot),
        )
        for snapshot in snapshots
    )


def removed_changes(view: PlanView) -> tuple[RemovedChange, ...]:
    """Models that the project has no more."""
    removed = view.plan.context_diff.removed_snapshots
    return tuple(RemovedChange(**view.ref(removed[key])) for key in sorted(removed))


def modified_changes(view: PlanView, diffs: bool) -> ModifiedChanges:
    """Models that changed, by how.

    Args:
        view: The plan.
        diffs: Whether text diffs are wanted; they are most of the work and of the bytes.
    """
    diff = view.plan.context_diff
    pairs = dict(sorted(diff.modified_snapshots.items()))
    current = {name: new for name, (new, _) in pairs.items()}
    direct = [name for name in current if diff.directly_modified(name)]
    seen = set(direct)
    indirect = [n for n in current if n not in seen and diff.indirectly_modified(n)]
    seen |= set(indirect)
    metadata = [n for n in current if n not in seen and diff.metadata_updated(n)]
    parents = changed_ancestors(diff.snapshots_by_name, seen | set(metadata))
    below = {name: _below(name, direct, indirect, parents) for name in direct}
    return ModifiedChanges(
        direct=tuple(
            _direct(view, current[name], parents[name], below[name], diffs) for name in direct
        ),
        indirect=tuple(_indirect(view, current[name], parents[name]) for name in indirect),
        metadata=tuple(_metadata(view, current[name], diffs) for name in metadata),
    )


def _direct(
    view: PlanView,
    snapshot: Snapshot,
    parents: frozenset[str],
    below: tuple[tuple[str, ...], tuple[str, ...]],
    diffs: bool,
) -> DirectChange:
    return DirectChange(
        **view.ref(snapshot),
        kind=kind_of(snapshot),
        diff=view.plan.context_diff.text_diff(snapshot.name) if diffs else None,
        change_category=category_of(snapshot),
        choices=view.choices(snapshot),
        parents=tuple(sorted(parents)),
        direct=below[0],
        indirect=below[1],
    )


def _indirect(view: PlanView, snapshot: Snapshot, parents: frozenset[str]) -> IndirectChange:
    return IndirectChange(
        **view.ref(snapshot),
        kind=kind_of(snapshot),
        change_category=category_of(snapshot),
        parents=tuple(sorted(parents)),
    )


def _metadata(view: PlanView, snapshot: Snapshot, diffs: bool) -> MetadataChange:
    return MetadataChange(
        **view.ref(snapshot),
        kind=kind_of(snapshot),
        diff=view.plan.context_diff.text_diff(snapshot.name) if diffs else None,
    )


def changed_ancestors(
    snapshots: Mapping[str, Snapshot], listed: set[str]
) -> dict[str, frozenset[str]]:
    """The changed models upstream of each model.

    SQLMesh also counts a model as modified when only the metadata of a parent changed, and lists
    it nowhere: such models are passed through and not named.

    Args:
        snapshots: Every model of the plan, by name.
        listed: Names of the models that are shown as changed.
    """
    found: dict[str, frozenset[str]] = {}
    for name in upstream_first(snapshots):
        above: set[str] = set()
        for parent in snapshots[name].parents:
            above |= found.get(parent.name, frozenset())
            if parent.name in listed:
                above.add(parent.name)
        found[name] = frozenset(above)
    return found


def upstream_first(current: Mapping[str, Snapshot]) -> Iterator[str]:
    """Names such that each comes after those of its parents; deep chains are no trouble."""
    done: set[str] = set()
    for start in current:
        stack = [(start, False)]
        while stack:
            name, expanded = stack.pop()
            if name in done:
                continue
            if expanded:
                done.add(name)
                yield name
                continue
            stack.append((name, True))
            stack += [
                (parent.name, False)
                for parent in current[name].parents
                if parent.name in current and parent.name not in done and parent.name != name
            ]


def _below(
    name: str, direct: list[str], indirect: list[str], parents: dict[str, frozenset[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        tuple(other for other in direct if name in parents[other]),
        tuple(other for other in indirect if name in parents[other]),
    )


def statements_diff(plan: Plan) -> str | None:
    """The text diff of ``before_all`` and ``after_all``, as SQLMesh's console shows it."""
    diff = plan.context_diff
    if not diff.has_environment_statements_changes:
        return None
    parts = diff.environment_statements_diff(include_python_env=not diff.is_new_environment)
    return "\n".join(text for _, text in parts)


def requirements_diff(plan: Plan) -> str | None:
    """The text diff of the Python requirements, as SQLMesh's console shows it."""
    diff = plan.context_diff
    return diff.requirements_diff() if diff.has_requirement_changes else None
