"""What the journal alone knows of an apply that its engine did not live to end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from plan_tui.contract.base import Interval
from plan_tui.contract.history import RecordedDetail
from plan_tui.contract.interrupted import MOST_LEFT, BatchRisk, Hole, InterruptedRun, ModelLeft
from plan_tui.contract.plan import PlanDates, PlanRequest
from plan_tui.contract.state import ModelProgress, StageName, StageProgress
from plan_tui.journal.work import RecordedModel, RecordedWork

NO_ENGINE = "No engine has compared it with SQLMesh's state yet."


def as_recorded(detail: RecordedDetail, work: RecordedWork | None = None) -> InterruptedRun:
    """What is known of an interrupted apply without SQLMesh's state.

    Args:
        detail: All that was recorded of it.
        work: What it set out to do, where that was recorded.
    """
    run, models, stages = detail.run, detail.models, detail.stages
    last = _last(stages)
    done = {name: model.done for name, model in models.items()}
    holes, twice = at_risk(models.values(), work)
    known = InterruptedRun(
        run_id=run.run_id,
        environment=run.environment,
        plan_id=run.plan_id,
        started=run.started,
        last_heard=_last_heard(detail),
        stage=None if last is None else last.name.value,
        request=request_of_rest(detail),
        restating=detail.facts is not None and bool(detail.facts.restated),
        after_all=any(
            stage.name is StageName.AFTER_ALL and not _is_done(stage) for stage in stages
        ),
        may_run_on=work is not None and not work.cancels_alone,
        holes=holes,
        twice=twice,
    )
    return with_batches(known, models.values(), done)


def unread(detail: RecordedDetail, work: RecordedWork | None = None) -> InterruptedRun:
    """The same, said to be the journal's word alone: no engine has compared it with the state."""
    return as_recorded(detail, work).model_copy(update={"unread": NO_ENGINE})


def with_batches(
    run: InterruptedRun, models: Iterable[ModelProgress], done: Mapping[str, int]
) -> InterruptedRun:
    """The same with the batches that are done and those that are left.

    Args:
        run: What else is known.
        models: The models as the journal has them.
        done: Batches done, by model.
    """
    totals = [(model, min(done.get(model.name, 0), model.total)) for model in models]
    left = [
        ModelLeft(name=model.name, view_name=model.view_name, done=count, total=model.total)
        for model, count in totals
        if count < model.total
    ]
    update = {
        "batches_done": sum(count for _, count in totals),
        "batches_total": sum(model.total for model, _ in totals),
        "left": tuple(left[:MOST_LEFT]),
        "models_left": len(left),
    }
    return run.model_copy(update=update)


def at_risk(
    models: Iterable[ModelProgress], work: RecordedWork | None
) -> tuple[tuple[Hole, ...], tuple[Hole, ...]]:
    """What the batches that ran at the end may have left empty, and what they may have added."""
    filled = {model.name: model for model in work.models} if work is not None else {}
    holes: list[Hole] = []
    twice: list[Hole] = []
    for model in models:
        for batch in model.running:
            if batch.at_risk is BatchRisk.TWICE:
                twice.append(_hole(model, batch.interval))
            elif batch.at_risk is BatchRisk.EMPTY:
                parts = _overlaps(filled.get(model.name), batch.interval)
                holes += [_hole(model, part) for part in parts]
    return tuple(holes), tuple(twice)


def _overlaps(model: RecordedModel | None, batch: Interval) -> list[Interval]:
    if model is None:
        return [batch]
    parts = ((max(start, batch[0]), min(end, batch[1])) for start, end in model.filled)
    return [(low, high) for low, high in parts if low < high]


def _hole(model: ModelProgress, interval: Interval) -> Hole:
    return Hole(name=model.name, view_name=model.view_name, interval=interval)


def ended_batches(detail: RecordedDetail) -> dict[str, int]:
    """Batches that the journal saw done, by model."""
    ended: dict[str, int] = defaultdict(int)
    for batch in detail.batches:
        if batch.duration is not None:
            ended[batch.name] += 1
    return ended


def request_of_rest(detail: RecordedDetail) -> PlanRequest:
    """What asks for the rest: the same plan, with the choices that were made in its review.

    Dates that were given are pinned to what they meant: "1 week ago" is another day tomorrow.
    """
    request = detail.request or PlanRequest()
    chosen = detail.facts.chosen if detail.facts is not None else {}
    categories = {**(request.categories or {}), **chosen} or None
    dates = request.dates
    if detail.review is not None:
        review = detail.review
        dates = PlanDates(
            start=_moment(review.start) if dates.start else None,
            end=_moment(review.end) if dates.end else None,
            execution_time=_moment(review.execution_time) if dates.execution_time else None,
        )
    return request.model_copy(
        update={
            "environment": detail.run.environment,
            "plan_dates": dates if dates != PlanDates() else None,
            "categories": categories,
        }
    )


def _moment(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f" if at % 1000 else "%Y-%m-%d %H:%M:%S")


def _last(stages: Iterable[StageProgress]) -> StageProgress | None:
    begun = [stage for stage in stages if stage.meta is not None]
    at_work = [stage for stage in begun if not _is_done(stage)]
    latest = at_work or begun
    return latest[-1] if latest else None


def _is_done(stage: StageProgress) -> bool:
    return stage.meta is not None and stage.meta.done


def _last_heard(detail: RecordedDetail) -> int:
    told = [detail.run.started]
    told += [batch.at for batch in detail.batches]
    told += [line.at for line in detail.log]
    told += [running.since for model in detail.models.values() for running in model.running]
    for stage in detail.stages:
        if stage.meta is not None:
            told += [stage.meta.start, stage.meta.end or 0]
    return max(told)
