"""A run's stages as they are shown: what a cancel broke off has stopped, not failed."""

from __future__ import annotations

from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import EngineState, RunOutcome, StageProgress
from plan_tui.ui.run_text import is_cancelling


def run_stages(state: EngineState) -> tuple[StageProgress, ...]:
    """The stages of the state's run.

    A stage that stopped is done without a success or a failure of its own: one that a cancel broke
    off, or one that was at work when its run ended.
    """
    apply = state.apply
    if apply is None:
        return ()
    cancelled = apply.outcome is RunOutcome.CANCELLED or is_cancelling(state)
    return tuple(
        _stopped(stage, apply.ended) if _broken_off(stage, cancelled, apply.outcome) else stage
        for stage in apply.stages
    )


def _broken_off(stage: StageProgress, cancelled: bool, outcome: RunOutcome | None) -> bool:
    if stage.meta is None:
        return False
    if not stage.meta.done:
        return outcome is not None
    return cancelled and stage.meta.status is StageStatus.FAIL


def _stopped(stage: StageProgress, ended: int | None) -> StageProgress:
    meta = stage.meta
    assert meta is not None
    end = meta.end if meta.end is not None else ended
    stopped = meta.model_copy(update={"status": StageStatus.INIT, "end": end, "done": True})
    return stage.model_copy(update={"meta": stopped, "message": ""})
