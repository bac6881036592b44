"""What is known of one model of a plan."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from sqlmesh.core.snapshot import Snapshot

from plan_tui.contract.lookup import Column, ModelDetail
from plan_tui.engine.impact.known_state import stored_of
from plan_tui.engine.mapping import category_of, kind_of
from plan_tui.engine.placeholder_dates import placeholder_note
from plan_tui.engine.problems import sentence_of

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff

    from plan_tui.contract.changes import NodeRef
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
MOST_BATCHES = 1_000


def model_detail(built: BuiltPlan, name: str) -> ModelDetail | None:
    """Everything about one model of a plan, or None where the plan has no such model."""
    diff = built.plan.context_diff
    snapshot = diff.snapshots_by_name.get(name)
    if snapshot is None:
        return _removed(built, name)
    old = diff.modified_snapshots[name][1] if name in diff.modified_snapshots else None
    detail = _described(built, snapshot, _change(diff, snapshot))
    return detail.model_copy(
        update={
            **_texts(old, snapshot),
            **_neighbours(built, snapshot),
            **_work(built, name),
            "columns": _columns(old, snapshot),
        }
    )


def _described(built: BuiltPlan, snapshot: Snapshot, change: str) -> ModelDetail:
    choices = built.view.choices(snapshot)
    return _bare(built, snapshot, change).model_copy(
        update={
            **_facts(snapshot.node),
            "category": category_of(snapshot),
            "choices": choices,
            "locked": _locked(change, choices),
        }
    )


def _facts(node: Any) -> dict[str, Any]:
    return {
        "owner": node.owner,
        "tags": tuple(sorted(getattr(node, "tags", []) or [])),
        "description": node.description or "",
        "cron": node.cron,
        "dialect": node.dialect or "",
        "path": shown_path(node._path),
    }


def _removed(built: BuiltPlan, name: str) -> ModelDetail | None:
    """A model that the project has no more, as the state still knows it."""
    removed = {info.name: info for info in built.plan.context_diff.removed_snapshots.values()}
    info = removed.get(name)
    if info is None:
        return None
    bare, stored = _bare(built, info, "removed"), stored_of(built, info)
    if stored is None:
        return bare
    sql, problem = _sql(stored)
    return bare.model_copy(
        update={
            **_facts(stored.node),
            "sql": sql,
            "sql_note": placeholder_note(stored.node, sql) if sql else "",
            "render_problem": problem,
            "columns": _columns(stored, None),
        }
    )


def _bare(built: BuiltPlan, snapshot: Any, change: str) -> ModelDetail:
    """A model by its name alone: all that a comparison tells of one that is removed."""
    return ModelDetail(
        plan_id=built.plan.plan_id,
        model=built.view.node(snapshot),
        kind=kind_of(snapshot),
        change=change,
        category=None,
        choices=(),
        owner=None,
        tags=(),
        description="",
        cron="",
        dialect="",
        path=None,
        diff="",
        diff_rendered="",
        sql="",
        columns=(),
        parents=(),
        direct=(),
        indirect=(),
        intervals=(),
        interval_count=0,
        batches=(),
        batch_count=0,
        label="",
    )


def _texts(old: Any, snapshot: Snapshot) -> dict[str, str]:
    text, text_problem = _diff(old, snapshot, rendered=False)
    rendered, rendered_problem = _diff(old, snapshot, rendered=True)
    sql, sql_problem = _sql(snapshot)
    return {
        "diff": text,
        "diff_rendered": rendered,
        "sql": sql,
        "sql_note": placeholder_note(snapshot.node, sql) if sql else "",
        "render_problem": sql_problem or rendered_problem or text_problem,
    }


def _neighbours(built: BuiltPlan, snapshot: Snapshot) -> dict[str, tuple[NodeRef, ...]]:
    snapshots = built.plan.context_diff.snapshots_by_name
    direct, indirect = _downstream(built, snapshot)
    parents = sorted(parent.name for parent in snapshot.parents if parent.name in snapshots)
    return {
        "parents": tuple(built.view.node(snapshots[parent]) for parent in parents),
        "direct": direct,
        "indirect": indirect,
    }


def _work(built: BuiltPlan, name: str) -> dict[str, Any]:
    batches = built.work.batches.get(name, [])
    found: dict[str, Any] = {
        "batches": tuple((int(start), int(end)) for start, end in batches[:MOST_BATCHES]),
        "batch_count": len(batches),
    }
    missing = next((model for model in built.backfills if model.name == name), None)
    if missing is not None:
        found |= {
            "intervals": missing.intervals,
            "interval_count": missing.interval_count,
            "label": missing.label,
        }
    return found


def shown_path(path: Any) -> str | None:
    """A model's file relative to the project, which is where the engine runs."""
    if not path:
        return None
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _change(diff: ContextDiff, snapshot: Snapshot) -> str:
    name = snapshot.name
    if snapshot.snapshot_id in diff.added:
        return "added"
    if diff.directly_modified(name):
        return "direct"
    if diff.indirectly_modified(name):
        return "indirect"
    return "metadata" if diff.metadata_updated(name) else "unchanged"


def _locked(change: str, choices: tuple[Any, ...]) -> str | None:
    if change not in ("direct", "added") or choices:
        return None
    return "An apply of this version has begun: its category is recorded and can't be changed."


def _diff(old: Any, new: Snapshot, rendered: bool) -> tuple[str, str]:
    if old is None or not isinstance(old, Snapshot):
        return "", ""
    try:
        return old.node.text_diff(new.node, rendered=rendered), ""
    except Exception as error:
        logger.info("No diff of %s.", new.name, exc_info=error)
        return "", f"The diff can't be shown: {sentence_of(error)}"


def _sql(snapshot: Snapshot) -> tuple[str, str]:
    if not snapshot.is_model:
        return "", ""
    model = snapshot.model
    if not (model.is_sql or model.is_seed):
        return "", ""
    try:
        query = model.render_query() if model.is_sql else None
    except Exception as error:
        logger.info("No SQL of %s.", snapshot.name, exc_info=error)
        return "", f"The query can't be rendered: {sentence_of(error)}"
    return (query.sql(dialect=model.dialect, pretty=True) if query else ""), ""


def _columns(old: Any, new: Any) -> tuple[Column, ...]:
    before = _types(old)
    after = _types(new)
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        Column(name=name, before=before.get(name), after=after.get(name)) for name in names
    )


def _types(snapshot: Any) -> dict[str, str]:
    if not isinstance(snapshot, Snapshot) or not snapshot.is_model:
        return {}
    try:
        types = snapshot.model.columns_to_types or {}
    except Exception as error:
        logger.info("No columns of %s.", snapshot.name, exc_info=error)
        return {}
    return {name: kind.sql(dialect=snapshot.model.dialect) for name, kind in types.items()}


def _downstream(built: BuiltPlan, snapshot: Snapshot) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    plan, view = built.plan, built.view
    below = _below(built, snapshot.name)
    snapshots = plan.context_diff.snapshots_by_name
    diff = plan.context_diff
    direct = [
        n for n in below if diff.directly_modified(n) or snapshots[n].snapshot_id in diff.added
    ]
    indirect = [n for n in below if diff.indirectly_modified(n)]
    return (
        tuple(view.node(snapshots[name]) for name in sorted(direct)),
        tuple(view.node(snapshots[name]) for name in sorted(indirect)),
    )


def _below(built: BuiltPlan, name: str) -> set[str]:
    children: dict[str, list[str]] = {}
    for snapshot in built.plan.context_diff.snapshots.values():
        for parent in snapshot.parents:
            children.setdefault(parent.name, []).append(snapshot.name)
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found and child != name:
                found.add(child)
                waiting.append(child)
    return found
