"""Takes the SQL of a plan's steps along, as much of it as a file should hold."""

from __future__ import annotations

import time
from collections.abc import Callable

from plan_tui.client.errors import EngineRefused
from plan_tui.client.port import EnginePort
from plan_tui.contract.looks import STEP_SQL
from plan_tui.contract.state import StageName
from plan_tui.contract.steps import PlannedStep, PlannedSteps, StepSql

MOST_STEPS = 500
MOST_CHARACTERS = 8_000_000
MOST_SECONDS = 60.0
Progress = Callable[[int, int], None]
"""Told how many of how many steps are taken."""
_FIRST = (
    StageName.MIGRATE,
    StageName.BEFORE_ALL,
    StageName.AFTER_ALL,
    StageName.BACKFILL,
    StageName.DEFERRED_BACKFILL,
    StageName.AUDIT,
)
"""What touches data is taken first: tables and views say little that the steps do not."""


async def take_steps(
    port: EnginePort,
    steps: PlannedSteps,
    on_progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[dict[str, StepSql], str]:
    """The SQL of the steps by their ids, and what was left out and why.

    Args:
        port: The engine that reviews the plan.
        steps: The plan's steps.
        on_progress: Told how far it is.
        clock: Seconds that pass.
    """
    waiting = sorted((step for step in steps.steps if step.has_sql), key=_rank)
    taken: dict[str, StepSql] = {}
    characters, refused, why = 0, "", ""
    until = clock() + MOST_SECONDS
    for number, step in enumerate(waiting):
        why = _full(number, characters, clock() > until)
        if why:
            break
        try:
            found = await port.look(STEP_SQL, step=step.id)
        except EngineRefused as error:
            refused = refused or error.problem.title
            continue
        characters += sum(len(each.sql) for each in found.statements)
        taken[step.id] = found
        if on_progress is not None:
            on_progress(number + 1, len(waiting))
    return taken, _left_out(len(taken), len(waiting), why or refused)


def _rank(step: PlannedStep) -> int:
    return _FIRST.index(step.stage) if step.stage in _FIRST else len(_FIRST)


def _full(number: int, characters: int, late: bool) -> str:
    if number >= MOST_STEPS:
        return f"a file takes at most {MOST_STEPS:,} of them."
    if characters >= MOST_CHARACTERS:
        return f"a file takes at most {MOST_CHARACTERS:,} characters of it."
    return f"it took longer than {MOST_SECONDS:g} seconds." if late else ""


def _left_out(taken: int, total: int, why: str) -> str:
    if taken == total:
        return ""
    return f"The SQL of {total - taken:,} of {total:,} steps was left out: {why}"
