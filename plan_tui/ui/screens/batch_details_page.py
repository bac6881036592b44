"""What is said about one model of a run, line by line; pure."""

from __future__ import annotations

from collections.abc import Sequence

from plan_tui.contract.errors import Problem
from plan_tui.contract.state import BatchRecord, ModelProgress, ModelStatus
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import about, count, duration, instant_utc, interval
from plan_tui.ui.glyphs import DONE, FAILED, RUNNING
from plan_tui.ui.screens.failure_sections import sql_heading
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Line, Page
from plan_tui.ui.widgets.progress_rows import batch_age, elapsed, names_in_words, spent_words

STATUS_WORDS: dict[ModelStatus, tuple[str, str]] = {
    ModelStatus.WAITING: ("waiting", "muted"),
    ModelStatus.RUNNING: ("running", "accent"),
    ModelStatus.DONE: ("done", "good"),
    ModelStatus.FAILED: ("failed", "bad"),
    ModelStatus.SKIPPED: ("skipped", "warn"),
    ModelStatus.STOPPED: ("stopped", "warn"),
}

BAR_CELLS = 20


def details_page(
    model: ModelProgress, batches: Sequence[BatchRecord], now: int, width: int
) -> list[Line]:
    """The page of a model: how far it is, why it failed, its batches.

    Args:
        model: How far the model is.
        batches: Its batches that have ended, as far as this terminal heard of them.
        now: The time, for what runs.
        width: Cells of a line.
    """
    page = Page()
    _facts(page, model, now, width)
    if model.failure is not None:
        _failure(page, model.failure, width)
    if model.running:
        _running(page, model, now)
    _batches(page, model, batches)
    return page.lines


def _facts(page: Page, model: ModelProgress, now: int, width: int) -> None:
    words, tone = STATUS_WORDS[model.status]
    kind = clean(model.kind).lower().replace("_", " ")
    page.add((words, tone), (f"   {kind}" if kind else "", "muted"))
    facts = [f"{model.done:,} of {count(model.total, 'batch', 'batches')}"]
    if spent := elapsed(model, now):
        facts.append(f"{duration(spent)} spent")
    if model.status is ModelStatus.RUNNING and model.remaining is not None:
        facts.append(f"about {about(model.remaining)} left")
    if model.rows is not None:
        facts.append(count(model.rows, "row"))
    if model.audits_passed:
        facts.append(f"{count(model.audits_passed, 'audit')} passed")
    if model.audits_failed:
        facts.append(f"{count(model.audits_failed, 'audit')} failed")
    for line in wrap(" · ".join(facts), width - 1):
        page.add((line, ""))
    if model.waits_for:
        names = names_in_words(model.waits_for, most=len(model.waits_for))
        for line in wrap(f"waits for {names}", width - 1):
            page.add((line, "muted"))
    if model.skipped_because:
        page.add((f"{clean(model.skipped_because)} failed, so it was left out", "warn"))


def _failure(page: Page, failure: Problem, width: int) -> None:
    page.heading("failure", "Failure")
    _text(page, failure.title, width, "bad")
    if failure.interval is not None:
        start, end = failure.interval
        page.add(("interval  ", "muted"), (interval(failure.interval), ""))
        page.add((f"          {instant_utc(start)} to {instant_utc(end)}", "muted"))
    if failure.path:
        line = f", line {failure.line:,}" if failure.line else ""
        page.add(("file      ", "muted"), (f"{clean(failure.path)}{line}", ""))
    if failure.message:
        page.heading("message", "The warehouse says" if failure.sql else "It says")
        _text(page, failure.message, width, points=True)
    if failure.hint:
        page.heading("hint", "What to do")
        _text(page, failure.hint, width)
    if failure.sql:
        page.heading("sql", sql_heading(failure), "y copies it")
        _text(page, failure.sql, width)


def _text(page: Page, text: str, width: int, tone: str = "", points: bool = False) -> None:
    """Text in lines that fit; one that points at a column with ``^`` is left as it came."""
    cleaned = clean(text, keep_newlines=True).strip("\n").rstrip()
    if points and any(line.strip() == "^" for line in cleaned.split("\n")):
        lines = cleaned.split("\n")
    else:
        lines = wrap(cleaned, width - 1)
    for line in lines:
        page.add((line, tone))


def _running(page: Page, model: ModelProgress, now: int) -> None:
    page.heading("running", f"At work {len(model.running):,}")
    for batch in model.running:
        age = duration(batch_age(batch, now)).rjust(7)
        page.add((f"{RUNNING} ", "accent"), (f"{age}  ", ""), (interval(batch.interval), ""))


def _batches(page: Page, model: ModelProgress, batches: Sequence[BatchRecord]) -> None:
    ended = [batch for batch in batches if batch.duration is not None]
    page.heading("batches", f"Batches {model.done:,} of {model.total:,}", "newest first")
    unseen = model.done - len(ended)
    slowest = max((batch.duration or 0 for batch in ended), default=0)
    for batch in reversed(batches):
        _batch(page, batch, slowest)
    if unseen > 0:
        words = count(unseen, "batch", "batches")
        page.add((f"{words} ended before this terminal watched", "muted"))
    if not batches and unseen <= 0:
        page.add(("none yet", "muted"))


def _batch(page: Page, batch: BatchRecord, slowest: int) -> None:
    where = interval(batch.interval).ljust(22)
    if batch.duration is None:
        page.add((f"{FAILED}  failed  ", "bad"), (where, ""))
        return
    rows = "" if batch.rows is None else count(batch.rows, "row").rjust(16)
    audits = f"  {count(batch.audits_passed, 'audit')} passed" if batch.audits_passed else ""
    if batch.audits_failed:
        audits += f"  {count(batch.audits_failed, 'audit')} failed"
    page.add(
        (f"{DONE} ", "good"),
        (f"{spent_words(batch.duration).rjust(7)}  ", ""),
        (where, ""),
        (rows, ""),
        (audits, "muted"),
    )
