"""Files of saved plans on the command line: told from environments, written, compared."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from plan_tui.client.api import SocketPort
from plan_tui.client.differences import (
    definition_lines,
    differences,
    moved_definitions,
    only_of_time,
)
from plan_tui.client.errors import EngineRefused
from plan_tui.client.saved import SavedPlanError, write_plan
from plan_tui.client.taking import take_plan
from plan_tui.commands.doing import now
from plan_tui.commands.headless import Screen
from plan_tui.commands.words import count, moment
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.looks import IMPACT, LABELS
from plan_tui.contract.options import sqlmesh_arguments
from plan_tui.contract.origins import Labels
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.text import clean


def file_of(written: str | None) -> Path | None:
    """The file that is meant where an environment may stand, or None for an environment.

    No environment has a dot or a slash in its name, so what has one is a file that is missing.
    """
    if not written:
        return None
    is_file = written.endswith(".json") or os.sep in written or os.path.isfile(written)
    return Path(written) if is_file else None


def refuse_options(request: PlanRequest) -> None:
    """Refuses plan options beside a saved plan, which has its own.

    Raises:
        click.UsageError: There are some.
    """
    given = sqlmesh_arguments(request.model_copy(update={"environment": None}))[1:]
    if given or request.categories:
        words = " ".join(given) or "--category"
        raise click.UsageError(f"A saved plan has its own options: leave out {words}.")


def check_place(path: Path) -> None:
    """Refuses a file that can't be written, before a plan is built for it.

    Raises:
        SavedPlanError: Its directory is missing or closed.
    """
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        why = (
            "It is a directory."
            if path.is_dir()
            else f"{folder} is missing or can't be written to."
        )
        raise SavedPlanError(
            f"{path} can't be written.", why, "Name a file in a directory that you may write to."
        )


async def save_plan(
    port: SocketPort, request: PlanRequest, path: Path, screen: Screen, program: str
) -> None:
    """Saves the plan under review, and says so."""
    words = ["saving"]

    def model(done: int, total: int) -> None:
        words[0] = f"saving, {done:,} of {count(total, 'model')}"

    def step(done: int, total: int) -> None:
        words[0] = f"saving SQL, {done:,} of {count(total, 'step')}"

    screen.status.say(lambda: words[0])
    saved = await take_plan(port, now(), request, model, step)
    write_plan(path, saved)
    for note in saved.left_out.values():
        screen.note(clean(note))
    screen.note(clean(f"Saved to {path}: {program} review {shlex.quote(str(path))} opens it."))


async def tell_differences(port: SocketPort, saved: SavedPlan, screen: Screen) -> Problem | None:
    """Says how the plan under review differs from a saved one; None where it does not."""
    plan = await port.overview()
    labels = await port.look(LABELS) if plan.plan_id else Labels(plan_id="", project="")
    found = list(differences(saved, plan, labels, await port.info()))
    if not found:
        return None
    screen.note(
        f"Error: nothing was applied. The plan is not the one that was saved at "
        f"{moment(saved.written)} UTC:"
    )
    for sentence in found:
        screen.note(clean(f"  {sentence}"))
    await _tell_definitions(port, saved, plan, labels, screen)
    if only_of_time(found) and not saved.request.dates.execution_time:
        screen.note("  A plan saved with --execution-time or --end keeps its intervals.")
    screen.note("  Review it as it is now, and save it again.")
    return Problem(
        code=ProblemCode.STALE_PLAN,
        title="The plan is not the one that was saved.",
        message=" ".join(found),
        hint="Review it as it is now, and save it again.",
    )


async def _tell_definitions(
    port: SocketPort,
    saved: SavedPlan,
    plan: PlanOverviewStageTracker,
    labels: Labels,
    screen: Screen,
) -> None:
    """Shows what was done to the definitions that are other ones now."""
    kept = saved.looks.get(IMPACT.path, {})
    follow = {each.name for each in plan.changes.modified.indirect}
    for name in moved_definitions(saved, labels):
        if name not in kept or name in follow:
            continue
        try:
            now = await port.look(IMPACT, name)
        except EngineRefused:
            continue
        before = ModelImpact.model_validate(kept[name])
        lines = definition_lines(before.sql.raw, now.sql.raw)
        if lines:
            screen.note(clean(f"  {now.view_name}, from the saved plan to now:"))
        for line in lines:
            screen.note(clean(f"    {line}"))
