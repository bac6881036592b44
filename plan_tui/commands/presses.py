"""Ctrl+C of the headless commands: once to cancel gracefully, twice to interrupt."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import click

from plan_tui.cli import EXIT_CANCELLED

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Presses:
    """Counts presses; without anything to cancel, a press ends the command."""

    def __init__(self) -> None:
        self.count = 0
        self._on_press: Callable[[int], None] | None = None
        self._command: asyncio.Task[int] | None = None
        self._farewell = ""

    def handle(self, on_press: Callable[[int], None] | None) -> None:
        """Sets what a press does from now on: it gets the number of the press."""
        self._on_press = on_press
        self.count = 0

    def press(self) -> None:
        """Takes a press."""
        self.count += 1
        if self._on_press is not None:
            self._on_press(self.count)
        else:
            self.leave("Cancelled.")

    def leave(self, farewell: str) -> None:
        """Ends the command, whatever the engine does, with a last word on stderr."""
        self._farewell = farewell
        if self._command is not None:
            self._command.cancel()

    async def guard(self, command: Coroutine[Any, Any, int]) -> int:
        """Runs a command; 4 when a press ended it.

        SIGTERM counts as a press: what a supervisor ends is to be cancelled, while a closed
        terminal (SIGHUP) only ends the command and leaves the engine to its work. Once the command
        has its exit code no press changes it, until ``hear_again``: the handlers are not asyncio's,
        which gives the signals back a moment before the process ends.
        """
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_hush)
        self._command = asyncio.ensure_future(command)

        def press(number: int, frame: object) -> None:
            loop.call_soon_threadsafe(self.press)

        for number in SIGNALS:
            signal.signal(number, press)
        try:
            return await self._command
        except asyncio.CancelledError:
            if not self._farewell:
                raise
            click.echo(self._farewell, err=True)
            return EXIT_CANCELLED
        finally:
            for number in SIGNALS:
                signal.signal(number, _come_too_late)


def _come_too_late(number: int, frame: object) -> None:
    """A press after the command has its exit code, which changes nothing."""


def hear_again() -> None:
    """Has signals do what they did before a command: the process goes on with something else."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _hush(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Keeps to itself what asyncio would print of a callback that came too late.

    A socket may become readable in the turn in which its reader is cancelled: the reader's future
    is done by then, and asyncio prints a traceback of that on stderr.
    """
    if not isinstance(context.get("exception"), asyncio.InvalidStateError):
        loop.default_exception_handler(context)


def run_guarded(command: Callable[[Presses], Coroutine[Any, Any, int]]) -> int:
    """Runs an asynchronous command to its exit code."""

    async def guarded() -> int:
        presses = Presses()
        return await presses.guard(command(presses))

    return asyncio.run(guarded())
