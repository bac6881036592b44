"""The list of recorded runs: a line for each, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment

from plan_tui.contract.history import RecordedRun, RunKind
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import instant
from plan_tui.ui.history_words import batches_words, note_of, outcome_parts, took
from plan_tui.ui.widgets.cells import fit
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.names import fit_name
from plan_tui.ui.widgets.rows import RowState

WHEN = 16
KIND = 5
OUTCOME = 9
TIME = 6
MOST_ENVIRONMENT = 18
LEAST_NOTE = 14


class HistoryList(LineList):
    """Draws runs; ``Opened`` tells the id of one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._runs: dict[str, RecordedRun] = {}
        self._environment = 0
        self._batches = 0
        self._kinds = False

    def show(self, runs: Sequence[RecordedRun]) -> None:
        """Shows runs; the cursor stays on its own."""
        self._runs = {run.run_id: run for run in runs}
        names = [len(run.environment) for run in runs]
        self._environment = min(MOST_ENVIRONMENT, max(names, default=0))
        self._batches = max((len(batches_words(run)) for run in runs), default=0)
        self._kinds = any(run.kind is RunKind.PLAN for run in runs)
        self.set_rows(list(self._runs))
        self.repaint_rows()

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        run = self._runs[key]
        (sign, tone), words = outcome_parts(run)
        kind = fit(run.kind.value, KIND) + "  " if self._kinds else ""
        fixed = 2 + WHEN + 2 + len(kind) + OUTCOME + 2 + TIME + 2 + self._batches + 2
        name = max(4, min(self._environment, width - fixed - LEAST_NOTE))
        yield Segment(f"{sign} ", self.tone(tone))
        # To the minute: columns of seconds tell nothing when one looks for a day.
        yield Segment(f"{instant(run.started - run.started % 60_000)}  ", self.tone("muted"))
        yield Segment(kind, self.tone("muted"))
        yield Segment(f"{fit_name(clean(run.environment), name)}  ", self.tone("strong"))
        yield Segment(f"{fit(words, OUTCOME)}  ", self.tone(tone))
        yield Segment(f"{took(run).rjust(TIME)}  ")
        yield Segment(f"{batches_words(run).rjust(self._batches)}  ")
        yield Segment(fit(note_of(run), max(0, width - fixed - name)), self.tone("muted"))
