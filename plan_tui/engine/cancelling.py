"""What a cancel does in each state, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import Meta, StageStatus
from plan_tui.contract.state import RunOutcome, RunSummary, StageName
from plan_tui.contract.words import count
from plan_tui.engine.breaker import Breaker, TripReason
from plan_tui.engine.event_log import EventLog, now_ms
from plan_tui.engine.problems import sentence_of

if TYPE_CHECKING:
    from plan_tui.engine.apply_run import ApplyRun
    from plan_tui.engine.interrupts import Interrupt
    from plan_tui.engine.plan_run import PlanRun


_HALF_DONE = "and stopping now would leave it half done"
SEALED = {
    StageName.RESTATE: "The restated intervals are being cleared from the other environments, "
    + _HALF_DONE,
    StageName.PROMOTE: f"The environment is being switched to the new versions, {_HALF_DONE}",
    StageName.DEFERRED_BACKFILL: "This backfill is part of the switch to the new versions, "
    + _HALF_DONE,
    StageName.AFTER_ALL: "All is done but the last statements (after_all), and no plan would run "
    "the rest of them",
}
"""Why a cancel comes too late, by the stage past the point of no return."""


def cancel_nothing(log: EventLog, mode: CancelMode, reason: TripReason) -> None:
    """Nothing runs: the cancel fails, as in SQLMesh's web API."""
    _tell(log, mode, reason, _done(now_ms(), False), "Nothing runs, so there is nothing to cancel.")


def cancel_claimed(log: EventLog, mode: CancelMode, reason: TripReason) -> None:
    """An apply is being checked: it does not begin."""
    _tell(log, mode, reason, _done(now_ms(), True), "The apply does not begin; nothing changed.")


def cancel_asked(log: EventLog, mode: CancelMode, reason: TripReason) -> None:
    """The words of a plan are being read, which waits for the project: it is not built."""
    _tell(log, mode, reason, _done(now_ms(), True), "The plan is not built; nothing changed.")


def cancel_planning(log: EventLog, run: PlanRun, mode: CancelMode, reason: TripReason) -> None:
    """Planning ends at once for everyone; its thread stops at the next step."""
    start = now_ms()
    run.breaker.trip(mode, reason)
    _tell(log, mode, reason, Meta(start=start), "The plan is being dropped.")
    _tell(log, mode, reason, _done(start, True), "Planning was cancelled; nothing was changed.")
    run.end(RunOutcome.CANCELLED)


def cancel_apply(
    log: EventLog, run: ApplyRun, mode: CancelMode, reason: TripReason, way: Interrupt | None
) -> None:
    """The apply stops where it can, and is told apart where it can not any more."""
    start = now_ms()
    if mode is CancelMode.INTERRUPT and way is not None:
        message = "Running queries are being interrupted."
        if not way.verified:
            message = f"{message[:-1]}, the way that this warehouse's driver documents."
    elif mode is CancelMode.INTERRUPT:
        message = "Queries of this warehouse can't be interrupted: running batches finish first."
    else:
        message = "No further batch or table starts; running batches finish."
    if run.breaker.sealed is None:
        # Told before it trips: the end of the run tells how it went, and has the last word.
        _tell(log, mode, reason, Meta(start=start), message)
        if run.breaker.trip(mode, reason):
            return
    too_late = f"Too late to cancel: {_still_to_do(run)}{_lower(run.breaker.sealed)}."
    _tell(log, mode, reason, _done(start, False), too_late)


def _still_to_do(run: ApplyRun) -> str:
    """What is left past the point of no return, where that can take long."""
    watch = run.watch
    if watch is None or watch.stages.current is not StageName.DEFERRED_BACKFILL:
        return ""
    summary = watch.summary()
    left = summary.batches_total - summary.batches_done
    return f"{count(left, 'batch')} and the views are left, "


def cancel_failed(log: EventLog, breaker: Breaker, error: Exception) -> None:
    """The warehouse refused to interrupt: says so at once, and what happens instead."""
    if breaker.mode is None or breaker.reason is None:
        return
    message = (
        f"The running queries could not be interrupted: {sentence_of(error)}. They may go on, and "
        "cost, until they end by themselves; no other batch starts. It is tried again."
    )
    _tell(log, breaker.mode, breaker.reason, _done(now_ms(), False), message)


def cancel_ended(log: EventLog, breaker: Breaker, outcome: RunOutcome, summary: RunSummary) -> None:
    """The apply is over: says what the cancel left, where there was one."""
    if breaker.mode is None or breaker.reason is None:
        return
    success = outcome is not RunOutcome.SUCCEEDED
    _tell(
        log, breaker.mode, breaker.reason, _done(now_ms(), success), _what_is_left(outcome, summary)
    )


def _what_is_left(outcome: RunOutcome, summary: RunSummary) -> str:
    if outcome is RunOutcome.SUCCEEDED:
        return "The apply was done before the cancel took hold."
    done, left = summary.batches_done, summary.batches_total - summary.batches_done
    rewritten = count(len(summary.holes), "rewritten interval")
    holes = f" {rewritten} may be empty." if summary.holes else ""
    if done and not left:
        return f"All batches are done and kept: {done:,}. What comes after them is left.{holes}"
    is_done = "batch is" if done == 1 else "batches are"
    is_left = "is" if left == 1 else "are"
    if summary.restating:
        return (
            f"{done:,} {is_done} computed anew, {left:,} {is_left} left: the restated data is part "
            f"new and part old until the restatement is applied again.{holes}"
        )
    return (
        f"{done:,} {is_done} done and kept, {left:,} {is_left} left: the next plan resumes there."
        f"{holes}"
    )


def _tell(log: EventLog, mode: CancelMode, reason: TripReason, meta: Meta, message: str) -> None:
    log.emit(ev.CancelReported(mode=mode, reason=str(reason), meta=meta, message=message))


def _done(start: int, success: bool) -> Meta:
    status = StageStatus.SUCCESS if success else StageStatus.FAIL
    return Meta(status=status, start=start, end=now_ms(), done=True)


def _lower(text: str | None) -> str:
    return f"{text[:1].lower()}{text[1:]}" if text else "it is past the point of no return"
