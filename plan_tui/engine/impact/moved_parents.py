"""Which models upstream moved a model's fingerprint, and how: named, with the way to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plan_tui.engine.names import plain

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.snapshot import Snapshot

MOST_CAUSES = 3


@dataclass(frozen=True)
class Cause:
    """A model upstream whose own part of the fingerprint moved."""

    name: str
    how: str
    """``data``, ``formatting``, ``metadata``, ``joined`` or ``left``."""
    through: str
    """The parent by which it is reached; empty for a parent itself."""


class MovedParents:
    """Looks upstream along the parents whose fingerprints moved."""

    def __init__(self, diff: ContextDiff, view_name: Callable[[Snapshot], str]) -> None:
        self._diff = diff
        self._view_name = view_name

    def causes(self, new: Snapshot, old: Snapshot) -> list[Cause]:
        """The models that moved what SQLMesh hashes of the parents' data."""
        found = list(self._membership(new, old))
        known = {cause.name for cause in found}
        for parent in self._parents(new):
            if not self._data_moved(parent) or parent.name in known:
                continue
            for root in self._roots(parent):
                if root not in {cause.name for cause in found}:
                    through = "" if root == parent.name else parent.name
                    found.append(Cause(root, self._how(root), through))
        return found

    def data_words(self, new: Snapshot, old: Snapshot) -> str:
        """Tells them: ``Parent: shop.events changed, read through shop.daily``."""
        causes = self.causes(new, old)
        if not causes:
            return "Parent: what it reads has another version than the environment had."
        words = [self._words(cause) for cause in causes[:MOST_CAUSES]]
        if len(causes) > MOST_CAUSES:
            words.append(f"and {len(causes) - MOST_CAUSES:,} more")
        return f"{'Parents' if len(causes) > 1 else 'Parent'}: {'; '.join(words)}."

    def metadata_words(self, new: Snapshot) -> str:
        """Tells them: ``Parent: only metadata changed, of shop.events``."""
        names = [self._shown(name) for name in self._metadata_roots(new)]
        if not names:
            return "Only metadata of its parents changed."
        more = f" and {len(names) - MOST_CAUSES:,} more" if len(names) > MOST_CAUSES else ""
        return f"Parent: only metadata changed, of {', '.join(names[:MOST_CAUSES])}{more}."

    # The graph

    def _parents(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """The parents that its fingerprint is made of."""
        by_name = self._diff.snapshots_by_name
        for name in sorted(snapshot.node.depends_on):
            if name in by_name and name != snapshot.name:
                yield by_name[name]

    def _membership(self, new: Snapshot, old: Snapshot) -> Iterator[Cause]:
        """Parents that became models of the project, or are none any more."""
        by_name = self._diff.snapshots_by_name
        before = {parent.name for parent in old.parents}
        for name in sorted(new.node.depends_on):
            if name in by_name and name not in before and name != new.name:
                yield Cause(name, "joined", "")
        for name in sorted(before - new.node.depends_on):
            if name in old.node.depends_on:
                yield Cause(name, "left", "")

    def _data_moved(self, snapshot: Snapshot) -> bool:
        if snapshot.name not in self._diff.modified_snapshots:
            return snapshot.snapshot_id in self._diff.added
        new, old = self._diff.modified_snapshots[snapshot.name]
        return new.fingerprint.to_version() != old.fingerprint.to_version()

    def _roots(self, start: Snapshot) -> list[str]:
        """The models whose own data part moved, from one upwards, the nearest first."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            snapshot = waiting.pop(0)
            if snapshot.name in seen:
                continue
            seen.add(snapshot.name)
            above = [each for each in self._parents(snapshot) if self._data_moved(each)]
            if self._own_data_moved(snapshot) or not above:
                found[snapshot.name] = None
            waiting += above
        return list(found)

    def _own_data_moved(self, snapshot: Snapshot) -> bool:
        if snapshot.name not in self._diff.modified_snapshots:
            return True
        new, old = self._diff.modified_snapshots[snapshot.name]
        return new.fingerprint.data_hash != old.fingerprint.data_hash

    def _metadata_roots(self, new: Snapshot) -> list[str]:
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = list(self._parents(new))
        while waiting:
            snapshot = waiting.pop(0)
            if snapshot.name in seen or snapshot.name not in self._diff.modified_snapshots:
                continue
            seen.add(snapshot.name)
            current, old = self._diff.modified_snapshots[snapshot.name]
            if current.fingerprint.metadata_hash != old.fingerprint.metadata_hash:
                found[snapshot.name] = None
            elif current.fingerprint.parent_metadata_hash != old.fingerprint.parent_metadata_hash:
                waiting += self._parents(snapshot)
        return list(found)

    # Words

    def _how(self, name: str) -> str:
        if name not in self._diff.modified_snapshots:
            return "joined"
        return "data" if self._diff.directly_modified(name) else "formatting"

    def _words(self, cause: Cause) -> str:
        shown = self._shown(cause.name)
        match cause.how:
            case "formatting":
                words = (
                    f"the formatting or the comments of {shown} changed, which SQLMesh hashes, "
                    "and not what it computes"
                )
            case "joined":
                words = f"{shown} is new among what it reads"
            case "left":
                words = f"{shown} is none of what it reads any more"
            case _:
                words = f"{shown} changed"
        return f"{words}, read through {self._shown(cause.through)}" if cause.through else words

    def _shown(self, name: str) -> str:
        snapshot = self._diff.snapshots_by_name.get(name)
        return self._view_name(snapshot) if snapshot is not None else plain(name)
