"""What one change means: what it does, who reads it, what each category would cost."""

from __future__ import annotations

from pydantic import Field

from plan_tui.contract.base import Millis, Wire
from plan_tui.contract.plan import Category


class SemanticChange(Wire):
    """One thing that a change does to a model."""

    kind: str
    """What was done to what: a ``ChangeKind``."""
    column: str | None = None
    """The column, or null where it concerns none or all."""
    before: str | None = None
    """As it was, in the model's dialect; null where it is new."""
    after: str | None = None
    subject: str | None = None
    """What else it concerns by name: a property, CTE, macro, function, audit, clause."""
    place: str | None = None
    """The CTE, subquery or branch of a union that it is in; null for the outermost query."""
    models: tuple[str, ...] = ()
    """Display names of the models that a changed macro reaches."""


class Reached(Wire):
    """A model downstream of a change."""

    name: str
    view_name: str
    reads: bool | None
    """Whether it reads what changed; null for unknown, which counts as read."""
    columns: tuple[str, ...] = ()
    """Its own columns that are computed from what changed."""
    path: tuple[str, ...] = ()
    """From the changed model to this one, ``view_name.column`` where columns are known."""


class CategoryReason(Wire):
    """Why a model has its category, or needs one."""

    found: str | None = None
    """The category that SQLMesh's categorizer found, or null where it could not decide."""
    reason: str = ""
    """One sentence: what it found and why, and what plan_tui sees."""
    suggestion: Category | None = None
    """What plan_tui would choose; it is never chosen by itself."""
    choices: dict[Category, str] = Field(default_factory=dict)
    """What each category would mean, in one sentence; empty where none can be chosen."""
    forward_only: str = ""
    """What forward-only means for it, beside its category; empty where it is not."""


class Cost(Wire):
    """What is to be filled, and how long that may take."""

    models: int
    intervals: int
    batches: int
    seconds: float | None = None
    """Estimated from this project's own runs; null where they tell nothing."""
    unknown: int = 0
    """Models without history, which the seconds leave out."""


class CostDifference(Wire):
    """What another category would add to what the plan fills; below zero, what it would save."""

    models: int
    intervals: int
    batches: int
    seconds: float | None = None
    """Null where the seconds of either are not known."""


class ChoiceCost(Cost):
    """What the whole plan would fill with one category of a model, all others as they are."""

    own: Cost | None = None
    """Of that what the model itself and all below it would fill; null in plans saved without."""
    difference: CostDifference | None = None
    """Against the plan as it is; null for the category that it has, and while it has none."""


class MissingRun(Wire):
    """A stretch of missing intervals, and why it is missing."""

    start: Millis
    end: Millis
    reason: str
    """``new``, ``lookback``, ``restated``, ``gap``, ``cron`` or ``extended``."""


class ModelSql(Wire):
    """A model's definition."""

    raw: str = ""
    rendered: str = ""
    note: str = ""
    """What is to be known of ``rendered``: that its dates are placeholders."""


class SeedFile(Wire):
    """The file of a seed whose values changed, and whether its rows were compared."""

    rows: int | None = None
    """Its rows now; null where it is too large to count them."""
    compared: bool = False
    """Whether its rows were compared with those of before, which somebody has to ask for."""
    problem: str = ""
    """Why the comparison that somebody asked for failed."""


class SeedRows(Wire):
    """What was done to the rows of a seed: those of before are read from the warehouse."""

    plan_id: str
    name: str
    changes: tuple[SemanticChange, ...] = ()
    problem: str = ""
    """Why they can't be compared; empty where they were."""


class UnitTestTable(Wire):
    """A table of a unit test: what it gives the model to read, or what it expects of it."""

    name: str
    """``input`` and the model that is read, ``expected``, or ``expected of`` and the CTE."""
    rows: tuple[str, ...] = ()
    """Each in words: ``order_id 1, status paid``."""


class UnitTest(Wire):
    """A unit test of a model, as the project has it."""

    name: str
    path: str
    """Its file, relative to the project where possible."""
    outcome: str
    """``passed``, ``skipped`` (where some were: SQLMesh does not tell which) or ``not_run``; where
    one fails there is no plan."""
    tables: tuple[UnitTestTable, ...] = ()


class UnitTests(Wire):
    """The unit tests of a model, and what was done to them since the branch left another one."""

    tests: tuple[UnitTest, ...] = ()
    against: str | None = None
    """What the branch is compared with, in words; null where it can't be."""
    changes: tuple[SemanticChange, ...] = ()
    problem: str = ""
    """Why it is not known what they were before."""


class ModelImpact(Wire):
    """What is known of one change: the document of ``plan-tui inspect --json``."""

    plan_id: str
    name: str
    view_name: str
    why_changed: str
    semantic_diff: tuple[SemanticChange, ...] = ()
    reach: tuple[Reached, ...] = ()
    category: CategoryReason = CategoryReason()
    what_if: dict[Category, ChoiceCost] = Field(default_factory=dict)
    """By category; empty where none can be chosen."""
    missing: tuple[MissingRun, ...] = ()
    sql: ModelSql = ModelSql()
    seed: SeedFile | None = None
    """Of a seed whose values changed."""
    tests: UnitTests | None = None
    """Null for a model that has no unit test, and had none."""
    notes: tuple[str, ...] = ()
    """What could not be computed, and why."""


class ReachCount(Wire):
    """How far one directly changed model reaches."""

    reached: int
    """Models downstream of it."""
    reading: int
    """Those that read what changed; unknown ones count as reading."""


class ReachCounts(Wire):
    """The reach of every directly changed model, by name."""

    plan_id: str
    counts: dict[str, ReachCount] = Field(default_factory=dict)


class PlanEstimate(Wire):
    """How long the plan's backfill may take, from this project's own runs."""

    plan_id: str
    seconds: float | None
    """At the configured concurrency; null where there is no history of any model."""
    concurrency: int
    known: int
    """Models of the backfill with history."""
    unknown: int
    critical_path: tuple[str, ...] = ()
    """Display names of the chain of models that bounds it, first to last."""
    critical_seconds: float | None = None
