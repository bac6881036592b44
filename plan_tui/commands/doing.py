"""What an engine is doing, in a few words, with the time it has taken."""

from __future__ import annotations

import time

from plan_tui.commands.words import count, duration, elapsed
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ModelStatus,
    ProjectState,
    SessionState,
    StageName,
    StageProgress,
)

STAGE_WORDS = {
    StageName.IMPORTING: "importing SQLMesh",
    StageName.LOADING: "loading the project",
    StageName.VALIDATION: "validation",
    StageName.CHANGES: "changes",
    StageName.BACKFILLS: "backfills",
    StageName.BEFORE_ALL: "before_all statements",
    StageName.CREATION: "creating tables",
    StageName.AUDIT: "audits",
    StageName.BACKFILL: "backfill",
    StageName.RESTATE: "restatement",
    StageName.MIGRATE: "schema changes",
    StageName.DEFERRED_BACKFILL: "backfill after promotion",
    StageName.PROMOTE: "promotion",
    StageName.FINALIZE: "finalization",
    StageName.AFTER_ALL: "after_all statements",
}


def now() -> int:
    """Now in epoch milliseconds, as the engine tells time."""
    return int(time.time() * 1000)


def doing(state: EngineState) -> str:
    """What the engine does right now; empty when it does nothing."""
    if state.cancel is not None and not state.cancel.meta.done:
        waits = f": {state.cancel.message}" if state.cancel.message else ""
        return f"cancelling{waits}"
    stage = current_stage(state)
    if stage is not None:
        words = stage_text(stage)
        if state.state is SessionState.APPLYING and state.apply is not None:
            words += _batches_text(state.apply)
        return words
    if state.info is not None and state.info.project_state is not ProjectState.READY:
        return f"the project is {state.info.project_state}"
    if state.state is SessionState.PLANNING:
        return f"planning, {elapsed(now() - state.since)}"
    if state.state is SessionState.APPLYING:
        return f"applying, {elapsed(now() - state.since)}"
    return ""


def current_stage(state: EngineState) -> StageProgress | None:
    """The stage at work, if any."""
    stages: tuple[StageProgress, ...] = ()
    if state.state is SessionState.APPLYING and state.apply is not None:
        stages = state.apply.stages
    elif state.state is SessionState.PLANNING and state.planning is not None:
        stages = state.planning.stages
    at_work = [stage for stage in stages if stage.meta is not None and not stage.meta.done]
    return at_work[-1] if at_work else state.loading


def stage_text(stage: StageProgress) -> str:
    """A stage with what is at work in it, how far it is and how long it has taken."""
    words = STAGE_WORDS[stage.name]
    if stage.total:
        words += f" {stage.done:,} of {stage.total:,}"
    if stage.message and stage.message.casefold() != words.casefold():
        words += f": {stage.message}"
    if stage.meta is not None and stage.meta.end is not None:
        words += f", {duration(stage.meta.end - stage.meta.start)}"
    elif stage.meta is not None:
        words += f", {elapsed(now() - stage.meta.start)}"
    return words


def batches(apply: ApplyProgress) -> tuple[int, int]:
    """Batches done, and in total."""
    models = apply.models.values()
    return sum(model.done for model in models), sum(model.total for model in models)


def _batches_text(apply: ApplyProgress) -> str:
    done, total = batches(apply)
    if not total:
        return ""
    running = sum(model.status is ModelStatus.RUNNING for model in apply.models.values())
    words = f"; {done:,} of {count(total, 'batch')}"
    if running:
        words += f", {count(running, 'model')} running"
    if apply.remaining is not None:
        words += f", about {duration(apply.remaining)} left"
    return words
