"""The snapshots that the creation of one table reads, of all those of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlmesh.core.dialect import Jinja
from sqlmesh.core.model import SqlModel

if TYPE_CHECKING:
    from sqlmesh.core.snapshot import Snapshot


def needed_to_create(snapshot: Snapshot, snapshots: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """Finds what the SQL that creates a model's table can name.

    SQLMesh hands the snapshots of the whole plan to each creation, and maps all of their tables
    anew each time: most of what it takes to deploy a thousand models. To a batch it hands only the
    model itself and its parents (``parent_snapshots_by_name``), which are enough here as well.

    Args:
        snapshot: The model whose table is created.
        snapshots: All snapshots of the plan by name.

    Returns:
        The model with its parents, those of embedded ones among them; everything where code of the
        project may ask for the table of a model that is no parent.
    """
    parents = {
        each.name: snapshots[each.name] for each in snapshot.parents if each.name in snapshots
    }
    # The queries of embedded parents are rendered inside that of the model.
    rendered = [snapshot, *(each for each in parents.values() if each.is_embedded)]
    if any(_may_ask_for_any_table(each.model) for each in rendered):
        return dict(snapshots)
    return {**parents, snapshot.name: snapshot}


def _may_ask_for_any_table(model: Any) -> bool:
    """Whether code can name a table of its own: parents are those of the query alone."""
    if model.kind.is_custom or model.pre_statements or model.post_statements:
        return True
    if any(not each.is_value for each in model.python_env.values()):
        return True
    return isinstance(model, SqlModel) and isinstance(model.query, Jinja)
