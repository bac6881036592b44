"""``plan-tui review``, ``plan`` and ``apply``."""

from __future__ import annotations

from typing import Any

import click

from plan_tui.cli import EXIT_BAD_INPUT, Settings
from plan_tui.commands.plan_options import plan_options, request_from
from plan_tui.contract.plan import Category

ephemeral_option = click.option(
    "--ephemeral", is_flag=True, help="End the engine with the command, as in CI."
)


@click.command("review")
@click.argument("environment", required=False)
@plan_options
@click.pass_obj
def review_command(
    settings: Settings, /, environment: str | None, categories: dict[str, Category], **values: Any
) -> int:
    """Open the app with a plan already being built."""
    request = request_from(environment, categories, values)
    from plan_tui.commands.app import open_app

    return open_app(settings, review=request)


@click.command("plan")
@click.argument("environment", required=False)
@plan_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as one JSON document.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="End with 0 when there is nothing to do, 2 when there are changes or backfills.",
)
@ephemeral_option
@click.pass_obj
def plan_command(
    settings: Settings,
    /,
    environment: str | None,
    categories: dict[str, Category],
    as_json: bool,
    detailed_exitcode: bool,
    ephemeral: bool,
    **values: Any,
) -> int:
    """Build a plan and print it whole, without applying anything.

    The environment is the project's default target when it is not named.
    """
    request = request_from(environment, categories, values)
    from plan_tui.commands.plan_run import PlanRun
    from plan_tui.commands.presses import run_guarded

    run = PlanRun(settings, request, as_json=as_json, ephemeral=ephemeral)
    return run_guarded(lambda presses: run.plan(presses, detailed_exitcode=detailed_exitcode))


@click.command("apply")
@click.argument("environment")
@plan_options
@click.option("--yes", is_flag=True, help="Apply without asking; this command never asks.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as one line of JSON.")
@ephemeral_option
@click.pass_obj
def apply_command(
    settings: Settings,
    /,
    environment: str,
    categories: dict[str, Category],
    yes: bool,
    as_json: bool,
    ephemeral: bool,
    **values: Any,
) -> int:
    """Build a plan and apply it, without a screen.

    Ctrl+C cancels: running batches finish and none starts. A second one interrupts them.
    """
    request = request_from(environment, categories, values)
    if settings.read_only:
        return _refuse("--read-only was given, and apply changes data.", "Leave one of them out.")
    if not yes:
        return _refuse(
            f"apply changes data in {environment}, and a command can't ask back.",
            "Look at it with plan-tui plan, then give --yes; or use the app, which asks.",
        )
    from plan_tui.commands.plan_run import PlanRun
    from plan_tui.commands.presses import run_guarded

    run = PlanRun(settings, request, as_json=as_json, ephemeral=ephemeral)
    return run_guarded(run.apply)


def _refuse(why: str, what_to_do: str) -> int:
    click.echo(f"Error: nothing was applied.\n  {why}\n  {what_to_do}", err=True)
    return EXIT_BAD_INPUT
