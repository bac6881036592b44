"""What a plan's document adds for whoever decides on it: its steps."""

from __future__ import annotations

from plan_tui.contract.base import Wire


class Step(Wire):
    """One step of the apply, in SQLMesh's own order of stages."""

    stage: str
    """The stage's name, as in the apply's tracker."""
    model: str | None = None
    """The snapshot name, or null where it concerns the environment."""
    text: str
