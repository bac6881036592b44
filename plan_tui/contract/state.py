"""One snapshot of everything a UI shows; events are folded into it."""

from __future__ import annotations

from pydantic import Field

from plan_tui.contract.base import Interval, Millis, Name, Wire
from plan_tui.contract.errors import Problem
from plan_tui.contract.interrupted import BatchRisk, Hole, InterruptedRun
from plan_tui.contract.plan import CancelMode, Category, PlanRequest
from plan_tui.contract.stages import Meta, ModelTests, PlanOverviewStageTracker


class SessionState(Name):
    """What the engine's session does."""

    IDLE = "idle"
    PLANNING = "planning"
    REVIEW = "review"
    APPLYING = "applying"


class ProjectState(Name):
    """How far the engine is with the project itself."""

    IMPORTING = "importing"
    LOADING = "loading"
    READY = "ready"
    BROKEN = "broken"


class StageName(Name):
    """Stages of planning, then those of applying, each in SQLMesh's order."""

    IMPORTING = "importing"
    LOADING = "loading"
    VALIDATION = "validation"
    CHANGES = "changes"
    BACKFILLS = "backfills"
    BEFORE_ALL = "before_all"
    CREATION = "creation"
    AUDIT = "audit"
    BACKFILL = "backfill"
    RESTATE = "restate"
    MIGRATE = "migrate"
    DEFERRED_BACKFILL = "deferred_backfill"
    PROMOTE = "promote"
    FINALIZE = "finalize"
    AFTER_ALL = "after_all"


class RunOutcome(Name):
    """How a run ended; a run whose engine is lost has none and is shown as unknown."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StageProgress(Wire):
    """One stage of a run."""

    name: StageName
    meta: Meta | None = None
    """Null until the stage starts."""
    message: str = ""
    """What is at work right now: a model, a test, a file."""
    done: int = 0
    total: int = 0
    """What ``done`` counts up to; 0 where it can't be known."""


class ModelStatus(Name):
    """How far one model is in an apply."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    """Left with batches undone by a cancel."""


class RunningBatch(Wire):
    """A batch at work."""

    index: int
    interval: Interval
    since: Millis
    at_risk: BatchRisk | None = None


class ModelProgress(Wire):
    """How far one model of an apply is; each update replaces the one before."""

    name: str
    view_name: str
    kind: str = ""
    status: ModelStatus = ModelStatus.WAITING
    done: int = 0
    """Batches finished."""
    total: int = 0
    """Batches that the apply starts."""
    running: tuple[RunningBatch, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Display names of upstream models that still have work."""
    rows: int | None = None
    """Rows written so far, where the engine reports them."""
    elapsed: Millis = 0
    """Time spent in finished batches."""
    remaining: Millis | None = None
    """Estimated from this run's own finished batches; null before the first."""
    audits_passed: int = 0
    audits_failed: int = 0
    failure: Problem | None = None
    skipped_because: str | None = None
    """Display name of the model whose failure made SQLMesh skip this one."""


class BatchRecord(Wire):
    """A batch that has ended."""

    name: str
    view_name: str
    index: int
    interval: Interval
    duration: Millis | None
    """Null when it failed."""
    ended: Millis | None = None
    """When; null where it was not recorded."""
    rows: int | None = None
    bytes: int | None = None
    audits_passed: int = 0
    audits_failed: int = 0


class RunSummary(Wire):
    """What an apply did, counted when it ended."""

    batches_done: int = 0
    batches_total: int = 0
    models_done: int = 0
    models_failed: int = 0
    models_skipped: int = 0
    models_left: int = 0
    tables_created: int = 0
    views_promoted: int = 0
    promoted: bool = False
    """Whether the environment points at the new versions."""
    is_new: bool = False  # Whether there was no such environment before.
    rows: int | None = None
    restating: bool = False
    """Whether existing data was computed anew: undone, it is part new and part old."""
    holes: tuple[Hole, ...] = ()
    """What stopped and failed batches may have left empty; SQLMesh's state calls it filled."""


class PlanningProgress(Wire):
    """The current or last planning run."""

    run_id: str
    environment: str
    request: PlanRequest
    started: Millis
    ended: Millis | None = None
    stages: tuple[StageProgress, ...] = ()
    outcome: RunOutcome | None = None
    problem: Problem | None = None


class ApplyProgress(Wire):
    """The current or last apply: SQLMesh's ``PlanApplyStageTracker`` with its models."""

    run_id: str
    plan_id: str
    environment: str
    started: Millis
    ended: Millis | None = None
    stages: tuple[StageProgress, ...] = ()
    models: dict[str, ModelProgress] = Field(default_factory=dict)
    batches: tuple[BatchRecord, ...] = ()
    """The newest batches that ended, for whoever attaches later."""
    remaining: Millis | None = None
    outcome: RunOutcome | None = None
    problem: Problem | None = None
    summary: RunSummary | None = None


class CancelProgress(Wire):
    """The last press of cancel: SQLMesh's ``PlanCancelStageTracker``."""

    mode: CancelMode
    reason: str
    """``user``, ``conflict`` or ``shutdown``."""
    meta: Meta
    message: str = ""
    """What it waits for, what it stopped, or why it was refused."""


class PlanFacts(Wire):
    """What a reviewer decides on that the plan's document does not spell out."""

    plan_id: str
    uncategorized: tuple[str, ...] = ()
    """Names of models that still need a category."""
    chosen: dict[str, Category] = Field(default_factory=dict)
    """Categories that a person chose, by name; the others SQLMesh found by itself."""
    has_changes: bool = False
    half_applied: bool = False  # The target's last apply ended half-way, and this one resumes it.
    requires_backfill: bool = False
    refusal: Problem | None = None
    """Why the plan can't be applied as it is, or null when it can."""
    categories_locked: str | None = None
    """Why categories can't be changed any more, or null while they can."""
    create_from: str | None = None
    """The environment that a new one is created from."""
    models: int = 0
    """Models to backfill."""
    intervals: int = 0
    batches: int = 0
    audits: int = 0  # Those of these batches that are standalone audits, and fill no model.
    deferred: int = 0  # Batches that run after the promotion, when a cancel is refused.
    tables_created: int = 0
    """Physical tables that the apply will create."""
    views_updated: int = 0  # Views that will point somewhere else, or be created.
    views_removed: int = 0
    rewritten: int = 0
    """Models of which existing data is computed anew by a restatement."""
    restated: tuple[str, ...] = ()
    """Their display names."""
    models_total: int = 0
    """Models in the environment after the apply."""


class LogLine(Wire):
    """One line of the run's log."""

    at: Millis
    level: str
    """``info``, ``warning`` or ``error``."""
    text: str


class EngineInfo(Wire):
    """An engine and its project; ``EngineMeta`` says what it does, too."""

    protocol: int
    version: str
    sqlmesh_version: str | None
    """Null until SQLMesh is imported."""
    pid: int
    started: Millis
    paths: tuple[str, ...]
    project: str
    """The project's name, or its directory's."""
    gateway: str | None
    engine_type: str | None
    models: int | None
    project_state: ProjectState
    problem: Problem | None = None
    log_path: str
    interruptible: bool = False
    """Whether running queries of this warehouse can be interrupted."""
    interrupt_verified: bool = False
    """Whether that was verified with a real one; otherwise it is by its driver's documentation."""
    saved: str | None = None
    """The file of a saved plan that stands in for an engine; null for an engine."""


LOG_TAIL = 500
"""Lines of log that the state carries."""

BATCH_TAIL = 300
"""Ended batches that the state carries."""


class EngineState(Wire):
    """The answer of ``GET /api/state``."""

    seq: int = 0
    """The last event that is folded in."""
    state: SessionState = SessionState.IDLE
    since: Millis = 0
    """When ``state`` was entered."""
    info: EngineInfo | None = None
    loading: StageProgress | None = None
    """Importing or loading of the project, while it goes on outside a plan."""
    planning: PlanningProgress | None = None
    plan: PlanOverviewStageTracker | None = None
    """The reviewed plan, without diffs: those are fetched per model."""
    facts: PlanFacts | None = None
    stale: Problem | None = None
    """Why the reviewed plan is out of date."""
    apply: ApplyProgress | None = None
    cancel: CancelProgress | None = None
    tests: ModelTests | None = None
    log: tuple[LogLine, ...] = ()
    interrupted: tuple[InterruptedRun, ...] = ()
    """Applies that an earlier engine did not live to end, one of an environment."""
