"""``plan-tui review``, ``plan``, ``inspect`` and ``apply``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plan_tui.cli import EXIT_BAD_INPUT, Settings
from plan_tui.commands.plan_options import plan_options, request_from
from plan_tui.commands.plan_places import file_of, refuse_options
from plan_tui.contract.plan import Category

ephemeral_option = click.option(
    "--ephemeral", is_flag=True, help="End the engine with the command that started it, as in CI."
)

notify_option = click.option(
    "--notify",
    metavar="CMD",
    help="Run this when an apply ends, with the result as JSON on its standard input.",
)


@click.command("review")
@click.argument("environment", required=False, metavar="[ENVIRONMENT|FILE]")
@plan_options
@click.option(
    "--git-ref",
    metavar="REF",
    default="",
    help="What tells your changes from drift; the main branch if left out.",
)
@notify_option
@click.pass_obj
def review_command(
    settings: Settings,
    /,
    environment: str | None,
    categories: dict[str, Category],
    git_ref: str,
    notify: str | None,
    **values: Any,
) -> int:
    """Open the app with a plan already being built, or with a saved one as it was.

    A FILE is what exists as one or ends with .json; it is opened to be read.
    """
    request = request_from(environment, categories, values)
    from plan_tui.commands.app import open_app, open_saved

    if (file := file_of(environment)) is not None:
        refuse_options(request)
        if git_ref:
            raise click.UsageError("A saved plan knows whose its changes are: leave out --git-ref.")
        return open_saved(settings, file)

    settings.notify = notify or settings.notify
    return open_app(settings, review=request, git_ref=git_ref)


@click.command("plan")
@click.argument("environment", required=False)
@plan_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    help="How the plan is printed; markdown is a comment of a pull request.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the plan, too, for plan-tui review FILE and apply FILE.",
)
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
    form: str | None,
    as_json: bool,
    out: Path | None,
    detailed_exitcode: bool,
    ephemeral: bool,
    **values: Any,
) -> int:
    """Build a plan and print it whole, without applying anything.

    The environment is the project's default target when it is not named.
    """
    request = request_from(environment, categories, values)
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} are two forms: leave one out.")
    from plan_tui.commands.plan_run import PlanRun
    from plan_tui.commands.presses import run_guarded

    form = "json" if as_json else form or "text"
    run = PlanRun(settings, request, form=form, out=out, ephemeral=ephemeral)
    return run_guarded(lambda presses: run.plan(presses, detailed_exitcode=detailed_exitcode))


@click.command("inspect")
@click.argument("environment")
@click.argument("model")
@plan_options
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON document.")
@ephemeral_option
@click.pass_obj
def inspect_command(
    settings: Settings,
    /,
    environment: str,
    model: str,
    categories: dict[str, Category],
    as_json: bool,
    ephemeral: bool,
    **values: Any,
) -> int:
    """Print what one change of a plan means: what it does, who reads it, what it costs."""
    request = request_from(environment, categories, values)
    from plan_tui.commands.plan_run import PlanRun
    from plan_tui.commands.presses import run_guarded

    run = PlanRun(settings, request, form="json" if as_json else "text", ephemeral=ephemeral)
    return run_guarded(lambda presses: run.inspect(presses, model))


@click.command("apply")
@click.argument("environment", metavar="ENVIRONMENT|FILE")
@plan_options
@click.option("--yes", is_flag=True, help="Apply without asking; this command never asks.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as one line of JSON.")
@notify_option
@ephemeral_option
@click.pass_obj
def apply_command(
    settings: Settings,
    /,
    environment: str,
    categories: dict[str, Category],
    yes: bool,
    as_json: bool,
    notify: str | None,
    ephemeral: bool,
    **values: Any,
) -> int:
    """Build a plan and apply it, without a screen.

    A saved plan (a FILE that exists or ends with .json) is computed anew, and applied only if it
    is still the same; else the difference is shown.

    Ctrl+C cancels: running batches finish and none starts. A second one interrupts them.
    """
    request = request_from(environment, categories, values)
    if settings.read_only:
        return _refuse("--read-only was given, and apply changes data.", "Leave one of them out.")
    if not yes:
        return _refuse(
            f"apply changes data in {environment}, and a command can't ask back.",
            f"Look at it with {settings.program} plan, then give --yes; or use the app: it asks.",
        )
    from plan_tui.commands.plan_run import PlanRun
    from plan_tui.commands.presses import run_guarded

    saved = None
    if (file := file_of(environment)) is not None:
        refuse_options(request)
        from plan_tui.client.saved import read_plan

        saved = read_plan(file)
        request = saved.request
    settings.notify = notify or settings.notify
    form = "json" if as_json else "text"
    run = PlanRun(settings, request, form=form, ephemeral=ephemeral, saved=saved)
    return run_guarded(run.apply)


def _refuse(why: str, what_to_do: str) -> int:
    click.echo(f"Error: nothing was applied.\n  {why}\n  {what_to_do}", err=True)
    return EXIT_BAD_INPUT
