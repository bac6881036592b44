"""How a promoted environment stands after an apply that broke off, in sentences; pure."""

from __future__ import annotations

from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import ApplyProgress, StageName


def standing_after(apply: ApplyProgress) -> list[str]:
    """How the environment stands whose record has the new versions; not made safe to show."""
    environment = apply.environment
    if failed_stage(apply) is StageName.AFTER_ALL:
        lead = f"{environment} points at the new versions, but the statements after it (after_all)"
        return [f"{lead} failed.", statements_again(environment)]
    ended = {stage.name: stage.meta.status for stage in apply.stages if stage.meta is not None}
    if ended.get(StageName.FINALIZE) is StageStatus.SUCCESS:
        return [f"{environment} points at the new versions."]
    return [
        f"{environment} is half applied: its record has the new versions, and its views may not "
        "yet. The next apply resumes it."
    ]


def failed_stage(apply: ApplyProgress) -> StageName | None:
    """The stage that an apply broke off in, where one of its own failed."""
    failed = (s.name for s in apply.stages if s.meta and s.meta.status is StageStatus.FAIL)
    return next(failed, None)


def statements_again(environment: str) -> str:
    """When SQLMesh runs ``after_all`` again: no plan has them as work to do."""
    return (
        f"SQLMesh runs them all again with the next apply to {environment} that has anything to "
        f"do, and with sqlmesh run {environment} once a model is due. To have that at once, "
        "restate a model, or run them by hand."
    )
