"""What was recorded of one run, line by line; pure."""

from __future__ import annotations

import shlex

from rich.cells import cell_len

from plan_tui.contract.changes import AddedChange, DirectChange, IndirectChange, MetadataChange
from plan_tui.contract.errors import Problem
from plan_tui.contract.history import RecordedDetail
from plan_tui.contract.interrupted_words import known_lines
from plan_tui.contract.options import sqlmesh_arguments
from plan_tui.contract.results import failures_of
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import ModelStatus, RunOutcome, RunSummary
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import clock_time, count, duration, instant, interval
from plan_tui.ui.glyphs import ADDED, DONE, FAILED, METADATA, REMOVED, SKIPPED, STOPPED
from plan_tui.ui.history_words import note_of, outcome_parts, took
from plan_tui.ui.screens.failure_sections import add_failures
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.diff_view import diff_parts
from plan_tui.ui.widgets.lines import Line, Page
from plan_tui.ui.widgets.names import fit_name
from plan_tui.ui.widgets.progress_rows import GLYPHS, spent_words

Categorized = AddedChange | DirectChange | IndirectChange
LETTERS = {"BREAKING": "B", "NON_BREAKING": "N", "FORWARD_ONLY": "F", None: "?"}
TONES = {
    ModelStatus.DONE: "good",
    ModelStatus.FAILED: "bad",
    ModelStatus.SKIPPED: "warn",
    ModelStatus.STOPPED: "warn",
}


def recorded_page(detail: RecordedDetail, width: int) -> list[Line]:
    """The page of a run: how it went, what failed, its review as it was.

    Args:
        detail: What was recorded.
        width: Cells of a line.
    """
    page = Page()
    _facts(page, detail, width)
    add_failures(page, recorded_failures(detail), width)
    _review(page, detail, width)
    _stages(page, detail)
    _models(page, detail)
    _batches(page, detail)
    _log(page, detail, width)
    _diffs(page, detail, width)
    return page.lines


def _facts(page: Page, detail: RecordedDetail, width: int) -> None:
    run = detail.run
    (sign, tone), words = outcome_parts(run)
    spent = f" in {took(run)}" if took(run) else ""
    page.add((f"{sign} {words}", tone), (f"   {clean(run.environment)}{spent}", ""))
    if run.outcome is None and run.interrupted is not None:
        for line in known_lines(run.interrupted):
            _text(page, line, width, tone)
    elif run.outcome is None:
        _text(page, note_of(run), width, tone)
    page.add(("when     ", "muted"), (f"{instant(run.started)} UTC", ""))
    page.add(("who      ", "muted"), (clean(f"{run.user} on {run.host}"), ""))
    where = f"{run.project}, gateway {run.gateway}" if run.gateway else run.project
    page.add(("project  ", "muted"), (clean(f"{where}: {', '.join(run.paths)}"), ""))
    page.add(("plan     ", "muted"), (clean(run.plan_id or "none"), ""))
    page.add(("run      ", "muted"), (clean(run.run_id), ""))
    page.add(("with     ", "muted"), (clean(f"plan_tui {run.version}"), ""))
    if detail.request is not None:
        command = shlex.join(("sqlmesh", *sqlmesh_arguments(detail.request)))
        for number, line in enumerate(wrap(clean(command), width - 10)):
            page.add(("command  " if number == 0 else "         ", "muted"), (line, ""))
    if run.summary is not None:
        _text(page, _summary(run.summary), width)


def _summary(summary: RunSummary) -> str:
    parts = [
        f"{summary.batches_done:,} of {count(summary.batches_total, 'batch', 'batches')}",
        count(summary.models_done, "model"),
    ]
    if summary.models_failed:
        parts.append(f"{summary.models_failed:,} failed")
    if summary.models_skipped:
        parts.append(f"{summary.models_skipped:,} skipped")
    if summary.models_left:
        parts.append(f"{summary.models_left:,} left")
    if summary.tables_created:
        parts.append(f"{count(summary.tables_created, 'table')} created")
    parts.append("promoted" if summary.promoted else "not promoted")
    if summary.rows is not None:
        parts.append(count(summary.rows, "row"))
    return " · ".join(parts)


def recorded_failures(detail: RecordedDetail) -> tuple[Problem, ...]:
    """What failed in a run, each once."""
    return failures_of(detail.models.values(), detail.run.problem)


def _review(page: Page, detail: RecordedDetail, width: int) -> None:
    review = detail.review
    if review is None:
        return
    page.heading("review", "The review as it was", f"data {_range(review.start, review.end)}")
    changes, modified = review.changes, review.changes.modified
    chosen = detail.facts.chosen if detail.facts is not None else {}
    categorized: list[Categorized] = [*modified.direct, *changes.added, *modified.indirect]
    widest = max((cell_len(clean(change.view_name)) for change in categorized), default=0)
    for change in categorized:
        _change(page, change, min(widest, width - 30), change.name in chosen)
    for removed in changes.removed:
        page.add((f"  {REMOVED} ", "removed"), (clean(removed.view_name), ""))
    for metadata in modified.metadata:
        page.add((f"  {METADATA} ", "muted"), (clean(metadata.view_name), ""))
    if not (changes.added or changes.removed or modified.direct or modified.metadata):
        page.add(("  no changes", "muted"))
    for warning in review.warnings:
        _text(page, f"! {warning}", width, "warn", indent="  ")
    if review.backfills.models:
        total = sum(model.batches for model in review.backfills.models)
        page.heading("backfill", f"To fill {len(review.backfills.models):,}", f"{total:,} batches")
    for model in review.backfills.models:
        batches = count(model.batches, "batch", "batches")
        page.add(
            (f"  {clean(model.view_name)}  ", ""), (f"{batches}, {clean(model.label)}", "muted")
        )


def has_diffs(detail: RecordedDetail) -> bool:
    """Whether there is anything to say about the definitions that changed."""
    return bool(detail.diffs_left_out or _kept_diffs(detail))


def _kept_diffs(detail: RecordedDetail) -> list[tuple[str, str]]:
    if detail.review is None:
        return []
    modified = detail.review.changes.modified
    changed: list[DirectChange | MetadataChange] = [*modified.direct, *modified.metadata]
    return [(change.view_name, change.diff) for change in changed if change.diff]


def _diffs(page: Page, detail: RecordedDetail, width: int) -> None:
    """The definitions that changed, as far as their diffs were kept."""
    if not has_diffs(detail):
        return
    kept = _kept_diffs(detail)
    page.heading("diffs", f"Definitions that changed {len(kept):,}")
    if detail.diffs_left_out:
        number = detail.diffs_left_out
        left = f"{count(number, 'diff')} {'was' if number == 1 else 'were'} not kept"
        _text(page, f"{left}: too long together, or too many.", width, "muted", indent="  ")
    for name, diff in kept:
        page.add((f"  {clean(name)}", "strong"))
        for parts in diff_parts(diff, width - 2):
            page.add(("  ", ""), *parts)


def _change(page: Page, change: Categorized, name_width: int, is_chosen: bool) -> None:
    match change:
        case AddedChange():
            sign, tone = ADDED, "added"
        case DirectChange():
            sign, tone = LETTERS.get(change.change_category, "·"), "accent"
        case _:
            sign, tone = "·", "muted"
    category = (change.change_category or "not categorized").lower().replace("_", " ")
    by = ", chosen" if is_chosen else ""
    name = fit_name(clean(change.view_name), max(12, name_width))
    page.add((f"  {sign} ", tone), (name, ""), (f"  {category}{by}", "muted"))


def _stages(page: Page, detail: RecordedDetail) -> None:
    begun = [stage for stage in detail.stages if stage.meta is not None]
    if not begun:
        return
    page.heading("stages", "Stages")
    cancelled = detail.run.outcome is RunOutcome.CANCELLED
    for stage in begun:
        meta = stage.meta
        assert meta is not None
        sign, tone = {
            StageStatus.SUCCESS: (DONE, "good"),
            StageStatus.FAIL: (STOPPED, "warn") if cancelled else (FAILED, "bad"),
        }.get(meta.status, (STOPPED, "warn"))
        spent = duration(meta.end - meta.start) if meta.end is not None else ""
        counted = f"{stage.done:,} of {stage.total:,}" if stage.total else ""
        name = stage.name.value.replace("_", " ")
        page.add((f"  {sign} ", tone), (f"{name:<18}{spent:>7}", ""), (f"  {counted}", "muted"))


def _models(page: Page, detail: RecordedDetail) -> None:
    if not detail.models:
        return
    page.heading("models", f"Models {len(detail.models):,}")
    slowest = sorted(detail.models.values(), key=lambda model: -model.elapsed)
    for model in slowest:
        sign = GLYPHS.get(model.status, SKIPPED)
        because = f"  because {model.skipped_because} failed" if model.skipped_because else ""
        page.add(
            (f"  {sign} ", TONES.get(model.status, "muted")),
            (f"{spent_words(model.elapsed):>7}  {model.done:,}/{model.total:,}  ", ""),
            (clean(model.view_name), ""),
            (clean(because), "muted"),
        )


def _batches(page: Page, detail: RecordedDetail) -> None:
    if not detail.batches:
        return
    page.heading("batches", f"Batches {len(detail.batches):,}", "as they ended")
    views = {name: clean(model.view_name) for name, model in detail.models.items()}
    where = max(len(interval(batch.interval)) for batch in detail.batches)
    for batch in detail.batches:
        sign, tone = (FAILED, "bad") if batch.duration is None else (DONE, "good")
        spent = "failed" if batch.duration is None else spent_words(batch.duration)
        rows = f"  {count(batch.rows, 'row')}" if batch.rows is not None else ""
        page.add(
            (f"  {sign} ", tone),
            (f"{clock_time(batch.at)}  {spent:>7}  ", ""),
            (f"{interval(batch.interval):<{where}}  ", "muted"),
            (views.get(batch.name, clean(batch.name)), ""),
            (rows, "muted"),
        )


def _log(page: Page, detail: RecordedDetail, width: int) -> None:
    if not detail.log:
        return
    page.heading("log", "Log")
    tones = {"warning": "warn", "error": "bad"}
    for line in detail.log:
        words = f"{clock_time(line.at)}  {line.text}"
        _text(page, words, width, tones.get(line.level, ""), indent="  ")


def _range(start: int, end: int) -> str:
    return interval((start, end))


def _text(page: Page, text: str, width: int, tone: str = "", indent: str = "") -> None:
    for line in wrap(clean(text, keep_newlines=True).strip("\n"), width - 1 - len(indent)):
        page.add((f"{indent}{line}", tone))
