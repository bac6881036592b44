"""What an apply will run, step by step, and the SQL of one step."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Wire
from plan_tui.contract.state import StageName


class PlannedStep(Wire):
    """One step of the apply."""

    id: str
    """What ``STEP_SQL`` is asked for; the same for the same step of a plan built again."""
    stage: StageName
    model: str | None = None
    """The snapshot name, or null where it concerns the environment."""
    view_name: str = ""
    """The model as the environment shows it."""
    text: str
    interval: Interval | None = None
    """What a batch fills."""
    deferred: bool = False
    """Whether it runs after the promotion."""
    has_sql: bool = True
    """Whether it runs SQL in the warehouse; False where it only writes SQLMesh's state."""


class PlannedSteps(Wire):
    """The steps of a plan, in SQLMesh's own order of stages."""

    plan_id: str
    steps: tuple[PlannedStep, ...] = ()
    notes: tuple[str, ...] = ()
    """What can't be told yet, and why."""
    assumed: bool = False
    """Whether they are what would run with categories that nobody has chosen; a note says which."""


class Statement(Wire):
    """One statement, formatted for the warehouse."""

    sql: str
    title: str = ""
    """What it is for, where the statement does not say it."""


class StepSql(Wire):
    """The statements that a step will run, as SQLMesh's own code puts them together."""

    plan_id: str
    step: str
    dialect: str
    """The warehouse's dialect."""
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()
    """What can't be shown, and why."""
