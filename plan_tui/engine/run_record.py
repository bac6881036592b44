"""All that was written of a run at work: another file can have it where the first is lost."""

from __future__ import annotations

from collections import deque

from plan_tui.journal import statements
from plan_tui.journal.statements import Statement

MOST_BATCHES = 20_000
"""The newest batches of a run that are kept at hand."""
KEPT_LINES = 2_000
"""The newest lines of a run's log that are kept, here and in the journal."""


class RunRecord:
    """What a run's rows are made of, each in its newest form."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._frame: list[Statement] = []
        """What it is, and what it was to do."""
        self._newest: dict[tuple[str, object], Statement] = {}
        """Of each stage and each model."""
        self._batches: deque[Statement] = deque(maxlen=MOST_BATCHES)
        self._forgotten = 0
        self._lines: deque[Statement] = deque(maxlen=KEPT_LINES)
        self._end: list[Statement] = []
        self.is_written = False
        """Whether the journal has had it."""

    def keep(self, statement: Statement) -> None:
        """Keeps what is written; of batches and lines the newest, where there are too many."""
        match statement.sql:
            case statements.STAGE | statements.MODEL as table:
                self._newest[table, statement.values[1]] = statement
            case statements.BATCH:
                self._forgotten += len(self._batches) == MOST_BATCHES
                self._batches.append(statement)
            case statements.LINE:
                self._lines.append(statement)
            case statements.OLD_LINES:
                pass
            case statements.ENDS:
                self._end = [statement]
            case _:
                self._frame.append(statement)

    def shorten(self) -> None:
        """Gives up what there may be very much of."""
        self._forgotten = 0
        self._batches.clear()
        self._lines.clear()

    def whole(self) -> list[Statement]:
        """The statements that make its rows, whatever the file has of it."""
        forget = Statement(self._run, statements.FORGET, (self._run,))
        rows = [*self._newest.values(), *self._batches, *self._lines, *self._told_of_forgotten()]
        return [forget, *self._frame, *rows, *self._end]

    def _told_of_forgotten(self) -> list[Statement]:
        if not self._forgotten:
            return []
        told = (
            f"The {self._forgotten:,} oldest batches of this run are missing: the journal's file "
            "was lost while it ran."
        )
        at = self._batches[-1].values[1]
        return [Statement(self._run, statements.LINE, (self._run, at, "warning", told))]
