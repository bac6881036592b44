"""A plan's missing intervals, found once while its work is laid out.

SQLMesh finds them anew each time that it is asked, as intervals of a plan's snapshots may change:
its start, what an apply would do and the review ask for the same. While the work of a plan is laid
out nothing of it changes, or it is put back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlmesh.core.plan import Plan

if TYPE_CHECKING:
    from sqlmesh.core.plan.definition import SnapshotIntervals

_find: Any = Plan.missing_intervals
_local = threading.local()
"""The plan that this thread lays out, and what it is missing once that is known."""


@contextmanager
def missing_once(plan: Plan) -> Iterator[None]:
    """While it is entered, this thread finds the missing intervals of a plan only once.

    Args:
        plan: The plan; its intervals stay as they are meanwhile.
    """
    _local.plan, _local.found = plan, None
    try:
        yield
    finally:
        _local.plan = _local.found = None


def _missing(plan: Plan) -> list[SnapshotIntervals]:
    if getattr(_local, "plan", None) is not plan:
        return list(_find.fget(plan))
    if _local.found is None:
        _local.found = _find.fget(plan)
    return list(_local.found)


def install() -> None:
    """Has SQLMesh's plan ask here."""
    Plan.missing_intervals = property(_missing)  # type: ignore[method-assign, assignment]
