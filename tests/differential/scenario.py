"""What one comparison is about: a project, how it came to its state, an edit, and what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from .projects import PLANNED_AT, shop
from .spec import Project

Edit = Callable[[Project], Project]
Options = Mapping[str, object]
"""Names and values of the contract's ``PlanOptions``."""

NOW: Mapping[str, str] = {"execution_time": PLANNED_AT}


def unchanged(project: Project) -> Project:
    return project


class Outcome(str, Enum):
    """What SQLMesh makes of what is asked."""

    PLAN = "plan"
    NO_CHANGES = "no changes"
    """A new environment that would equal the one it is made from."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Ask:
    """A plan that is asked for, in the names of the contract."""

    environment: str = "dev"
    dates: Mapping[str, str] = field(default_factory=lambda: NOW)
    options: Options = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployment:
    """A plan that is applied before the one that is compared."""

    edit: Edit = unchanged
    """What changes in the project before it; the edit stays for what comes after it."""
    ask: Ask = field(default_factory=Ask)
    fails: bool = False
    """Whether the apply is made to fail half-way, by `FAULT`."""


FAULT = "UPDATE ext.payments SET amount = 6"
"""What makes the shop's fragile models fail."""
REPAIR = "UPDATE ext.payments SET amount = 5"
"""What makes them succeed again, without a change of the project."""

PROD = Deployment(ask=Ask(environment="prod"))
"""The usual start: the project as it is, deployed to prod."""


@dataclass(frozen=True)
class Scenario:
    """One comparison."""

    name: str
    edit: Edit = unchanged
    """The pending changes of the project that is planned."""
    ask: Ask = field(default_factory=Ask)
    base: Callable[[], Project] = shop
    history: tuple[Deployment, ...] = (PROD,)
    outcome: Outcome = Outcome.PLAN
    apply_fails: bool = False
    """Whether SQLMesh's apply of this plan fails, so that only its announced batches count."""

    def project(self, after: int | None = None) -> Project:
        """The project as it is planned, or as it was for the deployment of that index."""
        project = self.base()
        for deployment in self.history[: None if after is None else after + 1]:
            project = deployment.edit(project)
        return self.edit(project) if after is None else project
