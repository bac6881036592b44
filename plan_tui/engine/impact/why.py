"""Why SQLMesh counts a model as changed, from the parts of its fingerprint.

A fingerprint has four parts: what the model's data follows from, its metadata, and the same two of
its parents. SQLMesh hashes queries as they are written and the columns of upstream tables as
metadata, which is why models that nobody touched are counted as changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plan_tui.engine.impact.fingerprint_parts import (
    CODE,
    KIND,
    OPTIONS,
    QUERY,
    SETTINGS,
    UPSTREAM,
    WORDED,
    Parts,
    data_parts,
    described,
    metadata_parts,
    moved,
    upstream_columns,
)
from plan_tui.engine.impact.moved_parents import MovedParents
from plan_tui.engine.names import plain

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot

    from plan_tui.engine.planner import BuiltPlan

MOST_NAMES = 4


def why_changed(built: BuiltPlan, name: str) -> str:
    """One or two sentences that say why a model counts as changed, or is in the plan."""
    diff = built.plan.context_diff
    if name not in diff.modified_snapshots:
        return _not_modified(built, name)
    new, old = diff.modified_snapshots[name]
    own = _own(built, new, old)
    parents = _parents(built, new, old)
    if own and parents:
        return f"{own} {parents}"
    if own:
        return own
    if parents:
        return f"Its own definition is untouched. {parents}"
    return "Its fingerprint moved, and none of the parts that it is made of differs."


def listed(names: Iterable[str]) -> str:
    """``a, b and c``; the rest of many as a number."""
    shown = list(names)
    if len(shown) > MOST_NAMES:
        rest = len(shown) - MOST_NAMES + 1
        shown = [*shown[: MOST_NAMES - 1], f"{rest:,} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _not_modified(built: BuiltPlan, name: str) -> str:
    plan, diff = built.plan, built.plan.context_diff
    snapshot = diff.snapshots_by_name[name]
    if snapshot.snapshot_id in diff.added:
        source = diff.create_from if diff.is_new_environment else diff.environment
        return f"It is new: {source} does not have it."
    if snapshot.snapshot_id in plan.restatements:
        return "Nothing of it changed; this plan computes its data again."
    return "Nothing of it changed."


# The model itself


@dataclass(frozen=True)
class _Moved:
    """What of a model's own definition moved its hashes."""

    data: list[str]
    metadata: list[str]
    """Without what is hashed with the data too."""
    old: Parts
    new: Parts

    @classmethod
    def of(cls, new: Snapshot, old: Snapshot) -> _Moved:
        before, after = data_parts(old.node), data_parts(new.node)
        data = moved(before, after)
        was, now = metadata_parts(old.node), metadata_parts(new.node)
        metadata = [part for part in moved(was, now) if part not in data]
        if KIND in data:
            data = [part for part in data if part != SETTINGS]
            metadata = [part for part in metadata if part != OPTIONS]
        return cls(data, metadata, {**was, **before}, {**now, **after})

    def words(self, parts: list[str]) -> str:
        """The parts as things of the model: ``its owner (ann → bob) and tags``."""
        first, *rest = [described(part, self.old, self.new) for part in parts]
        lead = "the" if first.startswith(("macro", "variable", "import", "signal ")) else "its"
        if first.startswith("Python code"):
            rest = [part.replace("Python code of ", "that of ", 1) for part in rest]
        return listed([f"{lead} {first}", *rest])


def _own(built: BuiltPlan, new: Snapshot, old: Snapshot) -> str:
    """What of the model itself moved its fingerprint; nothing where none of it did."""
    if type(new.node) is not type(old.node):
        return f"It was {_form(old)} and is {_form(new)} now."
    found = _Moved.of(new, old)
    if not found.data and not found.metadata:
        return ""
    if not new.is_directly_modified(old):
        return _metadata_only(built, new, old, found)
    if not found.data:
        return _rendered_anew(built, new, old, found)
    data = found.data
    if QUERY in data and _renders_the_same(new, old):
        data = [f"{QUERY}'s formatting" if part == QUERY else part for part in data]
    untouched = all(part.startswith(CODE) for part in data)
    lead = "Its own definition is untouched, what it uses changed: " if untouched else "Data: "
    changed = "" if untouched else " changed"
    words = f"{lead}{found.words(data)}{changed}."
    return (
        f"{words} Also metadata: {_metadata(built, new, old, found)}." if found.metadata else words
    )


def _renders_the_same(new: Snapshot, old: Snapshot) -> bool:
    try:
        return bool(new.model.render_query() == old.model.render_query())
    except Exception:  # a query of before may need macros that are gone
        return False


def _form(snapshot: Snapshot) -> str:
    if not snapshot.is_model:
        return "an audit"
    words = {"sql": "a SQL model", "python": "a Python model", "seed": "a seed"}
    return words.get(snapshot.model.source_type, "an external model")


def _metadata_only(built: BuiltPlan, new: Snapshot, old: Snapshot, found: _Moved) -> str:
    """The model's data is not concerned."""
    worded = [part for part in found.data if part in WORDED]
    words = []
    if worded:
        words.append(f"only the formatting or the comments of {found.words(worded)}")
    if found.metadata:
        words.append(_metadata(built, new, old, found))
    same = ", its result is the same" if QUERY in worded else ""
    return f"Metadata: {listed(words)} changed{same}."


def _metadata(built: BuiltPlan, new: Snapshot, old: Snapshot, found: _Moved) -> str:
    rest = [part for part in found.metadata if part != UPSTREAM]
    words = [found.words(rest)] if rest else []
    if UPSTREAM in found.metadata:
        words.append(f"the columns of what it reads ({_upstream(built, new, old)})")
    return listed(words)


def _rendered_anew(built: BuiltPlan, new: Snapshot, old: Snapshot, found: _Moved) -> str:
    """Nothing that the data hash is made of moved, and yet the query comes out different."""
    rest = [part for part in found.metadata if part != UPSTREAM]
    if UPSTREAM not in found.metadata:
        return f"Data: {found.words(rest)} changed, and its query is rendered differently."
    words = (
        "Its own definition is untouched: columns that it reads changed upstream "
        f"({_upstream(built, new, old)}), so its query is rendered differently and SQLMesh "
        "calls it directly modified."
    )
    return f"{words} Also metadata: {found.words(rest)}." if rest else words


def _upstream(built: BuiltPlan, new: Snapshot, old: Snapshot) -> str:
    """``events.amount INT → BIGINT, + events.two``: what upstream columns became."""
    before, after = upstream_columns(old.model), upstream_columns(new.model)
    found = []
    for table in [*after, *(name for name in before if name not in after)]:
        columns, earlier = after.get(table, {}), before.get(table, {})
        shown = _table(built, table)
        found += [f"- {shown}.{column}" for column in earlier if column not in columns]
        for column, kind in columns.items():
            if column not in earlier:
                found.append(f"+ {shown}.{column}")
            elif earlier[column] != kind:
                found.append(f"{shown}.{column} {earlier[column]} → {kind}")
    return listed(found)


def _table(built: BuiltPlan, table: str) -> str:
    snapshot = built.plan.context_diff.snapshots_by_name.get(table)
    return built.view.view_name(snapshot) if snapshot is not None else plain(table)


# Its parents


def _parents(built: BuiltPlan, new: Snapshot, old: Snapshot) -> str:
    """What of its parents moved its fingerprint; nothing where none of them did."""
    data = new.fingerprint.parent_data_hash != old.fingerprint.parent_data_hash
    metadata = new.fingerprint.parent_metadata_hash != old.fingerprint.parent_metadata_hash
    if not data and not metadata:
        return ""
    causes = MovedParents(built.plan.context_diff, built.view.view_name)
    if data:
        return causes.data_words(new, old)
    return causes.metadata_words(new)
