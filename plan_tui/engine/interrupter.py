"""Stops running queries again and again until their run has ended, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from plan_tui.engine.interrupts import Adapters, Interrupt, interrupt_all

logger = logging.getLogger(__name__)


class Interrupter:
    """One run's interrupts: asking a warehouse to stop may take as long as the network does."""

    def __init__(
        self, way: Interrupt, adapters: Adapters, on_failure: Callable[[Exception], object]
    ) -> None:
        """Prepares it; nothing is stopped yet.

        Args:
            way: How queries of this warehouse are stopped.
            adapters: Whose queries.
            on_failure: Told once when a whole round stopped nothing and something went wrong.
        """
        self._way = way
        self._adapters = tuple(adapters)
        self._on_failure = on_failure
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Starts to stop queries; again it does nothing."""
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="interrupts", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """The run has ended: nothing is stopped from here on."""
        with self._lock:
            self._ended.set()
        if self._thread is not None:
            # A round that hangs in the network must not keep the end of the run back.
            self._thread.join(5)

    def _run(self) -> None:
        told_of_failure = False
        while not self._ended.is_set():
            told, failure = interrupt_all(self._way, self._adapters)
            if failure is not None:
                logger.info("A query could not be interrupted.", exc_info=failure)
            if failure is not None and not told and not told_of_failure:
                told_of_failure = True
                self._on_failure(failure)
            self._ended.wait(self._way.pace)
