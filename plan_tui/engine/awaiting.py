"""Waiting for what the worker thread finds, by a thread whose caller may go away meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

STEP = 0.05
"""Seconds between two looks at whether anybody still waits."""

Found = TypeVar("Found")


def awaited(
    future: Future[Found], check: Callable[[], None], patience: float | None = None
) -> Found:
    """What a future comes to.

    Args:
        future: What is waited for.
        check: Called again and again; may raise to stop waiting.
        patience: Seconds to wait at most; None waits as long as ``check`` lets it.

    Raises:
        TimeoutError: It did not come in time.
        Exception: Whatever the future, or ``check``, raises.
    """
    end = None if patience is None else time.monotonic() + patience
    while True:
        check()
        if wait((future,), timeout=STEP).done:
            return future.result()
        if end is not None and time.monotonic() >= end:
            raise TimeoutError(f"It did not come within {patience:g} seconds.")
