"""Whose a change is, and what its model is labelled with."""

from __future__ import annotations

from pydantic import Field

from plan_tui.contract.base import Wire


class Label(Wire):
    """What a changed model is called by, and what makes its change this very one."""

    change: str
    """Made of the old and the new fingerprint: the same as long as the change is the same."""
    tags: tuple[str, ...] = ()
    owner: str | None = None
    path: str | None = None
    """Its file, relative to the project where possible."""


class Labels(Wire):
    """The labels of every changed model, by snapshot name."""

    plan_id: str
    project: str
    """Made of all fingerprints of the project: the same as long as the project is."""
    models: dict[str, Label] = Field(default_factory=dict)


class Origin(Wire):
    """Whether a change comes from this branch."""

    mine: bool | None
    """False where the project differs from the environment by no file of this branch; null
    where that can't be known."""
    files: tuple[str, ...] = ()
    """The files of this branch that it comes from, relative to the repository."""
    reason: str = ""
    """Why it can't be known, in one sentence."""


class Origins(Wire):
    """Whose the changes of a plan are, beside a git reference."""

    plan_id: str
    against: str | None
    """What the branch is compared with, in words; null where it can't be."""
    problem: str = ""
    """Why nothing is known of any change, and what to do."""
    models: dict[str, Origin] = Field(default_factory=dict)
    """By snapshot name."""
