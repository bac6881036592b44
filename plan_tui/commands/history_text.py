"""The history as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from plan_tui.commands.changes_text import change_lines
from plan_tui.commands.doing import STAGE_WORDS
from plan_tui.commands.failures import problem_details
from plan_tui.commands.words import count, duration, moment, range_text
from plan_tui.contract.history import History, RecordedDetail, RecordedRun, RunKind
from plan_tui.contract.interrupted_words import headline, known_lines
from plan_tui.contract.results import failures_of
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import ModelStatus, RunOutcome, StageProgress
from plan_tui.contract.text import clean

SHORT_ID = 8


def history_lines(history: History) -> Iterator[str]:
    """A line for each run, and what it failed of."""
    yield from map(clean, _listed(history))


def _listed(history: History) -> Iterator[str]:
    if not history.runs:
        yield "Nothing was recorded of this project yet: each apply is, if its file can be written."
        yield f"  journal: {history.journal}"
        return
    width = max(len(run.environment) for run in history.runs)
    for run in history.runs:
        yield (
            f"{run.run_id[:SHORT_ID]}  {moment(run.started - run.started % 1000):<19}  "
            f"{run.kind.value:<5}  {run.environment:<{width}}  {outcome_of(run):<9}  "
            f"{took(run):>12}  {work_of(run)}".rstrip()
        )
        if run.problem is not None:
            yield f"          {run.problem.title}"
        if run.outcome is None and run.interrupted is not None:
            yield f"          {headline(run.interrupted)}"
    if history.total > len(history.runs):
        yield f"{count(history.total - len(history.runs), 'older run')} not shown; see --limit."


def run_lines(detail: RecordedDetail) -> Iterator[str]:
    """All that was recorded of one run: how it went, and its review as it was."""
    yield from map(clean, _facts(detail))
    yield from map(clean, _models(detail))
    yield from _review(detail)
    if detail.log:
        yield "Log"
    for line in detail.log:
        yield clean(f"  {moment(line.at - line.at % 1000)} {line.level} {line.text}")


def _facts(detail: RecordedDetail) -> Iterator[str]:
    run = detail.run
    yield f"{run.kind.value} of {run.environment}: {outcome_of(run)}"
    yield f"  run {run.run_id}, plan {run.plan_id or 'none'}"
    yield f"  {moment(run.started)} UTC, {took(run) or 'not ended'}, by {run.user} on {run.host}"
    yield f"  {run.project} ({', '.join(run.paths)}), plan_tui {run.version}"
    if run.problem is not None:
        yield f"  {run.problem.title}"
        if run.problem in failures_of(detail.models.values(), run.problem):
            yield from problem_details(run.problem)
    if run.outcome is None and run.interrupted is not None:
        yield from (f"  {line}" for line in known_lines(run.interrupted))
    for stage in detail.stages:
        if stage.meta is not None:
            yield f"  {_stage(stage, run.outcome)}"
    failed = [batch for batch in detail.batches if batch.duration is None]
    for batch in failed:
        view = detail.models[batch.name].view_name if batch.name in detail.models else batch.name
        yield f"  failed batch: {view} {range_text(batch.interval)}"


def outcome_of(run: RecordedRun) -> str:
    """How it ended, in a word; ``unknown`` where the engine was lost."""
    if run.outcome is not None:
        return run.outcome.value
    return "running" if run.running else "unknown"


def took(run: RecordedRun) -> str:
    """How long it took, or nothing while it has no end."""
    return "" if run.ended is None else duration(run.ended - run.started)


def work_of(run: RecordedRun) -> str:
    """What an apply did, counted."""
    if run.kind is RunKind.PLAN:
        return ""
    total = run.summary.batches_total if run.summary is not None else None
    done = f"{run.batches_done:,}" + (f" of {total:,}" if total is not None else "")
    words = f"{done} batch{'' if (total or run.batches_done) == 1 else 'es'}"
    if run.batches_failed:
        words += f", {run.batches_failed:,} failed"
    if run.outcome is RunOutcome.SUCCEEDED or run.summary is None:
        return words
    return f"{words}, {'promoted' if run.summary.promoted else 'not promoted'}"


def _stage(stage: StageProgress, outcome: RunOutcome | None) -> str:
    meta = stage.meta
    assert meta is not None
    broken_off = "stopped" if outcome is RunOutcome.CANCELLED else "failed"
    how = {StageStatus.SUCCESS: "done", StageStatus.FAIL: broken_off}.get(meta.status, "not ended")
    spent = f", {duration(meta.end - meta.start)}" if meta.end is not None else ""
    return f"{STAGE_WORDS[stage.name]}: {how}{spent}"


def _review(detail: RecordedDetail) -> Iterator[str]:
    review = detail.review
    if review is None:
        return
    yield from change_lines(review.changes)
    yield ""
    for model in review.backfills.models:
        yield clean(f"  to fill: {model.view_name}, {count(model.batches, 'batch')}, {model.label}")


def _models(detail: RecordedDetail) -> Iterator[str]:
    if detail.models:
        yield "Models"
    for model in detail.models.values():
        words = f"  {model.view_name}: {model.status.value}, {model.done:,} of {model.total:,}"
        yield f"{words}, {duration(model.elapsed)}"
        if model.failure is not None:
            yield f"    {model.failure.title}"
            yield from (f"  {line}" for line in problem_details(model.failure))
        elif model.status is ModelStatus.SKIPPED and model.skipped_because:
            yield f"    because {model.skipped_because} failed"
