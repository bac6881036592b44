"""``plan-tui resume``: the rest of an apply that its engine did not live to end."""

from __future__ import annotations

import click

from plan_tui.cli import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED, Settings
from plan_tui.commands.headless import Screen, engine_of
from plan_tui.commands.plan_run import PlanRun
from plan_tui.commands.presses import Presses, run_guarded
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.interrupted_words import known_lines
from plan_tui.contract.text import clean


@click.command("resume")
@click.argument("environment", required=False)
@click.option("--yes", is_flag=True, help="Do the rest; without it, only print what is left.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as one line of JSON.")
@click.pass_obj
def resume_command(settings: Settings, /, environment: str | None, yes: bool, as_json: bool) -> int:
    """Say what is left of an apply whose engine died; with --yes, do only that.

    The plan is built again with the same dates, options and categories.
    """
    if yes and settings.read_only:
        click.echo("Error: --read-only was given, and resume --yes changes data.", err=True)
        return EXIT_BAD_INPUT
    return run_guarded(lambda presses: _resume(settings, presses, environment, yes, as_json))


async def _resume(
    settings: Settings, presses: Presses, environment: str | None, yes: bool, as_json: bool
) -> int:
    screen = Screen()
    async with engine_of(settings, screen) as port:
        # An engine that has loaded the project has also looked for what was interrupted.
        await port.project()
        runs = (await port.state()).interrupted
    wanted = [run for run in runs if environment in (None, run.environment)]
    if not wanted:
        where = f" to {environment}" if environment else ""
        screen.note(clean(f"No apply{where} was interrupted, so there is nothing to resume."))
        return EXIT_DONE
    if len(wanted) > 1:
        names = ", ".join(run.environment for run in wanted)
        screen.note(clean(f"Error: several applies were interrupted: {names}. Name one of them."))
        return EXIT_BAD_INPUT
    (run,) = wanted
    show = screen.note if as_json else screen.show
    for line in known_lines(run):
        show(clean(line))
    if not run.is_resumable:
        return EXIT_DONE
    return await _plan_rest(settings, presses, run, yes, as_json)


async def _plan_rest(
    settings: Settings, presses: Presses, run: InterruptedRun, yes: bool, as_json: bool
) -> int:
    rest = PlanRun(settings, run.request, form="json" if as_json else "text")
    if yes:
        return await rest.apply(presses)
    code = await rest.plan(presses)
    if code == EXIT_DONE:
        program = settings.program
        rest.screen.note(clean(f"Do it with: {program} resume {run.environment} --yes"))
    return code if code == EXIT_DONE else EXIT_FAILED
