"""Connects anew after a connection broke, so that one lost connection fails one batch only.

SQLMesh keeps a connection for each thread and goes on with one that is dead: every later batch of
that thread fails as well. It pings before a transaction for some warehouses only. A batch is not
run again by itself, since it may be in part; tables, views and the state's records are, as SQLMesh
does the same with them when the plan is applied again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlmesh.utils.connection_pool import SingletonConnectionPool, ThreadLocalConnectionPool

from plan_tui.engine.connection_words import connection_problem, is_lost

logger = logging.getLogger(__name__)
Done = TypeVar("Done")
RETRIES = 2
"""How often work that may be repeated is done again, each time with a new connection."""
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try; after the last the batch itself says what is wrong."""
TICK = 0.2
"""Seconds after which a cancel is seen while a connection is waited for."""


class Reconnector:
    """Of one apply; asked by the thread of a batch, before it and after it failed."""

    def __init__(
        self,
        adapters: Collection[Any],
        workers: int = 1,
        is_stopped: Callable[[], bool] = lambda: False,
        tell: Callable[[str], object] = bool,
    ) -> None:
        """Prepares it; nothing is connected yet.

        Args:
            adapters: The engine adapters of the warehouse and of the state.
            workers: How many batches may run at once.
            is_stopped: Whether the apply is to end, so that nobody waits for a connection.
            tell: Is told in a sentence what is done again.
        """
        self._adapters = tuple(adapters)
        self._workers = workers
        self._is_stopped = is_stopped
        self._tell = tell
        self._losses = 0
        self._has_given_up = False
        """Whether the last that waited for a connection got none: nobody else waits as long."""
        self._lock = threading.Lock()
        self._of_thread = threading.local()

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

    def steadily(self, work: Callable[[], Done], what: str, alone: bool = False) -> Done:
        """Does work; again, with new connections, where its own broke.

        Args:
            work: What may be done twice.
            what: What it does, as it follows "lost during".
            alone: Whether nothing else of the apply is at work, in whichever thread.

        Raises:
            Exception: Whatever the work raises, if no connection broke, or too often.
        """
        for _ in range(RETRIES):
            try:
                return self._done(work)
            except Exception as error:
                if self._is_stopped() or self._has_given_up or not self.note(error):
                    raise
                logger.info("A connection broke during %s.", what, exc_info=True)
                self._tell(
                    f"A connection was lost during {what}: it is tried again with a new one."
                )
            self._renew(alone)
        return self._done(work)

    def _done(self, work: Callable[[], Done]) -> Done:
        done = work()
        self._has_given_up = False
        return done

    def _renew(self, alone: bool = False) -> None:
        losses = self._losses
        if getattr(self._of_thread, "seen", 0) == losses:
            return
        self._of_thread.seen = losses
        pools = self._own_pools(alone)
        for pause in PAUSES[:1] if self._has_given_up else PAUSES:
            if not self._waited(pause):
                return
            if all(_connects(pool) for pool in pools):
                return
        self._has_given_up = True

    def _waited(self, seconds: float) -> bool:
        """Waits; False as soon as the apply is to end."""
        end = time.monotonic() + seconds
        while not self._is_stopped():
            left = end - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, TICK))
        return False

    def _own_pools(self, alone: bool) -> list[Any]:
        """Pools of this thread's own connections: to close one that others use would hurt them."""
        pools = {id(each._connection_pool): each._connection_pool for each in self._adapters}
        alone = alone or self._workers == 1
        return [pool for pool in pools.values() if _is_own(pool, alone)]


def _is_own(pool: Any, alone: bool) -> bool:
    if isinstance(pool, ThreadLocalConnectionPool):
        return bool(pool._thread_connections)
    return alone and isinstance(pool, SingletonConnectionPool) and pool._connection is not None


def _connects(pool: Any) -> bool:
    """Whether a new connection takes the place of this thread's old one."""
    try:
        pool.close()
        pool.get_cursor()
    except Exception as error:
        logger.info("No connection yet: %s", error)
        return False
    return True
