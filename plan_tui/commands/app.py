"""Opening the app, where there is a terminal for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plan_tui.cli import EXIT_BAD_INPUT

if TYPE_CHECKING:
    from plan_tui.cli import Settings
    from plan_tui.contract.plan import PlanRequest


def open_app(settings: Settings, review: PlanRequest | None = None, git_ref: str = "") -> int:
    """Opens the app in the project; returns its exit code."""
    if not _has_terminal(settings):
        return EXIT_BAD_INPUT
    from plan_tui.ui.announcing import Calling
    from plan_tui.ui.app import run_app

    return run_app(
        settings.key,
        review=review,
        read_only=settings.read_only,
        git_ref=git_ref,
        calling=Calling(settings.key, settings.bell, settings.notify),
    )


def open_saved(settings: Settings, file: Path) -> int:
    """Opens the app on a saved plan, to be read; returns its exit code.

    Raises:
        plan_tui.client.saved.SavedPlanError: The file can't be read.
    """
    from plan_tui.client.saved import read_plan

    saved = read_plan(file)
    if not _has_terminal(settings):
        return EXIT_BAD_INPUT
    from plan_tui.client.saved_port import SavedPort
    from plan_tui.ui.app import run_app

    return run_app(settings.key, read_only=True, port=SavedPort(saved, file))


def _has_terminal(settings: Settings) -> bool:
    """Whether there is one; where there is none, says so."""
    missing = missing_terminal()
    if missing is not None:
        click.echo(
            f"Error: the app can't open: {missing}\n"
            f"  {settings.program} plan ENVIRONMENT prints a plan without it.",
            err=True,
        )
    return missing is None


def missing_terminal() -> str | None:
    """Why no full screen can be drawn here, in one sentence, or None."""
    for stream, name in ((sys.stdin, "standard input"), (sys.stdout, "standard output")):
        if not stream.isatty():
            return f"{name} is not a terminal."
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        return "the terminal calls itself dumb (TERM), so it has no full screen."
    return None
