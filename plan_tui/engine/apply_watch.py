"""Follows one apply: what SQLMesh tells becomes progress, folded to 20 updates a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from sqlmesh.utils.errors import CircuitBreakerError

from plan_tui.contract import events as ev
from plan_tui.contract.base import Interval
from plan_tui.contract.errors import Problem
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import RunSummary, StageName
from plan_tui.engine.apply_progress import ApplyBook
from plan_tui.engine.apply_stages import StageBook, name_of
from plan_tui.engine.breaker import Breaker
from plan_tui.engine.cancelling import SEALED, cancel_failed
from plan_tui.engine.conflict_watch import ConflictWatch
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.failure_spot import FailureSpot
from plan_tui.engine.failures import (
    batch_failure,
    creation_failure,
    is_audit_failure,
)
from plan_tui.engine.holes import HoleBook
from plan_tui.engine.interrupter import Interrupter
from plan_tui.engine.reconnecting import Reconnector
from plan_tui.engine.risks import BatchRisks
from plan_tui.engine.sql_memory import SqlMemory
from plan_tui.journal.work import RecordedWork

TICK = 0.05
"""Seconds between two updates of progress."""


class ApplyWatch:
    """The ear of an apply; its methods are called from SQLMesh's threads."""

    def __init__(
        self,
        log: EventLog,
        book: ApplyBook,
        stages: StageBook,
        breaker: Breaker,
        sql: SqlMemory,
        find_conflict: Callable[[], str | None],
    ) -> None:
        self._log = log
        self.book = book
        self.stages = stages
        self.breaker = breaker
        self._sql = sql
        self.spot = FailureSpot(book, sql)
        self.conflicts = ConflictWatch(find_conflict, breaker)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="apply-progress", daemon=True)
        self.failures: list[Problem] = []
        self.reconnector = Reconnector(())
        self.holes = HoleBook({}, book.views)
        self.risks = BatchRisks({}, {})
        self.work = RecordedWork()
        """What is to be done, for whoever comes after an engine that dies."""
        self.settle: Callable[[], object] = bool
        """Returns once all that was told is written down."""
        self.interrupter: Interrupter | None = None
        """Stops running queries where the warehouse has a way for it."""

    # Life

    def start(self) -> None:
        """Starts to report progress."""
        self._ticker.start()

    def close(self) -> None:
        """Reports the last progress and stops."""
        self._stop.set()
        if self._ticker.is_alive():
            self._ticker.join()
        if self.interrupter is not None:
            self.interrupter.end()
        self.flush()

    def _tick(self) -> None:
        while not self._stop.wait(TICK):
            self.flush()

    def interrupt_failed(self, error: Exception) -> None:
        """The warehouse did not take an interrupt."""
        cancel_failed(self._log, self.breaker, error)

    def flush(self) -> None:
        """Reports what moved since the last report."""
        with self._lock:
            moved = self.book.take()
            stages = self.stages.take()
            if moved is not None:
                self._log.emit(moved)
            for stage in stages:
                self._log.emit(ev.StageReported(run="apply", stage=stage))

    def _note_ahead(self) -> None:
        """Has what is about to happen on disk first: an engine that dies in it can't tell."""
        self.flush()
        self.settle()

    def summary(self) -> RunSummary:
        """What was done, and what may have been left empty."""
        with self._lock:
            return self.book.summary().model_copy(update={"holes": self.holes.holes})

    # Breaker

    def check(self) -> None:
        """Raises where the run has to stop.

        Raises:
            CircuitBreakerError: The breaker has tripped.
        """
        if self.breaker.is_tripped():
            raise CircuitBreakerError

    # Stages

    def stages_planned(self, stages: Iterable[Any]) -> None:
        """SQLMesh has laid out the stages."""
        with self._lock:
            self.stages.plan([name for stage in stages if (name := name_of(stage))])

    def stage_started(self, stage: Any) -> None:
        """A stage of SQLMesh's begins; past the point of no return the breaker is sealed."""
        self.check()
        name = name_of(stage)
        final = type(stage).__name__ in ("RestatementStage", "EnvironmentRecordUpdateStage")
        if final and self.breaker.sealed is None:
            self.conflicts.look()
            self.check()
            if not self.breaker.seal(SEALED[name or StageName.PROMOTE]):
                raise CircuitBreakerError
        self.spot.begin()
        with self._lock:
            self.stages.enter(stage)
            if self.breaker.sealed is not None and self.stages.current in SEALED:
                self.breaker.seal(SEALED[self.stages.current])
            if name is StageName.MIGRATE:
                self.stages.count(0, len(stage.snapshots))
        self._note_ahead()

    def stage_ended(self, stage: Any, success: bool) -> None:
        """A stage of SQLMesh's ended."""
        with self._lock:
            self.stages.leave(stage, success)
            if success and type(stage).__name__ == "EnvironmentRecordUpdateStage":
                self.book.promoted = True
        self.flush()

    # Creation

    def creation_started(self, snapshots: list[Any]) -> None:
        """Tables are created outside of a backfill; ``tables_planned`` counted them."""

    def tables_planned(self, snapshots: list[Any]) -> None:
        """These physical tables do not exist yet."""
        with self._lock:
            self.stages.tables({snapshot.name for snapshot in snapshots})

    def table_created(self, snapshot: Any) -> None:
        """A physical table is there."""
        with self._lock:
            if self.stages.table_created(snapshot.name):
                self.book.tables_created += 1

    def creation_failed(self, snapshot: Any, error: Exception) -> None:
        """A physical table could not be created."""
        if self._is_stop(error):
            return
        view_name = self.book.view_name(snapshot.name)
        self._fail(snapshot.name, creation_failure(view_name, error, self.spot.sql))

    def table_migrated(self, snapshot: Any, existed: bool) -> None:
        """A physical table has the columns of its new version; it is new if it did not exist."""
        with self._lock:
            self.book.tables_created += 0 if existed else 1
            self.stages.advance(self.book.view_name(snapshot.name))

    # Batches

    def batches_planned(self, batches: dict[str, list[Interval]]) -> None:
        """The batches that are about to run."""
        with self._lock:
            self.stages.count(0, sum(len(intervals) for intervals in batches.values()))
            if self.stages.current is not StageName.AUDIT:
                self.book.plan({name: len(intervals) for name, intervals in batches.items()})

    def batch_started(self, snapshot: Any, interval: Interval, index: int) -> None:
        """A batch runs."""
        self.reconnector.before_batch(self.conflicts.between_batches)
        self.check()
        self._sql.forget()
        risk = self.risks.of(snapshot.name, interval, index)
        with self._lock:
            self.stages.at_work(self.book.view_name(snapshot.name))
            self.book.start(snapshot.name, interval, index, risk)
        if risk is not None:
            self._note_ahead()

    def batch_finished(
        self,
        snapshot: Any,
        interval: Interval,
        index: int,
        duration: int,
        rows: int | None,
        size: int | None,
        audits: tuple[int, int],
    ) -> None:
        """A batch is done and recorded in the state."""
        with self._lock:
            self.stages.advance(self.book.view_name(snapshot.name))
            if self.stages.current is StageName.AUDIT:
                return
            if index == 0 and self.stages.table_created(snapshot.name):
                self.book.tables_created += 1
            self.book.batch_done(snapshot.name, interval, index, duration, rows, size, audits)

    def batch_failed(self, snapshot: Any, interval: Interval, index: int, error: Exception) -> None:
        """A batch failed, or was interrupted."""
        if not is_audit_failure(error):
            self.holes.note(snapshot.name, interval, self._sql.last)
        if self._is_stop(error):
            with self._lock:
                self.book.interrupted(snapshot.name, interval, index)
            return
        view_name = self.book.view_name(snapshot.name)
        self.reconnector.note(error)
        failure = batch_failure(view_name, interval, error, self.spot.sql)
        with self._lock:
            self.book.batch_failed(snapshot.name, interval, index)
        self._fail(snapshot.name, failure)

    def models_skipped(self, names: set[str]) -> None:
        """SQLMesh left these out because a model upstream of them failed."""
        if self.breaker.is_tripped():
            return
        with self._lock:
            self.book.skip(names)

    def _fail(self, name: str, failure: Problem) -> None:
        with self._lock:
            self.failures.append(failure)
            self.book.fail(name, failure)
        self.flush()
        self._log.emit(ev.ErrorReported(problem=failure))

    def _is_stop(self, error: Exception) -> bool:
        return isinstance(error, CircuitBreakerError) or (self.breaker.mode is CancelMode.INTERRUPT)

    # Promotion

    def promotion_started(self, views: int) -> None:
        """Views are about to be switched."""
        with self._lock:
            self.stages.count(0, views)

    def view_promoted(self, name: str, promoted: bool) -> None:
        """A view points at its new version, or is gone."""
        with self._lock:
            self.book.views_promoted += 1
            self.stages.advance(self.book.view_name(name))

    # Messages

    def warned(self, message: str) -> None:
        """SQLMesh warns."""
        self._log.emit(ev.Warned(message=message))

    def failed(self, message: str) -> None:
        """SQLMesh reports an error."""
        self._log.emit(ev.Logged(level="error", text=message))

    def logged(self, message: str) -> None:
        """SQLMesh says something."""
        self._log.emit(ev.Logged(text=message))
