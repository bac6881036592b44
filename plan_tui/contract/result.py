"""How an apply ended, in one document: for a command that is told, and for a terminal's notice."""

from __future__ import annotations

from typing import Literal

from plan_tui.contract.base import Millis, Wire
from plan_tui.contract.errors import Problem
from plan_tui.contract.history import RecordedDetail
from plan_tui.contract.interrupted import Hole
from plan_tui.contract.results import model_failures
from plan_tui.contract.state import (
    ApplyProgress,
    ModelProgress,
    ModelStatus,
    RunOutcome,
    RunSummary,
)
from plan_tui.contract.words import count, duration

Outcome = Literal["succeeded", "failed", "cancelled", "unknown"]
"""``unknown`` is an apply whose engine was lost: nobody knows how that went on."""

_OUTCOMES: dict[RunOutcome | None, Outcome] = {
    RunOutcome.SUCCEEDED: "succeeded",
    RunOutcome.FAILED: "failed",
    RunOutcome.CANCELLED: "cancelled",
    None: "unknown",
}
_VERBS: dict[Outcome, str] = {
    "succeeded": "applied to {}",
    "failed": "the apply to {} failed",
    "cancelled": "the apply to {} was cancelled",
    "unknown": "how the apply to {} ended is unknown",
}


class ModelCounts(Wire):
    """How many models of an apply came how far."""

    total: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    left: int = 0
    """Neither done nor failed nor skipped."""


class BatchCounts(Wire):
    """How many batches of an apply were done, and how many are left."""

    total: int = 0
    done: int = 0
    left: int = 0


class ApplyResult(Wire):
    """How an apply ended."""

    outcome: Outcome
    environment: str
    plan_id: str | None
    run_id: str
    project: str
    """The project's name."""
    paths: tuple[str, ...] = ()
    gateway: str | None = None
    started: Millis
    ended: Millis | None = None
    """Null where the engine was lost."""
    seconds: float | None = None
    promoted: bool | None = None
    """Whether the environment points at the new versions; null where nobody knows."""
    models: ModelCounts = ModelCounts()
    batches: BatchCounts = BatchCounts()
    holes: tuple[Hole, ...] = ()
    """Intervals that may have been left empty."""
    problem: Problem | None = None
    """Why it did not succeed."""
    failures: tuple[Problem, ...] = ()
    """What failed, a model each."""
    text: str
    """All of it in one sentence."""


def result_of(
    apply: ApplyProgress, project: str, paths: tuple[str, ...], gateway: str | None
) -> ApplyResult:
    """The result of an apply as its engine told it; unknown where it did not say how it ended.

    Args:
        apply: The apply.
        project: The project's name.
        paths: The project's directories.
        gateway: The gateway, where one was chosen.
    """
    models = tuple(apply.models.values())
    counts = _batch_counts(models, apply.summary)
    ended = apply.ended if apply.outcome is not None else None
    return ApplyResult(
        outcome=_OUTCOMES[apply.outcome],
        environment=apply.environment,
        plan_id=apply.plan_id,
        run_id=apply.run_id,
        project=project,
        paths=paths,
        gateway=gateway,
        started=apply.started,
        ended=ended,
        seconds=None if ended is None else max(0, ended - apply.started) / 1000,
        promoted=None if apply.summary is None else apply.summary.promoted,
        models=_model_counts(models),
        batches=counts,
        holes=() if apply.summary is None else apply.summary.holes,
        problem=apply.problem,
        failures=model_failures(models),
        text=sentence(apply, counts),
    )


def recorded_result(detail: RecordedDetail) -> ApplyResult:
    """The result of an apply as the journal has it, where its engine is gone."""
    run = detail.run
    apply = ApplyProgress(
        run_id=run.run_id,
        plan_id=run.plan_id or "",
        environment=run.environment,
        started=run.started,
        ended=run.ended,
        models=detail.models,
        outcome=run.outcome,
        problem=run.problem,
        summary=run.summary,
    )
    return result_of(apply, run.project, run.paths, run.gateway)


def sentence(apply: ApplyProgress, batches: BatchCounts | None = None) -> str:
    """How an apply ended, in one sentence; not made safe for a terminal."""
    batches = batches or _batch_counts(tuple(apply.models.values()), apply.summary)
    words = _VERBS[_OUTCOMES[apply.outcome]].format(apply.environment)
    if batches.total:
        words += f", {batches.done:,} of {count(batches.total, 'batch')} done"
    if apply.outcome is not None and apply.ended is not None:
        words += f", in {duration(apply.ended - apply.started)}"
    return f"{words[0].upper()}{words[1:]}."


def _model_counts(models: tuple[ModelProgress, ...]) -> ModelCounts:
    by = {status: sum(each.status is status for each in models) for status in ModelStatus}
    left = by[ModelStatus.WAITING] + by[ModelStatus.RUNNING] + by[ModelStatus.STOPPED]
    return ModelCounts(
        total=len(models),
        done=by[ModelStatus.DONE],
        failed=by[ModelStatus.FAILED],
        skipped=by[ModelStatus.SKIPPED],
        left=left,
    )


def _batch_counts(models: tuple[ModelProgress, ...], summary: RunSummary | None) -> BatchCounts:
    done = sum(model.done for model in models) if summary is None else summary.batches_done
    total = sum(model.total for model in models) if summary is None else summary.batches_total
    return BatchCounts(total=total, done=done, left=max(0, total - done))
