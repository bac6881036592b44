"""What an apply sets out to do, written down before it does any of it."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Wire


class RecordedModel(Wire):
    """One model's share, with what finds it in SQLMesh's state."""

    name: str
    view_name: str
    identifier: str
    """Of its snapshot, as SQLMesh's state has it."""
    version: str = ""
    """Of its table: another one has nothing of what became of this."""
    deployable: bool = True
    """Whether its intervals are those of production, not those of development alone."""
    new: bool = False
    """Whether the apply records its snapshot."""
    restated: bool = False
    """Whether the state calls its batches filled before they are done."""
    table: str | None = None
    """The table that the apply makes, where it makes one."""
    gateway: str | None = None
    """Where that table is; null for the project's own."""
    batches: tuple[Interval, ...] = ()
    filled: tuple[Interval, ...] = ()
    """What a batch deletes before it writes it anew, with nothing to undo that."""


class RecordedWork(Wire):
    """All of it."""

    models: tuple[RecordedModel, ...] = ()
    cancels_alone: bool = False
    """Whether the warehouse ends the queries of a client that is gone."""
