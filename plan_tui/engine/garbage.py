"""When Python's collector goes through the heap of an engine.

A loaded project is millions of objects that stay. Each full collection goes through all of them,
about half a second with 1,000 models, and Python starts one whenever a quarter as many objects are
new: several in a plan, dozens in a load. So what a load leaves is taken out of the collector's
sight (``gc.freeze``), and looked through while nobody waits for an answer.
"""

from __future__ import annotations

import gc
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 100_000
"""New objects after which the youngest are collected; syntax trees, all cycles, die here."""
MIDDLE = 50
"""Collections of the youngest after which the next older ones are collected too."""
OLD = 10
"""Python's own figure for the oldest."""
NEVER = 1_000_000
FEW = 5
"""Loads and plans whose leavings are no matter."""
MANY = 40
"""The same where somebody may be about to ask for something."""

MOST = 80
"""The same where plans follow each other and there is no quiet moment."""
GROWTH, ROOM = 1.25, 100 * 1024 * 1024
"""By which the process may grow, and by how many bytes, until then."""

_guard = threading.Lock()
_depth = 0
_left = 0
"""How often work left objects that nobody has looked through."""
_limit = 0.0
"""Bytes of the process from which on it is tidied before the next piece of work, or in a quiet
moment before that."""


@contextmanager
def at_work() -> Iterator[None]:
    """While it is entered only young objects are collected; at its end what is there is kept."""
    global _depth, _left
    with _guard:
        # Not at the end: then what was worked for is there, and somebody begins to look at it.
        if not _depth and _is_over():
            _collect()
        _depth += 1
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
    try:
        yield
    finally:
        with _guard:
            _depth -= 1
            if not _depth:
                gc.set_threshold(YOUNG, MIDDLE, OLD)
                gc.freeze()
                _left += 1
                _follow()


def is_due(alone: bool) -> bool:
    """Whether ``tidy`` is worth its pause, which is seconds with 10,000 models.

    Args:
        alone: Whether no client is connected.
    """
    return _left > (FEW if alone else MANY) or _is_over()


def tidy() -> None:
    """Collects what was replaced since the last time; nothing else runs meanwhile."""
    with _guard:
        _collect()


def _collect() -> None:
    global _left, _limit
    _left = 0
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _limit = _grown_from(resident())


def _follow() -> None:
    """Takes the size after the first few pieces of work as the one to grow from."""
    global _limit
    if _left <= FEW:
        _limit = max(_limit, _grown_from(resident()))


def _is_over() -> bool:
    """Whether work left too much, also while one plan follows the other."""
    return _left > MOST or (_left > FEW and resident() > _limit)


def _grown_from(size: int) -> float:
    return size * GROWTH + ROOM


def resident() -> int:
    """Bytes of memory that the process takes; nothing where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
