"""What all commands without a screen share: a connection for as long as they run."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from plan_tui.cli import Settings
from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError
from plan_tui.client.launcher import end_started
from plan_tui.client.places import wait_until_gone
from plan_tui.commands.conversation import Conversation, OnStep
from plan_tui.commands.doing import doing, now
from plan_tui.commands.failures import CommandFailed
from plan_tui.commands.presses import Presses
from plan_tui.commands.status_line import StatusLine
from plan_tui.commands.words import elapsed
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.state import EngineState

GONE_TIMEOUT = 20.0
"""Seconds that an ephemeral engine gets to leave before the command ends without it."""


class Screen:
    """Standard output and the status line, which must not write over each other."""

    def __init__(self) -> None:
        self.status = StatusLine()

    def show(self, text: str) -> None:
        """Prints a line to standard output.

        Raises:
            BrokenPipeError: Nobody reads it any more.
            CommandFailed: It can't be written.
        """
        self.status.give_way()
        try:
            click.echo(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise CommandFailed(_unwritten(error)) from error

    def note(self, text: str) -> None:
        """Prints a line to standard error."""
        self.status.give_way()
        click.echo(text, err=True)


@asynccontextmanager
async def engine_of(
    settings: Settings, screen: Screen, *, ephemeral: bool = False
) -> AsyncIterator[SocketPort]:
    """A connected port; an engine that was started for the command alone ends with it."""
    began = now()

    def wait(text: str) -> None:
        screen.status.say(lambda: f"{text}, {elapsed(now() - began)}")

    port = SocketPort(settings.key, ephemeral=ephemeral, on_wait=wait)
    try:
        async with screen.status.ticking():
            await port.connect()
            yield port
    finally:
        if ephemeral:
            await _dismiss(port)
        await port.close()


@asynccontextmanager
async def conversation(
    settings: Settings,
    screen: Screen,
    presses: Presses,
    on_step: OnStep | None = None,
    *,
    ephemeral: bool = False,
) -> AsyncIterator[tuple[SocketPort, Conversation]]:
    """A port, and an engine that is followed, while its work is told on the status line."""

    def step(state: EngineState, event: Event | None) -> None:
        if on_step is not None:
            on_step(state, event)

    async with engine_of(settings, screen, ephemeral=ephemeral) as port:
        talk = Conversation(port, presses, step, settings.program)
        async with talk.follow():
            screen.status.say(lambda: doing(talk.state))
            yield port, talk


def _unwritten(error: OSError) -> Problem:
    return Problem(
        code=ProblemCode.INTERNAL,
        title="The output can't be written.",
        message=error.strerror or str(error),
        hint="Make room there, or write it elsewhere.",
    )


async def _dismiss(port: SocketPort) -> None:
    running = port.running
    if running is None:
        await end_started(GONE_TIMEOUT)
        return
    if not running.started_here:
        return
    with contextlib.suppress(ClientError):
        await port.stop()
    await wait_until_gone(running.files, timeout=GONE_TIMEOUT)
