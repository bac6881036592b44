"""What a plan's document adds for whoever decides on it: dangers and steps."""

from __future__ import annotations

from plan_tui.contract.base import Wire


class Danger(Wire):
    """Something that the plan would do and a reviewer should know before it does."""

    rule: str
    """A short constant name: ``destructive_change``, ``restates_elsewhere``..."""
    model: str | None = None
    """The snapshot name, or null where it concerns the plan."""
    severity: str
    """``blocks``: not applied until it is allowed or gone; ``warns``; ``notes``."""
    message: str
    """What would happen."""
    hint: str
    """What to do."""


class Step(Wire):
    """One step of the apply, in SQLMesh's own order of stages."""

    stage: str
    """The stage's name, as in the apply's tracker."""
    model: str | None = None
    """The snapshot name, or null where it concerns the environment."""
    text: str
