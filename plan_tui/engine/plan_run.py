"""One planning run: its stages, what it found, and its single end."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from plan_tui.contract import events as ev
from plan_tui.contract.environment_names import renamed, sanitize
from plan_tui.contract.errors import Problem
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import (
    LintViolation,
    Meta,
    ModelTests,
    PlanOverviewStageTracker,
    StageStatus,
)
from plan_tui.contract.state import RunOutcome, SessionState, StageName, StageProgress
from plan_tui.engine.breaker import Breaker
from plan_tui.engine.event_log import EventLog, now_ms
from plan_tui.engine.unfilled import Unfilled

STEP = 0.05
"""Seconds between two reports of the same stage."""
STAGES = (
    StageName.IMPORTING,
    StageName.LOADING,
    StageName.VALIDATION,
    StageName.CHANGES,
    StageName.BACKFILLS,
)


class RunStopped(Exception):
    """The run was cancelled or replaced; whatever it finds is dropped."""


class PlanRun:
    """Hears of each step of a planning run; says nothing more once it has ended."""

    def __init__(self, log: EventLog, run_id: str, environment: str, request: PlanRequest) -> None:
        self._log = log
        self._lock = threading.RLock()
        self._reported = 0.0
        self._stage: StageProgress | None = None
        self.run_id = run_id
        self.environment = sanitize(environment)
        self.request = request
        self.breaker = Breaker()
        self.started = now_ms()
        self.ended = False
        self.kept = False
        """Whether the plan of before is under review again."""
        self.metas: dict[str, Meta] = {}
        self.tests = ModelTests()
        self.lint: list[LintViolation] = []
        self.warnings: list[str] = []
        self.errors: list[str] = []
        self.unfilled: Unfilled | None = None
        """What knows of intervals that were left empty."""

    # Life

    def begin(self) -> None:
        """Tells that it starts."""
        self._log.emit(
            ev.SessionMoved(state=SessionState.PLANNING),
            ev.PlanningStarted(
                run_id=self.run_id,
                environment=self.environment,
                request=self.request,
                stages=tuple(StageProgress(name=name) for name in STAGES),
            ),
        )
        if note := renamed(self.request.environment):
            self.warned(note)

    def enter(self, name: StageName, message: str = "") -> None:
        """A stage starts, and the one before has succeeded."""
        self.check()
        self._leave(StageStatus.SUCCESS)
        meta = Meta(start=now_ms())
        self._report(StageProgress(name=name, meta=meta, message=message), force=True)

    def check(self) -> None:
        """Stops a run that nobody waits for any more.

        Raises:
            RunStopped: It was cancelled or replaced.
        """
        if self.ended or self.breaker.is_tripped():
            raise RunStopped

    def warn_of_left(
        self, plan: PlanOverviewStageTracker, versions: Mapping[str, str], told: list[str]
    ) -> PlanOverviewStageTracker:
        """Warns of what stopped applies left and the plan does not mend.

        Args:
            plan: The plan's document.
            versions: The version of each model's table.
            told: The warnings of later documents of the plan, to which these are added.

        Returns:
            The document with these warnings.
        """
        notes = self.unfilled.warnings(plan, versions) if self.unfilled is not None else []
        for note in notes:
            self.warned(note)
        told += notes
        return plan.model_copy(update={"warnings": (*plan.warnings, *notes)})

    def built(self, event: ev.PlanBuilt, stale: Problem | None = None) -> None:
        """The plan is there; files may have changed while it was built, which nobody was told."""
        with self._lock:
            self.check()
            self._leave(StageStatus.SUCCESS)
            self.ended = True
            self._log.emit(
                event,
                ev.SessionMoved(state=SessionState.REVIEW),
                ev.PlanningEnded(run_id=self.run_id, outcome=RunOutcome.SUCCEEDED),
            )
            if stale is not None:
                self._log.emit(ev.PlanWentStale(plan_id=event.facts.plan_id, problem=stale))

    def end(
        self,
        outcome: RunOutcome,
        problem: Problem | None = None,
        kept: tuple[ev.PlanBuilt, Problem] | None = None,
    ) -> bool:
        """It failed or was cancelled; only the first end counts.

        Args:
            outcome: How it ended.
            problem: Why it failed.
            kept: The plan that was under review before and is again, and why it is out of date.

        Returns:
            Whether this was the end.
        """
        with self._lock:
            if self.ended:
                return False
            self._leave(StageStatus.FAIL)
            self.ended, self.kept = True, kept is not None
            told: list[ev.Event] = [ev.SessionMoved(state=SessionState.IDLE)]
            if problem is not None:
                told.append(ev.ErrorReported(problem=problem))
            told.append(ev.PlanningEnded(run_id=self.run_id, outcome=outcome, problem=problem))
            if kept is not None:
                review, stale = kept
                told += [review, ev.SessionMoved(state=SessionState.REVIEW)]
                told.append(ev.PlanWentStale(plan_id=review.facts.plan_id, problem=stale))
            self._log.emit(*told)
            return True

    # What SQLMesh tells

    def step(self, message: str, done: int = 0, total: int = 0) -> None:
        """Something named is at work."""
        self.check()
        if self._stage is not None:
            moved = {"message": message, "done": done, "total": total}
            new_message = message != self._stage.message
            self._report(self._stage.model_copy(update=moved), force=new_message)

    def linted(self, violation: LintViolation) -> None:
        """A model breaks a rule."""
        self.lint.append(violation)

    def tested(self, tests: ModelTests) -> None:
        """The unit tests ran."""
        self.tests = tests
        if not self.ended:
            self._log.emit(ev.TestsReported(tests=tests))

    def validated(self) -> None:
        """Lint and tests are through."""
        self.enter(StageName.CHANGES)

    def warned(self, message: str) -> None:
        """SQLMesh warns."""
        self.warnings.append(message)
        if not self.ended:
            self._log.emit(ev.Warned(message=message))

    def failed(self, message: str) -> None:
        """SQLMesh reports an error."""
        self.errors.append(message)
        if not self.ended:
            self._log.emit(ev.Logged(level="error", text=message))

    def logged(self, message: str) -> None:
        """SQLMesh says something."""
        if not self.ended:
            self._log.emit(ev.Logged(text=message))

    def schema_change(self, model: str, statements: list[str], destructive: bool) -> None:
        """A forward-only model changes its table's columns, which SQLMesh only warns of."""
        kind = "destructive" if destructive else "additive"
        name = model.replace('"', "")
        message = f"{name} is forward-only, its change is {kind}: {'; '.join(statements)}"
        if message not in self.warnings:
            self.warned(message)

    # Reporting

    def _leave(self, status: StageStatus) -> None:
        if self._stage is None or self._stage.meta is None:
            return
        meta = self._stage.meta.model_copy(update={"status": status, "end": now_ms(), "done": True})
        self.metas[str(self._stage.name)] = meta
        self._report(self._stage.model_copy(update={"meta": meta, "message": ""}), force=True)
        self._stage = None

    def _report(self, stage: StageProgress, force: bool) -> None:
        with self._lock:
            self._stage = stage
            now = time.monotonic()
            if self.ended or (not force and now - self._reported < STEP):
                return
            self._reported = now
            self._log.emit(ev.StageReported(run="plan", stage=stage))


class QuietRun(PlanRun):
    """Hears what SQLMesh says while a plan is revised, and keeps it to itself."""

    def __init__(self) -> None:
        self.ended = True
        self.warnings, self.errors = [], []

    def step(self, message: str, done: int = 0, total: int = 0) -> None:
        return
