"""``plan-tui engine``: the engine by hand."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing, suppress

import click

from plan_tui.cli import EXIT_DONE, EXIT_FAILED, Settings
from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError
from plan_tui.client.launcher import dismiss_engine
from plan_tui.client.places import private_files, wait_until_gone
from plan_tui.client.stream import follow
from plan_tui.commands.doing import doing
from plan_tui.commands.headless import Screen, engine_of
from plan_tui.commands.presses import Presses, run_guarded
from plan_tui.contract.state import EngineState
from plan_tui.contract.text import clean

LEAVE_TIMEOUT = 30.0


@click.group("engine")
def engine_command() -> None:
    """Start, stop or look at this project's engine by hand."""


@engine_command.command("start")
@click.option("--wait", is_flag=True, help="Return once the project is loaded.")
@click.pass_obj
def start_command(settings: Settings, /, wait: bool) -> int:
    """Start the engine, so that the next command finds it warm."""
    return run_guarded(lambda presses: _start(settings, presses, wait))


@engine_command.command("stop")
@click.pass_obj
def stop_command(settings: Settings, /) -> int:
    """Tell the engine to leave; an apply that runs is finished first."""
    return asyncio.run(_stop(settings))


@engine_command.command("log")
@click.option("-n", "--lines", type=click.IntRange(min=1), help="The last lines only.")
@click.pass_obj
def log_command(settings: Settings, /, lines: int | None) -> int:
    """Print the engine's log, also when it is gone."""
    path = private_files(settings.key).log
    try:
        with path.open(encoding="utf-8", errors="replace") as log:
            for line in log if lines is None else deque(log, maxlen=lines):
                click.echo(clean(line.rstrip("\n")))
    except FileNotFoundError:
        click.echo(f"There is no log yet: no engine has run for this project ({path}).", err=True)
        return EXIT_FAILED
    return EXIT_DONE


async def _start(settings: Settings, presses: Presses, wait: bool) -> int:
    screen = Screen()
    async with engine_of(settings, screen) as port:
        if wait:
            watching = asyncio.create_task(_tell_loading(port, screen))
            try:
                await port.project()
            finally:
                watching.cancel()
        info = await port.info()
    screen.show(f"The engine runs as process {info.pid}; its log is {info.log_path}.")
    return EXIT_DONE


async def _tell_loading(port: SocketPort, screen: Screen) -> None:
    state = EngineState()
    screen.status.say(lambda: doing(state))
    # Whoever waits for the project is told of a loss as well.
    with suppress(ClientError):
        async with aclosing(follow(port)) as steps:
            async for state, _ in steps:  # noqa: B007 - the status line looks at it
                pass


async def _stop(settings: Settings) -> int:
    dismissed = await dismiss_engine(settings.key)
    if dismissed is None:
        click.echo("No engine runs for this project.")
    elif dismissed.applying:
        click.echo(
            f"The engine (process {dismissed.pid}) is applying; it leaves when that is done.\n"
            f"To stop the apply itself: {settings.program} cancel."
        )
    elif await wait_until_gone(private_files(settings.key), timeout=LEAVE_TIMEOUT):
        click.echo(f"The engine (process {dismissed.pid}) has left.")
    else:
        text = f"Error: the engine (process {dismissed.pid}) was told to leave and has not."
        click.echo(text, err=True)
        return EXIT_FAILED
    return EXIT_DONE
