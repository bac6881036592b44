"""What a plan may destroy, lose or leave half done, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from plan_tui.contract.base import Name, Wire


class Severity(Name):
    """How much a danger weighs."""

    BLOCKS = "blocks"
    """The plan can't be applied while it is there."""
    WARNS = "warns"
    NOTES = "notes"
    """Good to know: it is allowed, or could not be checked."""


class Danger(Wire):
    """One thing to know before a plan is applied."""

    rule: str
    """What kind of danger it is: ``destructive_change``, ``environments_lose_intervals``..."""
    model: str | None = None
    """The snapshot name of the model it is about, or null where it is about the plan."""
    severity: Severity
    message: str
    """What would happen."""
    hint: str = ""
    """What to do."""
    view_name: str = ""
    """The model as the environment shows it."""
    details: tuple[str, ...] = ()
    """Statements that would run, or what is lost, one a line."""
    path: str | None = None
    """The project file that it comes from, relative to the project where possible."""
    line: int | None = None
    """The line in ``path``, counted from 1."""
    column: int | None = None
    """The column in that line, counted from 1."""
    allow: Literal["destructive", "additive"] | None = None
    """Which change of the table can be allowed for this plan, where one can."""
    option: str = ""
    """The name by which the plan's options allow it."""
    allowed: bool = False
    """Whether it is allowed for this plan, by its options."""


def blocking(dangers: Iterable[Danger]) -> tuple[Danger, ...]:
    """Those that keep a plan from being applied."""
    return tuple(each for each in dangers if each.severity is Severity.BLOCKS)


class Dangers(Wire):
    """Every danger of a plan, the blocking ones first."""

    plan_id: str
    dangers: tuple[Danger, ...] = ()
