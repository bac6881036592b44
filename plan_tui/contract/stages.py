"""The trackers of SQLMesh's web API: stages that start, end and succeed or fail."""

from __future__ import annotations

from pydantic import Field

from plan_tui.contract.base import Interval, Millis, Name, Wire
from plan_tui.contract.changes import (
    AddedChange,
    ModelBackfill,
    ModifiedChanges,
    RemovedChange,
)
from plan_tui.contract.dangers import Danger, blocking
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.review import Step


class StageStatus(Name):
    """How far a stage is."""

    INIT = "init"
    SUCCESS = "success"
    FAIL = "fail"


class Meta(Wire):
    """When a stage started and ended, and how."""

    status: StageStatus = StageStatus.INIT
    start: Millis
    end: Millis | None = None
    done: bool = False


class ModelTestFailure(Wire):
    """A unit test that failed."""

    name: str
    path: str
    message: str


class ModelTests(Wire):
    """The outcome of the project's unit tests."""

    run: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[ModelTestFailure, ...] = ()


class LintViolation(Wire):
    """A rule of SQLMesh's linter that a model breaks."""

    rule: str
    model: str
    """As the project writes it."""
    severity: str
    """``error`` or ``warning``."""
    message: str
    name: str | None = None
    """The model's snapshot name; null in documents written before it was told."""


class ValidationStage(Wire):
    """Tests and lint."""

    meta: Meta
    tests: ModelTests = ModelTests()
    lint: tuple[LintViolation, ...] = ()


class ChangesStage(Wire):
    """What differs from the environment."""

    meta: Meta
    added: tuple[AddedChange, ...] = ()
    removed: tuple[RemovedChange, ...] = ()
    modified: ModifiedChanges = ModifiedChanges()
    requirements: str | None = None
    """A text diff of the Python requirements, or null when they are equal."""
    environment_statements: str | None = None
    """A text diff of ``before_all`` and ``after_all``, or null when they are equal."""

    @property
    def is_empty(self) -> bool:
        """Whether no model is listed, and neither requirements nor statements changed."""
        modified = self.modified
        listed = (self.added, self.removed, modified.direct, modified.indirect, modified.metadata)
        return not (any(listed) or self.requirements or self.environment_statements)


class BackfillsStage(Wire):
    """What has to be computed."""

    meta: Meta
    models: tuple[ModelBackfill, ...] = ()


class PlanOverviewStageTracker(Wire):
    """A built plan: the document that ``plan --json`` prints."""

    plan_id: str
    environment: str
    start: Millis
    end: Millis
    execution_time: Millis
    is_new_environment: bool
    plan_options: PlanOptions
    meta: Meta
    validation: ValidationStage
    changes: ChangesStage
    backfills: BackfillsStage
    restatements: dict[str, Interval] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    """What the apply will run, in order; only in the whole document."""
    steps_notes: tuple[str, ...] = ()
    """Why there are no steps, or what of them can't be told; only in the whole document."""
    dangers: tuple[Danger, ...] = ()
    """The blocking ones first; the reviewed state holds only what is known with the plan."""


def judged(meta: Meta, dangers: tuple[Danger, ...]) -> Meta:
    """The meta of the validation of a built plan: what would bar its apply has failed it."""
    status = StageStatus.FAIL if blocking(dangers) else StageStatus.SUCCESS
    return meta.model_copy(update={"status": status})
