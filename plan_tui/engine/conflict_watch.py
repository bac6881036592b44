"""Looks, while an apply runs, whether somebody else applied to the same environment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from plan_tui.contract.plan import CancelMode
from plan_tui.engine.breaker import Breaker, TripReason

if TYPE_CHECKING:
    from plan_tui.engine.environment_lock import EnvironmentLock

LONGEST = 1.0
"""Seconds between two looks while batches run, at most."""
SHARE = 50
"""A look is made again after this many times what it took: looking costs 2% of the time."""


class ConflictWatch:
    """Trips the breaker of an apply whose environment moved."""

    def __init__(self, find: Callable[[], str | None], breaker: Breaker) -> None:
        self._find = find
        self._breaker = breaker
        self._next = float("-inf")
        self.lock: EnvironmentLock | None = None
        """What keeps others out, where the state has such a thing."""

    def between_batches(self) -> None:
        """Looks, unless that was done a moment ago."""
        if time.monotonic() >= self._next:
            self.look()

    def look(self) -> None:
        """Looks, and trips the breaker with what was found."""
        began = time.monotonic()
        # Of several batches that start at once, one looks.
        self._next = began + LONGEST
        lost = self.lock.lost() if self.lock is not None else None
        conflict = lost or self._find()
        ended = time.monotonic()
        self._next = ended + min(LONGEST, SHARE * (ended - began))
        if conflict:
            self._breaker.trip(CancelMode.GRACEFUL, TripReason.CONFLICT, conflict)
