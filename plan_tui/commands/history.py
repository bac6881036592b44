"""``plan-tui history``: what was planned and applied, without an engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import click

from plan_tui.cli import EXIT_DONE, Settings
from plan_tui.client.history import history_of, recorded_run
from plan_tui.commands.history_text import history_lines, run_lines
from plan_tui.contract.history import RunKind

DEFAULT_LIMIT = 20


@click.command("history")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON document.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="How many runs, the newest first.",
)
@click.option("--plans", is_flag=True, help="List the plans that were built, too.")
@click.pass_obj
def history_command(
    settings: Settings, /, run: str | None, as_json: bool, limit: int, plans: bool
) -> int:
    """List what was applied when, how long it took and what failed; or print one RUN whole.

    RUN is a run's id as the list shows it.
    """
    if run is not None:
        detail = asyncio.run(recorded_run(settings.key, run))
        _print(run_lines(detail), json.loads(detail.model_dump_json()) if as_json else None)
        return EXIT_DONE
    kinds = (RunKind.APPLY, RunKind.PLAN) if plans else (RunKind.APPLY,)
    history = asyncio.run(history_of(settings.key, kinds, limit))
    _print(history_lines(history), json.loads(history.model_dump_json()) if as_json else None)
    return EXIT_DONE


def _print(lines: Iterable[str], document: object) -> None:
    if document is not None:
        click.echo(json.dumps(document))
        return
    for line in lines:
        click.echo(line)
