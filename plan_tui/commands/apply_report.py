"""An apply as it goes on, for people and as one JSON event a line."""

from __future__ import annotations

from collections.abc import Callable

import click

from plan_tui.commands.doing import STAGE_WORDS, stage_text
from plan_tui.commands.failures import problem_details
from plan_tui.commands.words import clock_text, count, duration, range_text
from plan_tui.contract import events as ev
from plan_tui.contract.base import Interval
from plan_tui.contract.command_line import PROGRAM
from plan_tui.contract.errors import Problem
from plan_tui.contract.results import failures_of, skipped_because
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.standing import standing_after
from plan_tui.contract.state import (
    ApplyProgress,
    BatchRecord,
    EngineState,
    ModelProgress,
    PlanFacts,
    RunOutcome,
    RunSummary,
    StageName,
    StageProgress,
)
from plan_tui.contract.text import clean

Print = Callable[[str], None]


class ApplyReport:
    """Prints what an apply does: stages, batches, failures without their statements."""

    def __init__(self, show: Print) -> None:
        self._show = show
        self._started: set[StageName] = set()
        self._ended: set[StageName] = set()
        self._told: set[str] = set()
        """Models of which a failure or a skip was told."""
        self._reasons: dict[tuple[str | None, Interval], str] = {}
        """Why batches failed, by model and interval: of a model's failures it keeps the first."""

    def take(self, state: EngineState, event: ev.Event | None) -> None:
        """Prints what an event adds; after a gap, what the state alone still tells."""
        if isinstance(event, ev.Logged) and event.level == "warning":
            self._warn(event.text)
        apply = state.apply
        if apply is None:
            return
        match event:
            case None:
                for model in apply.models.values():
                    self._model(model)
            case ev.StageReported(run="apply"):
                self._stage(event.stage, cancelled=state.cancel is not None)
            case ev.ApplyProgressed():
                for batch in event.batches:
                    self._show(_batch_text(batch, apply))
                    self._why(batch, apply)
                for model in event.models:
                    self._model(model)
            case ev.ErrorReported(problem=Problem(interval=(_, _) as at)):
                reason = f"{event.problem.title} {event.problem.message}"
                self._reasons[event.problem.model, at] = reason.partition("\n")[0]
            case ev.Warned():
                self._warn(event.message)
            case ev.CancelReported():
                self._show(clean(f"cancel: {event.message or event.meta.status}"))
            case _:
                pass

    def _why(self, batch: BatchRecord, apply: ApplyProgress) -> None:
        """Tells why a batch failed, unless its model's failure is told with it."""
        reason = self._reasons.pop((batch.view_name, batch.interval), None)
        model = apply.models.get(batch.name)
        shown = model.failure if model is not None else None
        if reason and (shown is None or shown.interval != batch.interval):
            self._show(click.style(clean(f"    {reason}"), fg="red"))

    def _warn(self, text: str) -> None:
        self._show(click.style(f"warning: {clean(text)}", fg="yellow"))

    def _stage(self, stage: StageProgress, *, cancelled: bool) -> None:
        if stage.meta is None or stage.name in self._ended:
            return
        if stage.meta.done:
            self._ended.add(stage.name)
            how = "done"
            if stage.meta.status is StageStatus.FAIL:
                how = "stopped" if cancelled else "failed"
            color = "red" if how == "failed" else None
            self._show(click.style(clean(f"{stage_text(stage)}: {how}"), fg=color, bold=True))
        elif stage.name not in self._started:
            self._started.add(stage.name)
            self._show(click.style(f"{STAGE_WORDS[stage.name]} started", bold=True))

    def _model(self, model: ModelProgress) -> None:
        if model.name in self._told:
            return
        if model.failure is not None:
            self._told.add(model.name)
            title = f"  {model.view_name} failed: {model.failure.title}"
            self._show(click.style(clean(title), fg="red", bold=True))
            # Its statement and what to do about it are told at the end, on stderr.
            short = model.failure.model_copy(update={"sql": None, "hint": ""})
            for line in problem_details(short):
                self._show(f"  {line}")
        elif model.skipped_because is not None:
            self._told.add(model.name)
            text = f"  {model.view_name} skipped, because {model.skipped_because} failed"
            self._show(click.style(clean(text), fg="yellow"))


def summary_text(apply: ApplyProgress) -> str:
    """How an apply ended and what it did."""
    summary = apply.summary or RunSummary()
    took = duration((apply.ended or apply.started) - apply.started)
    parts = [f"{summary.batches_done:,} of {count(summary.batches_total, 'batch')}"]
    for number, noun in (
        (summary.tables_created, "table created"),
        (summary.views_promoted, "view updated"),
    ):
        if number:
            noun, done = noun.split()
            parts.append(f"{count(number, noun)} {done}")
    if summary.rows is not None:
        parts.append(count(summary.rows, "row"))
    for number, what in ((summary.models_failed, "failed"), (summary.models_skipped, "skipped")):
        if number:
            parts.append(f"{count(number, 'model')} {what}")
    head = {
        RunOutcome.SUCCEEDED: "Applied",
        RunOutcome.FAILED: "Failed",
        RunOutcome.CANCELLED: "Cancelled",
    }[apply.outcome or RunOutcome.FAILED]
    return clean(f"{head}: {apply.environment}, {', '.join(parts)}, in {took}.")


def result_lines(apply: ApplyProgress) -> list[str]:
    """Each failure in a line, and what was left out because of it; their SQL is told after."""
    models = tuple(apply.models.values())
    lines = []
    for failure in failures_of(models, apply.problem):
        at = f" ({range_text(failure.interval)})" if failure.interval is not None else ""
        words = next((line for line in failure.message.splitlines() if line.strip()), "")
        lines.append(clean(f"  failed{at}: {failure.title} {words}".rstrip()))
    for because, names in skipped_because(models).items():
        why = f"because {because} failed" if because else "because a model upstream failed"
        lines.append(clean(f"  skipped {why}: {', '.join(names)}"))
    return lines


def what_is_left(apply: ApplyProgress, program: str = PROGRAM) -> str:
    """What a run that did not succeed leaves behind, in one sentence."""
    summary = apply.summary or RunSummary()
    left = max(0, summary.batches_total - summary.batches_done)
    if summary.restating and left:
        kept = (
            f"{count(left, 'batch')} left: the restated data is part new and part old. The next "
            "plan warns of what is still to be restated, with the options that do it; the same "
            "restatement does all of it."
        )
        return " ".join([kept, *_hole_words(apply, summary, program)])
    if summary.promoted:
        lines = [clean(line) for line in standing_after(apply)]
        if left:
            lines.append(f"{count(left, 'batch')} left: the next plan shows the rest.")
        return " ".join([*lines, *_hole_words(apply, summary, program)])
    if left:
        kept = f"What was done is kept; {count(left, 'batch')} left: the next plan shows the rest."
    else:
        kept = "What was done is kept: the next plan shows the rest."
    stands = "was not created yet" if summary.is_new else "is as it was"
    return " ".join([f"The environment {stands}. {kept}", *_hole_words(apply, summary, program)])


def _hole_words(apply: ApplyProgress, summary: RunSummary, program: str) -> list[str]:
    """Which intervals may be empty now, and the options that fill them again."""
    if not summary.holes:
        return []
    start = min(hole.interval[0] for hole in summary.holes)
    end = max(hole.interval[1] for hole in summary.holes)
    names = dict.fromkeys(hole.name for hole in summary.holes)
    restate = " ".join(f"--restate-model '{name}'" for name in names)
    listed = "; ".join(f"{h.view_name} {range_text(h.interval)}" for h in summary.holes)
    span = f"--start '{clock_text(start)}' --end '{clock_text(end)}'"
    return [
        "Old rows were deleted and new ones may not be written, so these may be empty now: "
        f"{clean(listed)}. Fill them again: {program} apply {clean(apply.environment)} --yes "
        f"{clean(restate)} {span}."
    ]


def _batch_text(batch: BatchRecord, apply: ApplyProgress) -> str:
    model = apply.models.get(batch.name)
    # Batches of a model may end in another order than they start in.
    number = f" {batch.index + 1:,} of {model.total:,}" if model is not None else ""
    parts = [range_text(batch.interval)]
    if batch.rows is not None:
        parts.append(count(batch.rows, "row"))
    if batch.audits_passed or batch.audits_failed:
        audits = f"{count(batch.audits_passed, 'audit')} passed"
        parts.append(f"{audits}, {batch.audits_failed:,} failed" if batch.audits_failed else audits)
    parts.append("failed" if batch.duration is None else duration(batch.duration))
    return clean(f"  {batch.view_name}{number}: {', '.join(parts)}")


def sum_words(facts: PlanFacts) -> str:
    """``4 batches of 3 models, 5 tables to create``."""
    batches = f"{count(facts.batches, 'batch')} of {count(facts.models, 'model')}"
    return f"{batches}, {count(facts.tables_created, 'table')} to create"
