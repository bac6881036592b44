"""The terminal that the app needs, and what to do when it is gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

HANG_UP_CHECK = 0.5
"""Seconds between two looks whether the terminal is still there."""

LAST_SECONDS = 2.0
"""Seconds that a leaving app may take once its terminal is gone."""

HUNG_UP = select.POLLHUP | select.POLLERR | select.POLLNVAL


def terminal_problem() -> str | None:
    """Why the app can't be shown here, in a sentence, or None when it can."""
    for stream, name in ((sys.__stdin__, "input"), (sys.__stdout__, "output")):
        if stream is None or not stream.isatty():
            return (
                f"The app needs a terminal, and its {name} is none. "
                "Use `plan-tui plan ENV` or `plan-tui apply ENV --yes` without one."
            )
    if os.environ.get("TERM", "dumb") == "dumb":
        return (
            "The app needs a terminal that can move the cursor, and TERM says `dumb`. "
            "Set TERM, or use `plan-tui plan ENV`."
        )
    return None


def is_hung_up(descriptor: int) -> bool:
    """Whether the terminal behind a descriptor is gone."""
    poll = select.poll()
    poll.register(descriptor, 0)
    with suppress(OSError):
        return any(event & HUNG_UP for _, event in poll.poll(0))
    return True


def leave_on_signals(leave: Callable[[int], object]) -> None:
    """Leaves on SIGHUP and SIGTERM, whether or not they were ignored before."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, leave, 128 + number)


def end_soon(code: int) -> None:
    """Ends the process, should leaving hang on a terminal that is gone."""
    timer = threading.Timer(LAST_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()
