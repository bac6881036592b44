"""Connects anew after a connection broke, so that one lost connection fails one batch only.

SQLMesh keeps a connection for each thread and goes on with one that is dead: every later batch of
that thread fails as well. It pings before a transaction for some warehouses only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from typing import Any

from sqlmesh.utils.connection_pool import SingletonConnectionPool, ThreadLocalConnectionPool

from plan_tui.engine.connection_words import connection_problem, is_lost

logger = logging.getLogger(__name__)
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try; after the last the batch itself says what is wrong."""


class Reconnector:
    """Of one apply; asked by the thread of a batch, before it and after it failed."""

    def __init__(
        self,
        adapters: Collection[Any],
        workers: int = 1,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepares it; nothing is connected yet.

        Args:
            adapters: The engine adapters of the warehouse and of the state.
            workers: How many batches may run at once.
            is_stopped: Whether the apply is to end, so that nobody waits for a connection.
        """
        self._adapters = tuple(adapters)
        self._workers = workers
        self._is_stopped = is_stopped
        self._losses = 0
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._wake = threading.Event()

    def note(self, error: Exception) -> bool:
        """Whether a connection broke; each thread makes new ones before its next batch then."""
        if not is_lost(connection_problem(error, at_work=True)):
            return False
        with self._lock:
            self._losses += 1
        return True

    def before_batch(self, look: Callable[[], object]) -> None:
        """Makes new connections where one broke since this thread's last batch.

        Args:
            look: What is done with the connections first; once more where it finds one broken.
        """
        self._renew()
        try:
            look()
        except Exception as error:
            if not self.note(error):
                raise
            self._renew()
            look()

    def _renew(self) -> None:
        losses = self._losses
        if getattr(self._of_thread, "seen", 0) == losses:
            return
        self._of_thread.seen = losses
        pools = self._own_pools()
        for pause in PAUSES:
            if self._is_stopped():
                return
            self._wake.wait(pause)
            if all(_connects(pool) for pool in pools):
                return

    def _own_pools(self) -> list[Any]:
        """Pools of this thread's own connections: to close one that others use would hurt them."""
        pools = {id(each._connection_pool): each._connection_pool for each in self._adapters}
        return [pool for pool in pools.values() if self._is_own(pool)]

    def _is_own(self, pool: Any) -> bool:
        if isinstance(pool, ThreadLocalConnectionPool):
            return bool(pool._thread_connections)
        alone = isinstance(pool, SingletonConnectionPool) and self._workers == 1
        return alone and pool._connection is not None


def _connects(pool: Any) -> bool:
    """Whether a new connection takes the place of this thread's old one."""
    try:
        pool.close()
        pool.get_cursor()
    except Exception as error:
        logger.info("No connection yet: %s", error)
        return False
    return True
