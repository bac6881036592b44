"""An apply that is about to start: its book, its watch, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract import events as ev
from plan_tui.contract.state import ApplyProgress, ModelProgress, SessionState
from plan_tui.engine.apply_hooks import adapters_of, state_adapters_of
from plan_tui.engine.apply_progress import ApplyBook
from plan_tui.engine.apply_stages import StageBook
from plan_tui.engine.apply_watch import ApplyWatch
from plan_tui.engine.conflicts import find_conflict
from plan_tui.engine.event_log import now_ms
from plan_tui.engine.holes import HoleBook, rewritten_in_place
from plan_tui.engine.impact.estimate import pace_of, works_of
from plan_tui.engine.impact.pace import Pace
from plan_tui.engine.interrupter import Interrupter
from plan_tui.engine.mapping import upstream_first
from plan_tui.engine.planner import BuiltPlan
from plan_tui.engine.reconnecting import Reconnector
from plan_tui.engine.risks import BatchRisks, appending
from plan_tui.engine.time_left import TimeLeft
from plan_tui.engine.work_record import work_record

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.breaker import Breaker
    from plan_tui.engine.event_log import EventLog


def book_of(built: BuiltPlan, workers: int, pace: Pace) -> ApplyBook:
    """Every model with work, waiting for those upstream of it.

    Args:
        built: The plan.
        workers: How many batches may run at once.
        pace: What the batches of earlier applies took.
    """
    snapshots = built.plan.context_diff.snapshots_by_name
    views = built.view.view_names()
    kinds = {model.name: model.kind for model in built.backfills}
    models = {
        name: ModelProgress(
            name=name, view_name=views.get(name, name), kind=kinds.get(name, ""), total=len(batches)
        )
        for name, batches in built.work.batches.items()
    }
    upstream = _upstream(built, set(models))
    return ApplyBook(
        models=models,
        upstream=upstream,
        views=views,
        time_left=TimeLeft(upstream, workers, works_of(pace, snapshots, built.work.batches)),
        restating=bool(built.facts.restated),
        is_new=built.plan.context_diff.is_new_environment,
    )


def _upstream(built: BuiltPlan, working: set[str]) -> dict[str, tuple[str, ...]]:
    """The nearest upstream models with work, of each model with work."""
    snapshots = built.plan.context_diff.snapshots_by_name
    nearest: dict[str, frozenset[str]] = {}
    for name in upstream_first(snapshots):
        nearest[name] = frozenset(
            found
            for parent in snapshots[name].parents
            if parent.name in snapshots and parent.name != name
            for found in ({parent.name} if parent.name in working else nearest[parent.name])
        )
    return {name: tuple(sorted(nearest[name])) for name in working if name in nearest}


def begin_apply(backend: Backend, log: EventLog, run_id: str, breaker: Breaker) -> ApplyWatch:
    """Prepares the apply of the plan under review and tells that it starts."""
    built = backend.built
    assert built is not None
    pace = pace_of(backend.project.key.digest)
    book = book_of(built, backend.project.context.concurrent_tasks, pace)
    stages = StageBook(built.work.stages)
    watch = ApplyWatch(
        log,
        book,
        stages,
        breaker,
        backend.project.sql,
        lambda: find_conflict(backend.project.context, built),
    )
    _equip(watch, backend, built, log)
    log.emit(
        ev.SessionMoved(state=SessionState.APPLYING),
        ev.ApplyStarted(
            apply=ApplyProgress(
                run_id=run_id,
                plan_id=built.plan.plan_id,
                environment=built.plan.environment_naming_info.name,
                started=now_ms(),
                stages=stages.all,
                models=dict(book.models),
            )
        ),
    )
    return watch


def _equip(watch: ApplyWatch, backend: Backend, built: BuiltPlan, log: EventLog) -> None:
    """What the watch needs of the warehouse, and of the tables that the plan rewrites."""
    book = watch.book
    watch.spot.dialect = backend.project.context.engine_adapter.dialect
    filled = rewritten_in_place(built, backend.project.context)
    watch.holes = HoleBook(filled, book.views)
    watch.risks = BatchRisks(filled, appending(built))
    watch.work = work_record(built, filled, backend.engine_type)
    adapters = adapters_of(backend.project.context)
    state = state_adapters_of(backend.project.context)
    watch.reconnector = Reconnector(
        [*adapters, *state],
        backend.project.context.concurrent_tasks,
        watch.breaker.is_tripped,
        lambda text: log.emit(ev.Logged(level="warning", text=text)),
    )
    if backend.interrupt is not None:
        watch.interrupter = Interrupter(backend.interrupt, adapters, watch.interrupt_failed)
        watch.breaker.on_interrupt(watch.interrupter.begin)
