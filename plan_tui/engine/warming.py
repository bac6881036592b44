"""What the first look at a change would have to wait for, worked out while nobody asks.

Tracing what each model is computed from is most of the work of a first look. It follows from the
project alone, so it is done once the list of changes is there, one model at a time, and between
two of them it gives way to every request. Once nobody has asked for anything for a while, changes
are looked at like a reader would, those next to the one that was looked at last first, so that
the cursor finds them known; after each choice anew, as it moves what the others cost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.looking import Asked
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
PAUSE = 0.01
"""Seconds between two looks at whether the requests that came meanwhile are answered."""
QUIET = 0.4
"""Seconds without a request after which changes are looked at."""
MOST_LOOKS = 60
"""Changes that are looked at ahead."""
FIRST_LOOK = 0.5
"""Seconds at most for which what follows a plan waits for the first look at one of its changes."""
POLITENESS = 1.0
"""Seconds at most for which a slow look-up stands back behind looks at the cursor's change."""


class Warming:
    """Works ahead in a thread of its own."""

    def __init__(self, is_review: Callable[[], bool]) -> None:
        """Makes it.

        Args:
            is_review: Whether a plan is under review.
        """
        self._is_review = is_review
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="warming")
        self.looked_at = ""
        """The name of the model that somebody looked at last."""
        self._asked = 0
        """Requests that are being answered."""
        self._looks = 0
        """Looks at the cursor's change that are."""
        self._answered = time.monotonic()
        """When the last one was."""

    @contextmanager
    def given_way(self) -> Iterator[None]:
        """While it is entered nothing is worked out ahead; for the event loop's thread only."""
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1
            self._answered = time.monotonic()

    @contextmanager
    def looking_at(self, name: str) -> Iterator[None]:
        """While it is entered somebody waits at a change; for the event loop's thread only.

        Args:
            name: The model.
        """
        self.looked_at = name
        self._looks += 1
        try:
            yield
        finally:
            self._looks -= 1

    def stand_back(self, most: float) -> float:
        """Waits while somebody waits at a change; returns how many seconds that took.

        Threads of Python share one processor: what nobody waits for would slow down what
        somebody does wait for.

        Args:
            most: Seconds to wait at most.
        """
        begun = time.monotonic()
        while self._looks and time.monotonic() - begun < most:
            time.sleep(PAUSE)
        return time.monotonic() - begun

    def begin(self, backend: Backend) -> None:
        """Works ahead for the plan under review, until there is another one or none.

        Args:
            backend: What has the plan.
        """
        built = backend.built
        if built is not None:
            self.pool.submit(self._run, backend, built)

    def _run(self, backend: Backend, built: BuiltPlan) -> None:
        from plan_tui.engine.impact.ahead import look_ahead, trace_ahead
        from plan_tui.engine.looking import Asked, LookDropped

        def check() -> None:
            now = backend.built
            if not self._is_review() or now is None or now.plan.plan_id != built.plan.plan_id:
                raise LookDropped

        def give_way(quiet: float = 0.0) -> None:
            check()
            while self._asked or time.monotonic() - self._answered < quiet:
                time.sleep(PAUSE)
                check()

        def asked() -> Asked:
            return Asked(backend, backend.built, dropped=_Disturbed(self))

        try:
            for _ in trace_ahead(built):
                give_way()
            give_way(QUIET)
            for _ in look_ahead(asked, lambda: self.looked_at, check, MOST_LOOKS):
                give_way(QUIET)
        except LookDropped:
            pass
        except Exception:
            logger.warning("What looks need could not be worked out ahead.", exc_info=True)


class Polite(threading.Event):
    """Whether a slow look-up was dropped; asking that stands back behind looks at a change."""

    def __init__(self, warming: Warming) -> None:
        super().__init__()
        self._warming = warming
        self._left = POLITENESS

    def is_set(self) -> bool:
        if self._left > 0 and not super().is_set():
            self._left -= self._warming.stand_back(self._left)
        return super().is_set()


class _Disturbed(threading.Event):
    """Set while somebody else waits for an answer, so that a look gives way in its midst."""

    def __init__(self, warming: Warming) -> None:
        super().__init__()
        self._warming = warming

    def is_set(self) -> bool:
        return self._warming._asked > 0
