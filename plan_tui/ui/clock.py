"""The time as the screens see it; tests stop it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in epoch milliseconds."""

    def __call__(self) -> int: ...


def wall_clock() -> int:
    """The machine's time."""
    return time.time_ns() // 1_000_000


def now_of(app: object) -> int:
    """The time of an app, or the machine's for an app that has no clock."""
    clock: Clock = getattr(app, "clock", wall_clock)
    return clock()
