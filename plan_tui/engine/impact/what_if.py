"""What the plan would fill with each category of one model."""

from __future__ import annotations

from plan_tui.contract.impact import ChoiceCost
from plan_tui.contract.plan import Category
from plan_tui.engine.looking import Asked


def what_if(asked: Asked, name: str) -> dict[Category, ChoiceCost]:
    """The cost of each category that can be chosen."""
    return {}
