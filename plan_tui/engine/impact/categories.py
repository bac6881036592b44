"""What SQLMesh's categorizer found, what plan_tui sees, and what it suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract.impact import CategoryReason, SemanticChange

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan


def category_reason(
    built: BuiltPlan, name: str, changes: tuple[SemanticChange, ...]
) -> CategoryReason:
    """Why a model has its category, or needs one."""
    return CategoryReason()
