"""Why intervals of a model are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract.impact import MissingRun

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan


def missing_runs(built: BuiltPlan, name: str) -> tuple[MissingRun, ...]:
    """The missing stretches of a model, each with its reason."""
    return ()
