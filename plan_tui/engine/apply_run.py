"""One apply, from its first event to its single terminal one."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.results import model_failures
from plan_tui.contract.state import RunOutcome, RunSummary, SessionState
from plan_tui.engine.breaker import Breaker
from plan_tui.engine.cancelling import cancel_ended
from plan_tui.engine.problems import internal

if TYPE_CHECKING:
    from plan_tui.engine.apply_watch import ApplyWatch
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.event_log import EventLog
    from plan_tui.engine.interrupts import Interrupt
    from plan_tui.engine.journal import Journal

logger = logging.getLogger(__name__)


class ApplyRun:
    """Applies the plan under review in the worker's thread."""

    def __init__(self, log: EventLog, backend: Backend, journal: Journal) -> None:
        built = backend.built
        assert built is not None
        self._log = log
        self._backend = backend
        self._journal = journal
        self.run_id = secrets.token_hex(8)
        self.plan_id = built.plan.plan_id
        self.environment = built.plan.environment_naming_info.name
        self.breaker = Breaker()
        self.watch: ApplyWatch | None = None

    @property
    def interrupt(self) -> Interrupt | None:
        """How its queries are interrupted, or None where they can't be."""
        return self._backend.interrupt

    def begin(self) -> None:
        """Tells that it starts."""
        self.watch = self._backend.start_apply(self.run_id, self.breaker)

    def run(self) -> None:
        """Applies, and tells how it ended whatever happens."""
        watch = self.watch
        assert watch is not None
        self._journal.note(lambda recorder: recorder.note_work(self.run_id, watch.work))
        watch.settle = self._journal.settle
        try:
            outcome, problem = self._backend.apply(watch)
        except Exception as error:
            logger.exception("The apply failed outside of SQLMesh.")
            outcome, problem = RunOutcome.FAILED, internal(error)
        self._backend.project.release()
        self._end(outcome, problem)

    def _end(self, outcome: RunOutcome, problem: Problem | None) -> None:
        assert self.watch is not None
        summary = self.watch.summary()
        self.breaker.end()
        cancel_ended(self._log, self.breaker, outcome, summary)
        if outcome is not RunOutcome.SUCCEEDED:
            stale = _plan_again(outcome, summary)
            self._log.emit(ev.PlanWentStale(plan_id=self.plan_id, problem=stale))
        if problem is not None and not self.watch.failures:
            self._log.emit(ev.ErrorReported(problem=problem))
        self._log.emit(
            ev.SessionMoved(state=SessionState.IDLE),
            ev.ApplyEnded(
                run_id=self.run_id,
                plan_id=self.plan_id,
                environment=self.environment,
                outcome=outcome,
                problem=problem,
                failures=self._failures(),
                summary=summary,
            ),
        )

    def _failures(self) -> tuple[Problem, ...]:
        apply = self._log.state.apply
        return () if apply is None else model_failures(apply.models.values())


def _plan_again(outcome: RunOutcome, summary: RunSummary) -> Problem:
    how = "failed" if outcome is RunOutcome.FAILED else "was cancelled"
    if summary.restating and summary.batches_done < summary.batches_total:
        return Problem(
            code=ProblemCode.STALE_PLAN,
            title=f"The apply of this plan {how}.",
            message="The restated data is part new and part old.",
            hint="Build it again with the same restatement, which does all of it. Without it a "
            "plan names what is still to be restated, and the options that do that alone.",
        )
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title=f"The apply of this plan {how}.",
        message="What was done is kept, so the plan says more than is left.",
        hint="Build it again: the new plan shows only the rest.",
    )
