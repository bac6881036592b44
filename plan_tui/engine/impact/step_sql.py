"""The SQL of one step, put together by SQLMesh's own evaluator and executed by nobody."""

from __future__ import annotations

import logging

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.steps import Statement, StepSql
from plan_tui.engine.impact.recorder import AsksWarehouse
from plan_tui.engine.impact.step_recording import Recording
from plan_tui.engine.impact.steps import as_shown, planned_steps
from plan_tui.engine.looking import Asked, LookDropped
from plan_tui.engine.problems import sentence_of
from plan_tui.engine.refused import Refused, no_plan

logger = logging.getLogger(__name__)
MOST_CHARACTERS = 200_000
"""Of one statement: a seed's values may have megabytes."""


def step_sql_of(asked: Asked) -> StepSql:
    """The statements of the step that ``step`` names.

    Raises:
        Refused: The plan has no such step.
    """
    built, wanted = asked.built, asked.params.get("step", "")
    if asked.backend.built is not built:
        raise Refused(no_plan(), 404)
    asked = as_shown(asked)
    steps = planned_steps(asked.built, asked.check)[0]
    at = next((at for at, each in enumerate(steps) if each.step.id == wanted), None)
    if at is None:
        raise Refused(_no_step(), 404)
    asked.check()
    recording = Recording(asked, steps[at], steps[:at])
    notes = []
    try:
        recording.run()
    except LookDropped:
        raise
    except Exception as error:
        logger.info("No SQL of %s.", wanted, exc_info=error)
        notes.append(_why_not(error))
    return StepSql(
        plan_id=built.plan.plan_id,
        step=wanted,
        dialect=recording.dialect,
        statements=tuple(_shown(each) for each in recording.statements),
        notes=(*recording.notes, *notes),
    )


def _shown(sql: str) -> Statement:
    if len(sql) <= MOST_CHARACTERS:
        return Statement(sql=sql)
    left = len(sql) - MOST_CHARACTERS
    return Statement(sql=f"{sql[:MOST_CHARACTERS]}\n-- and {left:,} characters more")


def _why_not(error: Exception) -> str:
    causes: list[BaseException] = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    asks = next((each for each in causes if isinstance(each, AsksWarehouse)), None)
    if asks is not None:
        return f"The rest is known only when it runs: {asks}"
    return f"The rest can't be put together: {sentence_of(error)}"


def _no_step() -> Problem:
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title="The plan has no such step any more.",
        message="It was built again, or a category was changed, since the steps were listed.",
        hint="List the steps again.",
    )
