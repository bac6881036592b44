"""What came of a run: what failed and why, what was left out because of it, what is done; pure."""

from __future__ import annotations

from collections.abc import Sequence

from plan_tui.contract.results import failures_of, skipped_because
from plan_tui.contract.state import ApplyProgress, ModelProgress, ModelStatus, RunOutcome
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count, duration
from plan_tui.ui.glyphs import DONE, SKIPPED, STOPPED
from plan_tui.ui.screens.failure_sections import add_failures
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Line, Page
from plan_tui.ui.widgets.progress_rows import batches_of, spent_words

OUTCOMES: dict[RunOutcome | None, tuple[str, str]] = {
    RunOutcome.SUCCEEDED: ("applied", "good"),
    RunOutcome.FAILED: ("failed", "bad"),
    RunOutcome.CANCELLED: ("cancelled", "warn"),
    None: ("goes on", "accent"),
}


def results_page(apply: ApplyProgress, now: int, width: int) -> list[Line]:
    """The page of results, what failed first.

    Args:
        apply: The run, over or not.
        now: The time, for a run that goes on.
        width: Cells of a line.
    """
    page = Page()
    models = tuple(apply.models.values())
    failures = failures_of(models, apply.problem)
    _facts(page, apply, now, width)
    add_failures(page, failures, width)
    _skipped(page, skipped_because(models), width)
    _left(page, [each for each in models if each.status is ModelStatus.STOPPED])
    _done(page, [each for each in models if each.status is ModelStatus.DONE])
    return page.lines


def _facts(page: Page, apply: ApplyProgress, now: int, width: int) -> None:
    words, tone = OUTCOMES[apply.outcome]
    page.add((words, tone), (f"   {duration((apply.ended or now) - apply.started)}", "muted"))
    done, total = batches_of(apply.models)
    counted = [f"{done:,} of {count(total, 'batch', 'batches')}"] if total else []
    for status, word in (
        (ModelStatus.DONE, "done"),
        (ModelStatus.FAILED, "failed"),
        (ModelStatus.SKIPPED, "skipped"),
        (ModelStatus.STOPPED, "left"),
    ):
        number = sum(model.status is status for model in apply.models.values())
        if number:
            counted.append(f"{count(number, 'model')} {word}")
    for line in wrap(" · ".join(counted), width - 1):
        page.add((line, ""))


def _skipped(page: Page, skipped: dict[str, tuple[str, ...]], width: int) -> None:
    if not skipped:
        return
    page.heading("skipped", f"Skipped {sum(map(len, skipped.values())):,}")
    for because, names in skipped.items():
        why = f"because {because} failed" if because else "because a model upstream failed"
        _text(page, why, width, "warn")
        for name in names:
            page.add((f"  {SKIPPED} ", "warn"), (clean(name), ""))


def _left(page: Page, models: Sequence[ModelProgress]) -> None:
    if not models:
        return
    page.heading("left", f"Left {len(models):,}", "the run ended before them")
    for model in models:
        page.add(
            (f"  {STOPPED} ", "warn"),
            (clean(model.view_name), ""),
            (f"  {model.done:,} of {count(model.total, 'batch', 'batches')} done", "muted"),
        )


def _done(page: Page, models: Sequence[ModelProgress]) -> None:
    if not models:
        return
    page.heading("done", f"Done {len(models):,}")
    for model in models:
        rows = "" if model.rows is None else f"  {count(model.rows, 'row')}"
        page.add(
            (f"  {DONE} ", "good"),
            (f"{spent_words(model.elapsed):>7}  ", ""),
            (clean(model.view_name), ""),
            (rows, "muted"),
        )


def _text(page: Page, text: str, width: int, tone: str = "") -> None:
    for line in wrap(clean(text, keep_newlines=True).strip("\n").rstrip(), width - 1):
        page.add((line, tone))
