"""Stops what a look-up asks of the warehouse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from plan_tui.engine.interrupter import Interrupter
from plan_tui.engine.looking import Asked


class Stopper:
    """Stops queries that nobody waits for, or that take too long."""

    def __init__(self, asked: Asked, adapter: Any, seconds: float) -> None:
        self._asked = asked
        self._seconds = seconds
        self._over = threading.Event()
        self.timed_out = False
        way = asked.backend.interrupt
        self._interrupter = None
        if way is not None:
            self._interrupter = Interrupter(way, (adapter,), lambda error: None)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While it is entered, the adapter's queries can be stopped."""
        watcher = threading.Thread(target=self._watch, name="stopper", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._over.set()
            watcher.join()
            if self._interrupter is not None:
                self._interrupter.end()

    def _watch(self) -> None:
        waited = 0.0
        while not self._over.wait(0.05):
            waited += 0.05
            self.timed_out = waited >= self._seconds
            if self._asked.dropped.is_set() or self.timed_out:
                if self._interrupter is not None:
                    self._interrupter.begin()
                return
