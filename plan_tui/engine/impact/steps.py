"""What an apply of the reviewed plan will run, in SQLMesh's own order of stages."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from plan_tui.contract.review import Step
from plan_tui.contract.steps import PlannedSteps
from plan_tui.engine.awaiting import awaited
from plan_tui.engine.impact.assumed import Assumed, assumed_plan
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.step_listing import listed
from plan_tui.engine.impact.step_stage import Plan, Planned
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.work import PlanWork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlmesh.core.plan.common import SnapshotIntervalClearRequest

    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
CHOOSE = "Choose one with --category MODEL=BREAKING or MODEL=NON_BREAKING."
_listed: Kept[tuple[PlanWork, list[Planned]]] = Kept(2)
PATIENCE = 30.0
"""Seconds after which the state that a restatement needs counts as unreadable."""


def steps_of(asked: Asked) -> PlannedSteps:
    """Every step of the plan."""
    built = asked.built
    found, notes = planned_steps(built, asked.check)
    assumed = assumed_plan(asked) if built.work.evaluatable is None else None
    if isinstance(assumed, Assumed):
        found, more = planned_steps(assumed.built, asked.check)
        notes = (*notes, f"These steps assume: {assumed.words}.", *more)
    elif assumed is not None:
        notes = (*notes, assumed)
    return PlannedSteps(
        plan_id=built.plan.plan_id,
        steps=tuple(each.step for each in found),
        notes=notes,
        assumed=isinstance(assumed, Assumed),
    )


def as_shown(asked: Asked) -> Asked:
    """The question about the plan whose steps are shown: an open one is shown as it would be."""
    if asked.built.work.evaluatable is not None:
        return asked
    assumed = assumed_plan(asked)
    return replace(asked, plan=assumed.built) if isinstance(assumed, Assumed) else asked


def document_steps(built: BuiltPlan) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The steps as the plan's document tells them, and why there are none, or not all."""
    found, notes = planned_steps(built, lambda: None)
    steps = (
        Step(stage=str(each.step.stage), model=each.step.model, text=each.step.text)
        for each in found
    )
    return tuple(steps), notes


def planned_steps(
    built: BuiltPlan, check: Callable[[], None]
) -> tuple[list[Planned], tuple[str, ...]]:
    """The steps with what they run from, and what can't be told.

    Args:
        built: The plan.
        check: Called while it waits; may raise to stop.
    """
    if built.work.evaluatable is None:
        count = len(built.plan.uncategorized)
        subject = "1 model has" if count == 1 else f"{count:,} models have"
        return [], (f"{subject} no category yet, and what will run follows from it. {CHOOSE}",)
    if _is_left_alone(built):
        return [], ("Nothing would run: nothing changed, and nothing is missing.",)
    cleared: Sequence[SnapshotIntervalClearRequest] = ()
    notes: tuple[str, ...] = ()
    if any(type(each.stage).__name__ == "RestatementStage" for each in built.work.layout):
        cleared, notes = _cleared(built, check)
    plan = Plan(built.view, built.work, cleared)
    key = (id(built.work), built.plan.plan_id, bool(notes))
    # The work is kept with its steps, so that no other one can get its id.
    _, found = _listed.get(key, lambda: (built.work, list(listed(plan))))
    return found, notes


def _is_left_alone(built: BuiltPlan) -> bool:
    """Whether ``Context.apply`` would return without doing anything."""
    plan = built.plan
    changes = plan.context_diff.has_changes or plan.has_unmodified_unpromoted
    return not changes and not plan.requires_backfill


def _cleared(
    built: BuiltPlan, check: Callable[[], None]
) -> tuple[Sequence[SnapshotIntervalClearRequest], tuple[str, ...]]:
    """What other environments lose, from the state that is read right after the plan is shown."""
    try:
        return awaited(built.known, check, PATIENCE).cleared, ()
    except LookDropped:
        raise
    except Exception:
        logger.info("What other environments lose can't be read.", exc_info=True)
    return (), ("What other environments lose is not known: the state could not be read.",)
