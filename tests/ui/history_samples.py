"""A journal of a few runs, for tests of the history: they are made of the samples of a run."""

from __future__ import annotations

from plan_tui.contract.fold import fold
from plan_tui.contract.history import RecordedBatch, RecordedDetail, RecordedRun, RunKind
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import EngineState, LogLine, RunOutcome

from . import review_samples as reviews
from . import run_samples as runs
from .samples import DAY, HOUR, NOW


def recorded(run_id: str, ago: int, **given: object) -> RecordedRun:
    values: dict[str, object] = {
        "run_id": run_id,
        "kind": RunKind.APPLY,
        "environment": "dev",
        "plan_id": "3f2a9c",
        "outcome": RunOutcome.SUCCEEDED,
        "started": NOW - ago,
        "ended": NOW - ago + 102_000,
        "user": "ada",
        "host": "shop-1",
        "project": "shop",
        "paths": ("/home/ada/shop",),
        "gateway": "local",
        "version": "0.1.0, SQLMesh 0.236.4",
        "batches_done": 61,
    }
    return RecordedRun.model_validate({**values, **given})


def failed() -> RecordedDetail:
    """The apply of the samples that failed, with all that was recorded of it."""
    state = EngineState()
    for event in runs.failed():
        state = fold(state, event)
    apply = state.apply
    assert apply is not None
    run = recorded(
        "b7e1",
        DAY,
        outcome=apply.outcome,
        problem=apply.problem,
        summary=apply.summary,
        batches_done=sum(batch.duration is not None for batch in apply.batches),
        batches_failed=sum(batch.duration is None for batch in apply.batches),
    )
    return RecordedDetail(
        run=run,
        request=PlanRequest(environment="dev"),
        stages=apply.stages,
        models=apply.models,
        batches=tuple(
            RecordedBatch(
                name=batch.name,
                at=run.started + 4_000 * number,
                index=batch.index,
                interval=batch.interval,
                duration=batch.duration,
                rows=batch.rows,
            )
            for number, batch in enumerate(apply.batches)
        ),
        log=(LogLine(at=run.started, level="warning", text="[bold]not markup[/] \x1b[31mred"),),
        review=reviews.plan(),
        facts=reviews.facts(),
    )


def journal() -> list[RecordedDetail]:
    """Runs of every kind, the newest first."""
    return [
        RecordedDetail(run=run)
        for run in (
            recorded("a001", 5 * 60_000, outcome=None, ended=None, running=True, batches_done=23),
            recorded("a002", HOUR, kind=RunKind.PLAN, batches_done=0, ended=NOW - HOUR + 1_400),
            recorded("a003", 2 * HOUR, environment="prod", user="grace"),
        )
    ] + [
        failed(),
        RecordedDetail(run=recorded("c001", 2 * DAY, outcome=RunOutcome.CANCELLED)),
        RecordedDetail(
            run=recorded("c002", 3 * DAY, outcome=None, ended=None, environment="feature_discounts")
        ),
    ]
