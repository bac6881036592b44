"""What is said of recorded runs; pure."""

from __future__ import annotations

from plan_tui.contract.history import RecordedRun, RunKind
from plan_tui.contract.interrupted_words import headline
from plan_tui.contract.state import RunOutcome
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count, duration
from plan_tui.ui.glyphs import DONE, FAILED, OPEN, RUNNING, STOPPED
from plan_tui.ui.widgets.lines import Part

OUTCOMES: dict[RunOutcome, tuple[str, str, str]] = {
    RunOutcome.SUCCEEDED: (DONE, "applied", "good"),
    RunOutcome.FAILED: (FAILED, "failed", "bad"),
    RunOutcome.CANCELLED: (STOPPED, "cancelled", "warn"),
}
"""Sign, word and tone of each way to end."""


def outcome_parts(run: RecordedRun) -> tuple[Part, str]:
    """The sign of how a run ended, with its tone, and the word for it."""
    if run.outcome is None:
        sign, words, tone = (
            (RUNNING, "running", "accent")
            if run.running
            else (
                OPEN,
                "unknown",
                "warn",
            )
        )
        return (sign, tone), words
    sign, words, tone = OUTCOMES[run.outcome]
    planned = run.kind is RunKind.PLAN and run.outcome is RunOutcome.SUCCEEDED
    return (sign, tone), "planned" if planned else words


def took(run: RecordedRun) -> str:
    """How long it took; nothing while it has no end."""
    return "" if run.ended is None else duration(run.ended - run.started)


def batches_words(run: RecordedRun) -> str:
    """``13/61``: batches done, of those that were to be done where that is known."""
    if run.kind is RunKind.PLAN:
        return ""
    total = f"/{run.summary.batches_total:,}" if run.summary is not None else ""
    return f"{run.batches_done:,}{total}"


def note_of(run: RecordedRun) -> str:
    """Why it did not succeed, else who did it."""
    if run.problem is not None:
        return clean(run.problem.title)
    if run.outcome is None and not run.running:
        if run.interrupted is not None:
            return clean(headline(run.interrupted))
        return "the engine was lost: plan again to see what is left"
    return clean(f"{run.user}@{run.host}")


def sum_words(shown: int, total: int, plans: bool) -> str:
    """``12 applies``, ``200 of 431 plans and applies``."""
    words = count(total, "run" if plans else "apply", "runs" if plans else "applies")
    return f"the newest {shown:,} of {words}" if shown < total else words
