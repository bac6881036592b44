"""An apply as one JSON event a line, of which the last tells how it ended."""

from __future__ import annotations

from collections.abc import Callable

from plan_tui.commands.doing import now
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.results import model_failures
from plan_tui.contract.state import EngineState, RunOutcome, RunSummary
from plan_tui.contract.text import clean_json

Print = Callable[[str], None]


class EventLines:
    """Prints each event as one line of JSON."""

    def __init__(self, show: Print) -> None:
        self._show = show
        self._last: ev.Event | None = None
        self._before: str | None = None
        """The run that had ended before: its end is none of this command's."""
        self._failed = False
        """Whether the end was told without an event of the engine."""
        self._planned: str | None = None
        """The planning run whose plan this command has."""

    def begin(self, state: EngineState) -> None:
        """Takes note of how the engine stands before the command asks for anything."""
        ended = terminal_event(state)
        self._before = ended.run_id if ended is not None else None

    def take(self, state: EngineState, event: ev.Event | None) -> None:
        """Prints an event; what was missed in a gap can't be printed any more."""
        if event is not None:
            self._last = event
            if isinstance(event, ev.PlanningEnded) and event.outcome is RunOutcome.SUCCEEDED:
                self._planned = event.run_id
            self._show(clean_json(event.model_dump_json()))

    def fail(self, state: EngineState, problem: Problem) -> None:
        """Ends with an event that tells why nothing was applied, where the engine told no such."""
        facts, planning, apply = state.facts, state.planning, state.apply
        last: ev.Event
        if self._failed:
            return
        if problem.code is ProblemCode.ENGINE_LOST:
            # How the run ended is not known: an end would claim to know.
            last = ev.ErrorReported(seq=state.seq, at=now(), problem=problem)
        elif _has_failed(self._last):
            return
        elif facts is not None and planning is not None and planning.run_id == self._planned:
            last = ev.ApplyEnded(
                seq=state.seq,
                at=now(),
                run_id=apply.run_id if apply is not None and apply.outcome is None else "",
                plan_id=facts.plan_id,
                environment=planning.environment,
                outcome=_outcome(problem),
                problem=problem,
                summary=RunSummary(),
            )
        else:
            last = ev.PlanningEnded(
                seq=state.seq, at=now(), run_id="", outcome=_outcome(problem), problem=problem
            )
        self._failed = True
        self._show(clean_json(last.model_dump_json()))

    def end(self, state: EngineState, failure: Problem | None = None) -> None:
        """Sees to it that the last line is the run's terminal event, also after a gap.

        Args:
            state: How the engine stands.
            failure: Why the command fails; an event of the engine may have told it.
        """
        if failure is not None:
            self.fail(state, failure)
        if not self._failed and not isinstance(self._last, ev.ApplyEnded | ev.PlanningEnded):
            terminal = terminal_event(state)
            if terminal is not None and terminal.run_id != self._before:
                self._last = terminal
                self._show(clean_json(terminal.model_dump_json()))


def never_asked() -> Problem:
    """Why a command ends that was cancelled before it asked for its apply."""
    return Problem(
        code=ProblemCode.CANCELLED,
        title="The command was cancelled before anything was applied.",
        message="Nothing was changed.",
        hint="Give it again when you want it.",
    )


def terminal_event(state: EngineState) -> ev.ApplyEnded | ev.PlanningEnded | None:
    """The event that ended the last run, as the state remembers it; None while it goes on."""
    apply, planning = state.apply, state.planning
    if apply is not None:
        if apply.outcome is None:
            return None
        return ev.ApplyEnded(
            seq=state.seq,
            at=apply.ended or 0,
            run_id=apply.run_id,
            plan_id=apply.plan_id,
            environment=apply.environment,
            outcome=apply.outcome,
            problem=apply.problem,
            failures=model_failures(apply.models.values()),
            summary=apply.summary or RunSummary(),
        )
    if planning is not None and planning.outcome is not None:
        return ev.PlanningEnded(
            seq=state.seq,
            at=planning.ended or 0,
            run_id=planning.run_id,
            outcome=planning.outcome,
            problem=planning.problem,
        )
    return None


def _has_failed(event: ev.Event | None) -> bool:
    if not isinstance(event, ev.ApplyEnded | ev.PlanningEnded):
        return False
    return event.outcome is not RunOutcome.SUCCEEDED


def _outcome(problem: Problem) -> RunOutcome:
    cancelled = problem.code is ProblemCode.CANCELLED
    return RunOutcome.CANCELLED if cancelled else RunOutcome.FAILED
