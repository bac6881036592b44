"""What the first look at a change would have to wait for, worked out while nobody asks.

Tracing what each model is computed from is most of the work of a first look. It follows from the
project alone, so it is done once the list of changes is there, one model at a time, and between
two of them it gives way to every request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)
PAUSE = 0.01
"""Seconds between two looks at whether the requests that came meanwhile are answered."""


class Warming:
    """Works ahead in a thread of its own."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="warming")
        self._asked = 0
        """Requests that are being answered."""

    @contextmanager
    def given_way(self) -> Iterator[None]:
        """While it is entered nothing is worked out ahead; for the event loop's thread only."""
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    def begin(self, backend: Backend, is_review: Callable[[], bool]) -> None:
        """Works ahead for the plan under review, until there is another one or none.

        Args:
            backend: What has the plan.
            is_review: Whether it is still under review.
        """
        built = backend.built
        if built is not None:
            self.pool.submit(self._run, backend, built, is_review)

    def _run(self, backend: Backend, built: BuiltPlan, is_review: Callable[[], bool]) -> None:
        from plan_tui.engine.impact.plan_graph import work_ahead

        try:
            for _ in work_ahead(built):
                while self._asked and is_review():
                    time.sleep(PAUSE)
                now = backend.built
                if not is_review() or now is None or now.plan.plan_id != built.plan.plan_id:
                    return
        except Exception:
            logger.warning("What looks need could not be worked out ahead.", exc_info=True)
