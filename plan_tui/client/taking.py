"""Gathers what a document or a saved plan tells, from an engine that reviews it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from pydantic import JsonValue

from plan_tui.client.errors import EngineRefused
from plan_tui.client.markdown import PlanReport
from plan_tui.client.plan_names import view_names
from plan_tui.client.port import EnginePort
from plan_tui.client.seed_rows import impact_with_rows
from plan_tui.client.taking_steps import take_steps
from plan_tui.contract import looks
from plan_tui.contract.base import Millis, Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.looks import Look
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.origins import Labels
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineState, PlanFacts
from plan_tui.contract.steps import PlannedSteps

Progress = Callable[[int, int], None]
"""Told how many of how many models are taken."""


async def take_report(port: EnginePort, on_progress: Progress | None = None) -> PlanReport:
    """What a document tells of the plan under review.

    Raises:
        EngineRefused: There is no plan, or another one was built meanwhile.
    """
    plan, state = await port.overview(), await port.state()
    changes = plan.changes
    made = (*changes.modified.direct, *changes.added, *changes.modified.metadata)
    impacts: dict[str, ModelImpact] = {}
    for number, change in enumerate(made):
        impact = await _asked(port, looks.IMPACT, change.name)
        if impact is not None:
            impacts[change.name] = impact
        if on_progress is not None:
            on_progress(number + 1, len(made))
    estimate = await _asked(port, looks.ESTIMATE) if plan.backfills.models else None
    report = PlanReport(plan, state.facts, impacts, estimate)
    _check_same(plan, state, [*impacts.values(), *([estimate] if estimate is not None else [])])
    return report


async def take_plan(
    port: EnginePort,
    written: Millis,
    request: PlanRequest,
    on_progress: Progress | None = None,
    on_step: Progress | None = None,
) -> SavedPlan:
    """The plan under review with all that is known of it.

    Args:
        port: The engine that reviews it.
        written: The time.
        request: What was asked for.
        on_progress: Told how many models are taken.
        on_step: Told of how many steps the SQL is.

    Raises:
        EngineRefused: There is no plan, or another one was built meanwhile.
    """
    plan = await port.overview()
    labels = await port.look(looks.LABELS) if plan.plan_id else Labels(plan_id="", project="")
    details, answers = await _take_models(port, plan, on_progress)
    left_out = await _take_rest(port, plan, answers, on_step)
    state = await port.state()
    given = [answer for kept in answers.values() for answer in kept.values()]
    facts = _check_same(plan, state, [labels, *details.values(), *given])
    categories = {**(request.categories or {}), **facts.chosen} or None
    return SavedPlan(
        written=written,
        info=await port.info(),
        request=request.model_copy(update={"categories": categories}),
        plan=plan,
        facts=facts,
        labels=labels,
        details=details,
        looks={path: _dumped(kept) for path, kept in answers.items()},
        left_out=left_out,
    )


def _dumped(answers: Mapping[str, Wire]) -> dict[str, JsonValue]:
    return {name: json.loads(answer.model_dump_json()) for name, answer in answers.items()}


async def _take_models(
    port: EnginePort, plan: PlanOverviewStageTracker, on_progress: Progress | None
) -> tuple[dict[str, ModelDetail], dict[str, dict[str, Wire]]]:
    """The details of every model, and the answers of look-ups by path and model."""
    names = list(view_names(plan))
    details: dict[str, ModelDetail] = {}
    answers: dict[str, dict[str, Wire]] = {}
    for number, name in enumerate(names):
        details[name] = await port.model(name)
        for look in looks.ALL:
            if look.saved == "model" and (answer := await _asked(port, look, name)) is not None:
                answers.setdefault(look.path, {})[name] = answer
        if on_progress is not None:
            on_progress(number + 1, len(names))
    return details, answers


async def _take_rest(
    port: EnginePort,
    plan: PlanOverviewStageTracker,
    answers: dict[str, dict[str, Wire]],
    on_step: Progress | None,
) -> dict[str, str]:
    """Adds the answers of the whole plan and of its steps; returns what is left out, and why."""
    for look in looks.ALL:
        wanted = look.saved == "plan" and plan.plan_id
        if wanted and (found := await _asked(port, look)) is not None:
            answers[look.path] = {"": found}
    steps = answers.get(looks.STEPS.path, {}).get("")
    if not isinstance(steps, PlannedSteps):
        return {}
    sql, note = await take_steps(port, steps, on_step)
    answers[looks.STEP_SQL.path] = dict(sql)
    return {looks.STEP_SQL.path: note} if note else {}


async def _asked(port: EnginePort, look: Look[looks.W_co], name: str = "") -> looks.W_co | None:
    """An answer, or None where the engine has none for this model."""
    try:
        if look.path == looks.IMPACT.path:
            return cast("looks.W_co", await impact_with_rows(port, name))
        return await port.look(look, name)
    except EngineRefused:
        return None


def _check_same(
    plan: PlanOverviewStageTracker, state: EngineState, answers: Iterable[Wire]
) -> PlanFacts:
    """The facts of the plan that all of it was told of.

    Raises:
        EngineRefused: Something was told of another plan.
    """
    facts = state.facts
    ids = {getattr(answer, "plan_id", plan.plan_id) for answer in answers}
    if facts is None or state.plan is None or {facts.plan_id, *ids} != {plan.plan_id}:
        raise EngineRefused(
            Problem(
                code=ProblemCode.CONFLICT,
                title="Another plan took the place of this one while it was written down.",
                message="An engine reviews one plan at a time.",
                hint="Try again.",
            ),
            409,
        )
    return facts
