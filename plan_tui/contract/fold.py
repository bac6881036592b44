"""The one rule of how an event changes the state; engine and clients share it.

The engine folds its own events to answer ``GET /api/state``, so a client that takes the state
and folds the events after its ``seq`` holds exactly what the engine holds.
"""

from __future__ import annotations

from typing_extensions import assert_never

from plan_tui.contract import events as ev
from plan_tui.contract.base import Wire
from plan_tui.contract.changes import AddedChange, DirectChange, IndirectChange
from plan_tui.contract.stages import PlanOverviewStageTracker, judged
from plan_tui.contract.state import (
    BATCH_TAIL,
    LOG_TAIL,
    CancelProgress,
    EngineState,
    LogLine,
    PlanningProgress,
    RunOutcome,
    StageProgress,
)

Changes = tuple[AddedChange, ...] | tuple[DirectChange, ...] | tuple[IndirectChange, ...]


def fold(state: EngineState, event: ev.Event) -> EngineState:
    """Returns the state after an event; neither argument is changed.

    Args:
        state: The state before, whose ``seq`` is lower than the event's.
        event: The next event.
    """
    return state.model_copy(update={"seq": event.seq, **_change(state, event)})


def _change(state: EngineState, event: ev.Event) -> dict[str, object]:
    match event:
        case ev.EngineChanged():
            return {"info": event.info, "loading": event.loading}
        case ev.SessionMoved():
            return {"state": event.state, "since": event.at}
        case ev.PlanningStarted() | ev.PlanBuilt() | ev.PlanningEnded():
            return _planning(state, event)
        case ev.PlanRevised():
            return _revised(state, event)
        case ev.PlanWentStale():
            same = state.facts is not None and state.facts.plan_id == event.plan_id
            return {"stale": event.problem} if same else {}
        case ev.StageReported():
            return _stage(state, event)
        case ev.ApplyStarted() | ev.ApplyProgressed() | ev.ApplyEnded():
            return _applying(state, event)
        case ev.RunsReconciled():
            return {"interrupted": event.runs}
        case ev.CancelReported():
            return {
                "cancel": CancelProgress(
                    mode=event.mode, reason=event.reason, meta=event.meta, message=event.message
                )
            }
        case ev.TestsReported():
            return {"tests": event.tests}
        case ev.Warned() | ev.ErrorReported() | ev.Logged():
            return {"log": (*state.log, _log_line(event))[-LOG_TAIL:]}
        case _:
            assert_never(event)


def _planning(
    state: EngineState, event: ev.PlanningStarted | ev.PlanBuilt | ev.PlanningEnded
) -> dict[str, object]:
    match event:
        case ev.PlanningStarted():
            planning = PlanningProgress(
                run_id=event.run_id,
                environment=event.environment,
                request=event.request,
                started=event.at,
                stages=event.stages,
            )
            gone = dict.fromkeys(("plan", "facts", "stale", "apply", "cancel", "tests"))
            return {**gone, "planning": planning, "log": ()}
        case ev.PlanBuilt():
            return {"plan": event.plan, "facts": event.facts, "stale": None}
        case ev.PlanningEnded():
            if state.planning is None:
                return {}
            ended = {"ended": event.at, "outcome": event.outcome, "problem": event.problem}
            return {"planning": state.planning.model_copy(update=ended)}
        case _:
            assert_never(event)


def _applying(
    state: EngineState, event: ev.ApplyStarted | ev.ApplyProgressed | ev.ApplyEnded
) -> dict[str, object]:
    if isinstance(event, ev.ApplyStarted):
        target = event.apply.environment
        left = tuple(run for run in state.interrupted if run.environment != target)
        return {"apply": event.apply, "cancel": None, "interrupted": left}
    if state.apply is None:
        return {}
    if isinstance(event, ev.ApplyProgressed):
        models = {**state.apply.models, **{model.name: model for model in event.models}}
        batches = (*state.apply.batches, *event.batches)[-BATCH_TAIL:]
        progress: dict[str, object] = {
            "models": models,
            "batches": batches,
            "remaining": event.remaining,
        }
    else:
        progress = {
            "ended": event.at,
            "outcome": event.outcome,
            "problem": event.problem,
            "summary": event.summary,
            "remaining": None,
        }
    changed: dict[str, object] = {"apply": state.apply.model_copy(update=progress)}
    if isinstance(event, ev.ApplyEnded) and event.outcome is RunOutcome.SUCCEEDED:
        changed |= {"plan": None, "facts": None, "stale": None}
    return changed


def _stage(state: EngineState, event: ev.StageReported) -> dict[str, object]:
    if event.run == "plan":
        if state.planning is None:
            return {}
        stages = _with_stage(state.planning.stages, event.stage)
        return {"planning": state.planning.model_copy(update={"stages": stages})}
    if state.apply is None:
        return {}
    stages = _with_stage(state.apply.stages, event.stage)
    return {"apply": state.apply.model_copy(update={"stages": stages})}


def _with_stage(
    stages: tuple[StageProgress, ...], changed: StageProgress
) -> tuple[StageProgress, ...]:
    if all(stage.name != changed.name for stage in stages):
        return (*stages, changed)
    return tuple(changed if stage.name == changed.name else stage for stage in stages)


def _revised(state: EngineState, event: ev.PlanRevised) -> dict[str, object]:
    plan = state.plan
    if plan is None or plan.plan_id != event.plan_id:
        return {}
    revised: dict[str, object] = {"plan": revise(plan, event), "facts": event.facts}
    if event.plan_options is not None and state.planning is not None:
        asked = state.planning.request.model_copy(update={"plan_options": event.plan_options})
        revised["planning"] = state.planning.model_copy(update={"request": asked})
    return revised


def revise(plan: PlanOverviewStageTracker, event: ev.PlanRevised) -> PlanOverviewStageTracker:
    """The plan's document after a change of categories or of what is allowed."""
    categories = event.categories
    changes = plan.changes
    modified = changes.modified.model_copy(
        update={
            "direct": _recategorized(changes.modified.direct, categories),
            "indirect": _recategorized(changes.modified.indirect, categories),
        }
    )
    added = _recategorized(changes.added, categories)
    changed = {model.name: model for model in event.backfills}
    removed = set(event.backfills_removed)
    kept = {
        model.name: model for model in plan.backfills.models if model.name not in removed
    } | changed
    models = tuple(kept[name] for name in sorted(kept))
    return plan.model_copy(
        update={
            "validation": plan.validation.model_copy(
                update={"meta": judged(plan.validation.meta, event.dangers)}
            ),
            "start": event.start,
            "end": event.end,
            "changes": changes.model_copy(update={"added": added, "modified": modified}),
            "backfills": plan.backfills.model_copy(update={"models": models}),
            "restatements": event.restatements,
            "dangers": event.dangers,
            "plan_options": event.plan_options or plan.plan_options,
        }
    )


def _recategorized(changes: Changes, categories: dict[str, str | None]) -> tuple[Wire, ...]:
    return tuple(
        change.model_copy(update={"change_category": categories[change.name]})
        if change.name in categories
        else change
        for change in changes
    )


def _log_line(event: ev.Warned | ev.ErrorReported | ev.Logged) -> LogLine:
    match event:
        case ev.Warned():
            return LogLine(at=event.at, level="warning", text=event.message)
        case ev.ErrorReported():
            problem = event.problem
            text = " ".join(part for part in (problem.title, problem.message) if part)
            return LogLine(at=event.at, level="error", text=text)
        case ev.Logged():
            return LogLine(at=event.at, level=event.level, text=event.text)
        case _:
            assert_never(event)
