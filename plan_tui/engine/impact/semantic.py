"""What a change does to a model: of its query, its properties, its code, its rows.

Unit tests have no place in it: SQLMesh keeps none of them with a version of a model, so a plan
can't know what a test was when the environment was made. ``unit_tests`` asks git for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.code_diff import carries, diff_code
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.property_diff import diff_properties
from plan_tui.engine.impact.seed_diff import diff_seeds
from plan_tui.engine.impact.seed_rows import with_rows
from plan_tui.engine.impact.sql_diff import SqlDiff
from plan_tui.engine.impact.told import change

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

Changes = tuple[SemanticChange, ...]
_KEPT: Kept[Changes] = Kept()


def semantic_diff(built: BuiltPlan, name: str) -> Changes:
    """What a plan does to one of its models; nothing for one that is not modified by it.

    The rows of a seed are told once somebody had them compared.

    Args:
        built: The plan.
        name: The snapshot name.
    """
    pair = built.plan.context_diff.modified_snapshots.get(name)
    if pair is None:
        return ()
    new, old = pair
    key = (name, old.fingerprint, new.fingerprint)
    found = with_rows(old, new, _KEPT.get(key, lambda: tuple(compare(old, new))))
    return tuple(_with_reach(built, new, each) for each in found)


def compare(old: Snapshot, new: Snapshot) -> list[SemanticChange]:
    """The differences of two versions of a model or standalone audit."""
    before, after = old.node, new.node
    if before.is_model != after.is_model or before.source_type != after.source_type:
        return [change(Kind.PROPERTY_CHANGED, "language", before.source_type, after.source_type),
                *diff_properties(before, after)]  # fmt: skip
    has_query = hasattr(after, "query_")
    sql = SqlDiff(before, after) if has_query else None
    found = [*sql.changes()] if sql is not None else []
    code = [*diff_code(before, after, is_python=not has_query, follows=bool(found))]
    if sql is not None:
        found = [*found, *code, *sql.rendered_changes(), *sql.statements()]
        found = [*sql.unread, *found]
    else:
        found = code
    if getattr(after, "is_seed", False):
        found += diff_seeds(before, after)
    found += diff_properties(before, after)
    found += _upstream(before, after)
    return found or [*_unexplained(old, new)]


def _upstream(before: Any, after: Any) -> Iterator[SemanticChange]:
    """Columns of the models upstream that SQLMesh counts into a model's metadata."""
    schemas = [_flat(getattr(node, "mapping_schema", {})) for node in (before, after)]
    old, new = schemas
    for table, column in dict.fromkeys([*new, *old]):
        was, now = old.get((table, column)), new.get((table, column))
        if was != now:
            yield change(Kind.UPSTREAM_CHANGED, table, was, now, column=column)


def _flat(schema: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name, held in schema.items():
        if isinstance(held, dict):
            found |= _flat(held, (*path, name.strip('"')))
        else:
            found[(".".join(path), name)] = str(held)
    return found


def _unexplained(old: Snapshot, new: Snapshot) -> Iterator[SemanticChange]:
    """What the fingerprints say where nothing that is compared differs."""
    if old.fingerprint.data_hash != new.fingerprint.data_hash:
        yield change(Kind.UNEXPLAINED, "data")
    if old.fingerprint.metadata_hash != new.fingerprint.metadata_hash:
        yield change(Kind.UNEXPLAINED, "metadata")


def _with_reach(built: BuiltPlan, snapshot: Snapshot, found: SemanticChange) -> SemanticChange:
    """A change of a macro or signal with the models that carry it, too: they change with it."""
    if (
        found.kind not in (Kind.MACRO_CHANGED, Kind.SIGNAL_CHANGED)
        or not found.subject
        or found.after is None
    ):
        return found
    carried = carries(snapshot.node, found.subject)
    snapshots = built.plan.context_diff.snapshots.values()
    names = sorted(built.view.view_name(each) for each in snapshots if carried(each.node))
    return found.model_copy(update={"models": tuple(names)})
