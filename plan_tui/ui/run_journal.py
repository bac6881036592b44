"""What a run told on its way: the batches of each model and the lines of the log.

The engine's state carries how far a run is and its newest batches, not every batch it has done.
The pump hands each event to the journal, so whoever watched from the start can look every batch
up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from plan_tui.contract.events import (
    ApplyProgressed,
    ApplyStarted,
    ErrorReported,
    Event,
    Logged,
    PlanningStarted,
    Warned,
)
from plan_tui.contract.state import BatchRecord, EngineState, LogLine
from plan_tui.ui.formatting import count, interval
from plan_tui.ui.widgets.progress_rows import spent_words

KEPT_LINES = 2_000

UNTIMED = 0
"""The time of a line of which only the order is known."""

BATCH = "batch"
"""The level of a line that tells of a finished batch."""


class RunJournal:
    """The batches and log lines of the current run, as far as this terminal heard of them."""

    def __init__(self) -> None:
        self._batches: dict[str, list[BatchRecord]] = {}
        self._lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self.told = 0
        """How many lines there have been, those that are gone included."""
        self.generation = 0
        """Rises when all lines are replaced."""

    @property
    def lines(self) -> Sequence[LogLine]:
        """The log, oldest line first."""
        return self._lines

    def batches(self, name: str) -> Sequence[BatchRecord]:
        """The batches of a model that have ended while this terminal watched."""
        return self._batches.get(name, ())

    def restart(self, state: EngineState) -> None:
        """Begins with a state that was fetched whole: with its lines and its newest batches."""
        apply = state.apply
        if apply is None:
            self._clear(state.log)
            return
        before = [line for line in state.log if line.at < apply.started]
        told = [line for record in apply.batches for line in _lines(record, UNTIMED)]
        since = [*told, *state.log[len(before) :]]
        if all(line.at for line in told):
            since.sort(key=lambda line: line.at)
        self._clear((*before, *since))
        self._keep(apply.batches)

    def note(self, event: Event) -> None:
        """Takes the next event."""
        match event:
            case PlanningStarted():
                self._clear(())
            case ApplyStarted():
                self._batches.clear()
            case ApplyProgressed():
                self._keep(event.batches)
                for record in event.batches:
                    for line in _lines(record, event.at):
                        self._add(line)
            case Logged():
                self._add(LogLine(at=event.at, level=event.level, text=event.text))
            case Warned():
                self._add(LogLine(at=event.at, level="warning", text=event.message))
            case ErrorReported():
                problem = event.problem
                words = " ".join(part for part in (problem.title, problem.message) if part)
                self._add(LogLine(at=event.at, level="error", text=words))
            case _:
                pass

    def _keep(self, records: Sequence[BatchRecord]) -> None:
        for record in records:
            self._batches.setdefault(record.name, []).append(record)

    def _add(self, line: LogLine) -> None:
        self._lines.append(line)
        self.told += 1

    def _clear(self, lines: Sequence[LogLine]) -> None:
        self._batches.clear()
        self._lines.clear()
        self._lines.extend(lines)
        self.told = len(self._lines)
        self.generation += 1


def _lines(record: BatchRecord, at: int) -> list[LogLine]:
    """The line of a finished batch; none for one that failed, which the log tells of itself.

    Args:
        record: The batch.
        at: The line's time where the record has none.
    """
    if record.duration is None:
        return []
    return [LogLine(at=record.ended or at, level=BATCH, text=batch_words(record))]


def batch_words(record: BatchRecord) -> str:
    """``orders 2024-08-01 .. 08-31: 31,204 rows in 3.9s``."""
    what = f"{record.view_name} {interval(record.interval)}"
    parts = [] if record.rows is None else [count(record.rows, "row")]
    if record.duration is not None:
        spent = spent_words(record.duration)
        parts.append(f"in {spent}" if parts else spent)
    words = " ".join(parts)
    if record.audits_passed:
        words += f", {count(record.audits_passed, 'audit')}"
    if record.audits_failed:
        words += f", {count(record.audits_failed, 'audit')} failed"
    return f"{what}: {words}" if words else what
