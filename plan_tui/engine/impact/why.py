"""Why SQLMesh counts a model as changed, from the parts of its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan


def why_changed(built: BuiltPlan, name: str) -> str:
    """One sentence that says why a model counts as changed."""
    return ""
