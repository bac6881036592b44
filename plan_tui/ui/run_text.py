"""What the run screen says in words; all of it pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.interrupted_words import known_lines, warnings
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.standing import standing_after
from plan_tui.contract.state import (
    ApplyProgress,
    CancelProgress,
    EngineState,
    ModelProgress,
    ModelStatus,
    RunOutcome,
    RunSummary,
)
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import about, clock_time, count, duration, interval
from plan_tui.ui.glyphs import WARNING
from plan_tui.ui.refill import hole_lines
from plan_tui.ui.widgets.progress_rows import (
    bar,
    batch_age,
    batches_of,
    counts_of,
    joined,
)

CONFIRM = "Cancel? Running batches finish, no other starts.  c or enter: yes   esc: no"
"""The question after the first press of ``c``."""

REST_NAMED = "Plans warn of what is still to be restated; the same restatement does all of it."

BAR = 20

NOTE_CELLS = len("9m59s, about 59 min left")
"""Cells of the rail's note while a run goes on."""


def note_of(apply: ApplyProgress, now: int) -> str:
    """``1m42s, about 3 min left``."""
    spent = duration((apply.ended or now) - apply.started)
    if apply.outcome is not None or apply.remaining is None:
        return spent
    return f"{spent}, about {about(apply.remaining)} left"


def total_bar(apply: ApplyProgress) -> str:
    """The bar over all batches; nothing where there are none."""
    done, total = batches_of(apply.models)
    return bar(done, total, BAR) if total else ""


def total_line(apply: ApplyProgress, width: int) -> str:
    """How many batches and models are how far, as much of it as fits."""
    done, total = batches_of(apply.models)
    if not total:
        return "No data to compute: tables and views only."
    counts = counts_of(apply.models)
    words = [
        f"{done:,}/{count(total, 'batch', 'batches')}",
        f"{counts[ModelStatus.DONE]:,}/{count(len(apply.models), 'model')}",
    ]
    if counts[ModelStatus.FAILED]:
        words.append(f"{counts[ModelStatus.FAILED]:,} failed")
    if counts[ModelStatus.SKIPPED]:
        words.append(f"{counts[ModelStatus.SKIPPED]:,} skipped")
    rows = [model.rows for model in apply.models.values() if model.rows is not None]
    if rows:
        words.append(count(sum(rows), "row"))
    return joined(words, width - BAR - 4)


def refusal(cancel: CancelProgress | None) -> str | None:
    """Why a cancel was refused, or None."""
    if cancel is None or cancel.meta.status is not StageStatus.FAIL:
        return None
    return f"{WARNING} {clean(cancel.message) or 'The engine did not take the cancel.'}"


def is_cancelling(state: EngineState) -> bool:
    """Whether the breaker has tripped and the run has not ended yet."""
    cancel, apply = state.cancel, state.apply
    return (
        apply is not None
        and apply.outcome is None
        and cancel is not None
        and cancel.meta.status is not StageStatus.FAIL
    )


def cancelling_line(state: EngineState, now: int, width: int) -> str:
    """What a cancel waits for, and what a second one does, in as many words as fit."""
    cancel, apply = state.cancel, state.apply
    assert cancel is not None
    assert apply is not None
    running = sum(len(model.running) for model in apply.models.values())
    if cancel.mode is CancelMode.INTERRUPT:
        lead, tail = "interrupting", ""
    else:
        lead, tail = "cancelling", _then(state, running)
    if not running:
        return f"{lead}: {clean(cancel.message) or 'the run ends'}"
    lines = [f"{lead}: {running_words(apply.models, now, most)}{tail}" for most in (3, 2, 1, 0)]
    return next((line for line in lines if cell_len(line) <= width - 2), lines[-1])


def _then(state: EngineState, running: int) -> str:
    them = "it" if running == 1 else "them"
    if state.info is None or not state.info.interruptible:
        return f"; this warehouse can't interrupt {them}"
    how = "" if state.info.interrupt_verified else " (by its documentation)"
    return f"; c again interrupts {them}{how}"


def running_words(models: Mapping[str, ModelProgress], now: int, most: int) -> str:
    """``1 batch still runs (orders, 4.1s)``; the longest at work first."""
    running = sorted(
        ((batch, model.view_name) for model in models.values() for batch in model.running),
        key=lambda pair: pair[0].since,
    )
    verb = "batch still runs" if len(running) == 1 else "batches still run"
    words = f"{len(running):,} {verb}"
    if not most:
        return words
    shown = [
        f"{clean(name).rpartition('.')[2]}, {duration(batch_age(batch, now))}"
        for batch, name in running[:most]
    ]
    more = len(running) - most
    if more > 0:
        shown.append(f"+{more:,}")
    return f"{words} ({'; '.join(shown)})"


@dataclass(frozen=True)
class Summary:
    """How a run ended."""

    heading: str
    look: str
    """``success``, ``error`` or ``warning``."""
    lines: tuple[str, ...]
    """Plain text, a sentence or two each."""
    keys: tuple[tuple[str, str], ...]
    """Where to go from here: keys and what they do."""


AGAIN = ("ctrl+r", "plan again")
REST = ("ctrl+r", "plan the rest")
RESTATE = ("ctrl+r", "plan the restatement again")
LEAVE = ("esc", "environments")


def summary_of(apply: ApplyProgress, summary: RunSummary) -> Summary:
    """The summary of a run that has ended."""
    spent = duration((apply.ended or apply.started) - apply.started)
    match apply.outcome:
        case RunOutcome.FAILED:
            return _failed(apply, summary, spent)
        case RunOutcome.CANCELLED:
            keys = (RESTATE if summary.restating else REST, LEAVE)
            lines = _why(apply)
            return Summary("Cancelled", "warning", (*lines, *_rest(apply, summary, spent)), keys)
        case _:
            return _applied(apply, summary, spent)


def _applied(apply: ApplyProgress, summary: RunSummary, spent: str) -> Summary:
    environment = clean(apply.environment)
    where = f"{environment} is up to date after {spent}"
    if summary.views_promoted:
        where += f": {count(summary.views_promoted, 'view')} point at the new versions"
        where = where.replace(": 1 view point at", ": 1 view points at")
    lines = [f"{where}.", _done_words(summary), "Nothing is left to do."]
    return Summary("Applied", "success", tuple(lines), (("enter", "environments"), AGAIN))


def _failed(apply: ApplyProgress, summary: RunSummary, spent: str) -> Summary:
    again = RESTATE if summary.restating else REST if summary.models_failed else AGAIN
    keys = [again, LEAVE]
    if summary.models_failed:
        keys = [("enter", "why"), ("v", "results"), again, LEAVE]
    lines = (*_why(apply), *_rest(apply, summary, spent))
    return Summary("Failed", "error", lines, tuple(keys))


def _why(apply: ApplyProgress) -> list[str]:
    problem = apply.problem
    if problem is None:
        return []
    message = next((line for line in problem.message.splitlines() if line.strip()), "")
    return [clean(f"{problem.title} {message}".strip())]


def _rest(apply: ApplyProgress, summary: RunSummary, spent: str) -> list[str]:
    environment = clean(apply.environment)
    lines = [f"{_done_words(summary)} It took {spent}."]
    if summary.promoted:
        lines += map(clean, standing_after(apply))
    elif summary.is_new:
        lines.append(f"{environment} was not created yet; what is done is kept.")
    elif not summary.restating:
        lines.append(f"{environment} shows what it showed before; what is done is kept.")
    left = summary.batches_total - summary.batches_done
    if summary.restating and left > 0:
        is_mixed = "is" if summary.batches_done else "may be"
        lines += [f"The restated data {is_mixed} part new and part old.", REST_NAMED]
    lines += hole_lines(summary)
    models = summary.models_left + summary.models_failed + summary.models_skipped
    if left > 0:
        skipped = summary.models_skipped
        more = f", {skipped:,} of them after a failure upstream" if skipped else ""
        lines.append(f"Left: {count(left, 'batch', 'batches')} of {count(models, 'model')}{more}.")
    return lines


def _done_words(summary: RunSummary) -> str:
    done, total = summary.batches_done, summary.batches_total
    parts = []
    if total:
        of = f"all {total:,}" if done == total and total > 1 else f"{done:,} of {total:,}"
        parts.append(f"{of} {'batch' if total == 1 else 'batches'}")
    if summary.models_done:
        parts.append(f"{count(summary.models_done, 'model')} complete")
    if summary.rows is not None:
        parts.append(count(summary.rows, "row"))
    if summary.tables_created:
        parts.append(f"{count(summary.tables_created, 'table')} created")
    return f"Done: {', '.join(parts)}." if parts else "No data was computed."


def unknown_summary(
    state: EngineState, found: bool = False, left: InterruptedRun | None = None
) -> Summary:
    """The summary of a run whose engine is lost: nobody knows how it went on.

    Args:
        state: The last that was heard of it.
        found: Whether an engine answers again.
        left: What the journal knows of it, and SQLMesh's state once an engine has compared them.
    """
    apply, info = state.apply, state.info
    assert apply is not None
    done, total = batches_of(apply.models)
    last = max((line.at for line in state.log), default=apply.started)
    last = last if left is None else max(last, left.last_heard)
    lines = [
        f"The engine does not answer: how the apply to {clean(apply.environment)} went on is "
        "not known.",
        f"Last heard of at {clock_time(last)} UTC: {done:,} of {count(total, 'batch', 'batches')} "
        f"done{_at_work(apply)}.",
    ]
    if left is not None:
        lines = [*(lines if left.unread else ()), *map(clean, _known(left))]
    if info is not None:
        lines.append(f"Its log: {clean(info.log_path)}")
    restating = state.facts is not None and bool(state.facts.restated)
    if left is None and restating:
        # SQLMesh's state calls the restated intervals filled: no other plan shows them.
        lines += ["The restated data may be part new and part old.", REST_NAMED]
    compared = left is not None and not left.unread
    heading = "Interrupted" if compared else "Unknown"
    return Summary(heading, "warning", tuple(lines), _ways_on(found, restating, left))


def _ways_on(
    found: bool, restating: bool, left: InterruptedRun | None
) -> tuple[tuple[str, str], ...]:
    again = "plan again: it shows what is left" if found else "look for the engine again"
    if found and restating:
        again = RESTATE[1]
    if left is None or not left.is_resumable:
        return (("ctrl+r", again), LEAVE)
    rest = "restate again, whole" if left.restating else "do only the rest"
    return (("u", f"resume: {rest}"), ("ctrl+r", again), LEAVE)


def _known(left: InterruptedRun) -> list[str]:
    return warnings(left) if left.unread else known_lines(left)


def _at_work(apply: ApplyProgress) -> str:
    """``, 2 running: orders 2024-01-03, items 2024-01-05``."""
    running = [
        f"{clean(model.view_name).rpartition('.')[2]} {interval(batch.interval)}"
        for model in apply.models.values()
        for batch in model.running
    ]
    if not running:
        return ""
    more = f" and {len(running) - 3:,} more" if len(running) > 3 else ""
    return f", {len(running):,} running: {', '.join(running[:3])}{more}"
