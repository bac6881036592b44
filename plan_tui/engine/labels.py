"""What changed models are labelled with, and the fingerprints that make a change this very one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from plan_tui.contract.origins import Label, Labels
from plan_tui.engine.looking import Asked
from plan_tui.engine.model_detail import shown_path
from plan_tui.engine.planner import BuiltPlan


def labels_of(asked: Asked) -> Labels:
    """The labels of every changed model."""
    built = asked.built
    snapshots = built.plan.context_diff.snapshots.values()
    whole = sorted(f"{snapshot.name}={snapshot.identifier}" for snapshot in snapshots)
    return Labels(plan_id=built.plan.plan_id, project=_digest(*whole), models=dict(_labels(built)))


def _labels(built: BuiltPlan) -> Iterator[tuple[str, Label]]:
    diff = built.plan.context_diff
    for name, (new, old) in diff.modified_snapshots.items():
        yield name, _label(new, _digest(name, old.identifier, new.identifier))
    for snapshot_id in diff.added:
        yield (
            snapshot_id.name,
            _label(
                diff.snapshots[snapshot_id], _digest(snapshot_id.name, "", snapshot_id.identifier)
            ),
        )
    for snapshot_id in diff.removed_snapshots:
        yield snapshot_id.name, Label(change=_digest(snapshot_id.name, snapshot_id.identifier, ""))
    for missing in built.backfills:
        if missing.name in diff.modified_snapshots:
            continue
        snapshot = diff.snapshots_by_name[missing.name]
        if snapshot.snapshot_id not in diff.added:
            same = snapshot.identifier
            yield missing.name, _label(snapshot, _digest(missing.name, same, same))


def _label(snapshot: Any, change: str) -> Label:
    node = snapshot.node
    return Label(
        change=change,
        tags=tuple(sorted(getattr(node, "tags", []) or [])),
        owner=node.owner,
        path=shown_path(node._path),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
