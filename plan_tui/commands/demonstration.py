"""``plan-tui demo``: a shop to try plan_tui on, with prod deployed and changes pending."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from plan_tui import demo
from plan_tui.cli import EXIT_BAD_INPUT, EXIT_DONE, Settings
from plan_tui.commands.app import missing_terminal, open_app
from plan_tui.commands.failures import CommandFailed
from plan_tui.commands.plan_run import PlanRun
from plan_tui.commands.presses import Presses, hear_again, run_guarded
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import PlanRequest

DEFAULT_DIRECTORY = "plan-tui-demo"
ENVIRONMENT = "dev"


@click.command("demo")
@click.argument("directory", default=DEFAULT_DIRECTORY, type=click.Path(path_type=Path))
@click.option("--prepare-only", is_flag=True, help="Prepare the demo without opening it.")
@click.pass_obj
def demo_command(settings: Settings, /, directory: Path, prepare_only: bool) -> int:
    """Prepare a demo project and open the app on it.

    It is copied to DIRECTORY and deployed to prod there; then changes of every kind are made.
    The next time it is only opened. Without a terminal its plan is printed instead.
    """
    ours = replace(settings, paths=(str(directory),))
    opens = not prepare_only and missing_terminal() is None
    try:
        code = run_guarded(lambda presses: _prepare(ours, directory, presses, prepare_only))
        if code != EXIT_DONE:
            return code
        if opens:
            hear_again()
            return open_app(ours)
        if not prepare_only:
            code = _print_plan(ours)
    except demo.DemoError as error:
        raise CommandFailed(_problem(error), EXIT_BAD_INPUT) from error
    click.echo(f"To open the app on it: {ours.program}")
    return code


async def _prepare(settings: Settings, directory: Path, presses: Presses, ephemeral: bool) -> int:
    """Brings the demo to where changes are pending; returns the exit code."""
    if demo.is_prepared(directory):
        click.echo(f"The demo in {directory} is ready.")
        return EXIT_DONE
    click.echo(f"Copying the demo project to {directory}")
    demo.copy_demo(directory)
    click.echo("Deploying it to prod with SQLMesh, which takes a while to load")
    run = PlanRun(settings, PlanRequest(environment="prod"), ephemeral=ephemeral)
    code = await run.apply(presses)
    if code != EXIT_DONE:
        return code
    click.echo("Changing the project: one change of every kind")
    demo.apply_pending(directory)
    demo.mark_prepared(directory)
    return EXIT_DONE


def _print_plan(settings: Settings) -> int:
    click.echo("")
    run = PlanRun(settings, PlanRequest(environment=ENVIRONMENT), ephemeral=True)
    code = run_guarded(run.show)
    click.echo("")
    return code


def _problem(error: demo.DemoError) -> Problem:
    return Problem(
        code=ProblemCode.BAD_REQUEST, title=error.title, message=error.message, hint=error.hint
    )
