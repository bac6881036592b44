"""What a change does to a model, from sqlglot's diff of both trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_tui.contract.impact import SemanticChange

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan


def semantic_diff(built: BuiltPlan, name: str) -> tuple[SemanticChange, ...]:
    """What a plan does to one of its models."""
    return ()
