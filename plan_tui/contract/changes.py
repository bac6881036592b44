"""The changes and backfills of a plan, as ``plan --json`` prints them."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Wire
from plan_tui.contract.plan import Category


class NodeRef(Wire):
    """A model or standalone audit."""

    name: str
    """SQLMesh's snapshot name, such as ``"db"."schema"."model"``."""
    view_name: str
    """The name as it is displayed in the target environment."""
    node_type: str = "model"
    """``model`` or ``audit``."""


class AddedChange(NodeRef):
    """A model that the environment does not have yet."""

    kind: str
    change_category: str | None = None
    """The name of SQLMesh's ``SnapshotChangeCategory``, or null while open."""
    choices: tuple[Category, ...] = ()
    """The categories that may be chosen; empty where SQLMesh lets nobody choose."""


class RemovedChange(NodeRef):
    """A model that the environment has and the project has no more."""


class DirectChange(NodeRef):
    """A model whose own definition changed."""

    kind: str
    diff: str | None = None
    """SQLMesh's text diff; null where it is fetched per model."""
    change_category: str | None = None
    choices: tuple[Category, ...] = ()
    parents: tuple[str, ...] = ()
    """Names of all changed models upstream of this one."""
    direct: tuple[str, ...] = ()
    """Names of the directly changed models downstream of this one."""
    indirect: tuple[str, ...] = ()
    """Names of the indirectly changed models downstream of this one."""


class IndirectChange(NodeRef):
    """A model that changes because one upstream of it does."""

    kind: str
    change_category: str | None = None
    parents: tuple[str, ...] = ()


class MetadataChange(NodeRef):
    """A model of which only metadata changed."""

    kind: str
    diff: str | None = None


class ModifiedChanges(Wire):
    """The changed models, by how they changed."""

    direct: tuple[DirectChange, ...] = ()
    indirect: tuple[IndirectChange, ...] = ()
    metadata: tuple[MetadataChange, ...] = ()


class ModelBackfill(Wire):
    """What is missing of one model."""

    name: str
    view_name: str
    kind: str
    intervals: tuple[Interval, ...]
    """All missing intervals, merged where they touch."""
    interval_count: int
    """How many of the model's own interval units they are."""
    batches: int
    """How many batches the apply starts for it."""
    label: str
    """SQLMesh's own text for the intervals."""
    preview: bool = False
    """Whether the data is for this environment alone: production will not reuse it."""
