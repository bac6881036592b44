"""Who is downstream of a change, and which of them read a changed column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plan_tui.contract.impact import Reached

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan


def reach_of(built: BuiltPlan, name: str, check: Callable[[], None]) -> tuple[Reached, ...]:
    """The models downstream of one."""
    return ()
