"""What an apply was at as it failed: the model, and the last statement that was sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plan_tui.engine.failures import AtWork, readable_sql

if TYPE_CHECKING:
    from plan_tui.engine.apply_progress import ApplyBook
    from plan_tui.engine.sql_memory import SqlMemory


@dataclass
class FailureSpot:
    """Of one apply; SQLMesh's own error of a stage names a snapshot's id and nothing else."""

    book: ApplyBook
    memory: SqlMemory
    dialect: str | None = None
    """The warehouse's dialect, in which a failing statement is laid out."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._first: AtWork | None = None

    def begin(self) -> None:
        """A stage begins in this thread: what was before is not to blame for its failure."""
        self.memory.forget()
        self._first = None

    def note(self, snapshot: Any) -> None:
        """The stage fails at this model; called by the thread that worked at it."""
        at_work = AtWork(self.book.view_name(snapshot.name), self.sql)
        with self._lock:
            self._first = self._first or at_work

    @property
    def found(self) -> AtWork:
        """What the stage that failed was at, for the thread of the apply."""
        return self._first or AtWork(sql=self.sql)

    @property
    def sql(self) -> str | None:
        """The last statement of this thread, laid out."""
        return readable_sql(self.memory.last, self.dialect)
