"""What the engine tells as it happens: small deltas with a strictly rising number."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from plan_tui.contract.base import Interval, Millis, Name, Wire
from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.dangers import Danger
from plan_tui.contract.errors import Problem
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.plan import CancelMode, PlanOptions, PlanRequest
from plan_tui.contract.stages import Meta, ModelTests, PlanOverviewStageTracker
from plan_tui.contract.state import (
    ApplyProgress,
    BatchRecord,
    EngineInfo,
    ModelProgress,
    PlanFacts,
    RunOutcome,
    RunSummary,
    SessionState,
    StageProgress,
)


class Topic(Name):
    """The SSE event names, those of SQLMesh's web console first."""

    PLAN_OVERVIEW = "plan-overview"
    PLAN_APPLY = "plan-apply"
    PLAN_CANCEL = "plan-cancel"
    TESTS = "tests"
    WARNINGS = "warnings"
    ERRORS = "errors"
    LOG = "log"


class _Event(Wire):
    seq: int = 0
    """Rises by one with each event; gaps mean: take the state again."""
    at: Millis = 0


class EngineChanged(_Event):
    """The engine learned something about itself or the project."""

    kind: Literal["engine_changed"] = "engine_changed"
    info: EngineInfo
    loading: StageProgress | None = None


class SessionMoved(_Event):
    """The session entered another state."""

    kind: Literal["session_moved"] = "session_moved"
    state: SessionState


class PlanningStarted(_Event):
    """A plan is being built; the reviewed one is gone."""

    kind: Literal["planning_started"] = "planning_started"
    run_id: str
    environment: str
    request: PlanRequest
    stages: tuple[StageProgress, ...]


class StageReported(_Event):
    """A stage of the current run started, went on or ended."""

    kind: Literal["stage_reported"] = "stage_reported"
    run: Literal["plan", "apply"]
    stage: StageProgress


class PlanBuilt(_Event):
    """A plan is there to be reviewed; its diffs are fetched per model."""

    kind: Literal["plan_built"] = "plan_built"
    plan: PlanOverviewStageTracker
    facts: PlanFacts


class PlanRevised(_Event):
    """Categories or allowed changes of the reviewed plan changed, and what follows from them."""

    kind: Literal["plan_revised"] = "plan_revised"
    plan_id: str
    start: Millis
    end: Millis
    categories: dict[str, str | None] = Field(default_factory=dict)
    """Only models whose category changed."""
    backfills: tuple[ModelBackfill, ...] = ()
    """Only models whose backfill changed."""
    backfills_removed: tuple[str, ...] = ()
    restatements: dict[str, Interval] = Field(default_factory=dict)
    """All of them."""
    facts: PlanFacts
    dangers: tuple[Danger, ...] = ()
    """All that are known with the plan."""
    plan_options: PlanOptions | None = None
    """The options, where they are others now."""


class PlanWentStale(_Event):
    """The project or the environment moved under the reviewed plan."""

    kind: Literal["plan_went_stale"] = "plan_went_stale"
    plan_id: str
    problem: Problem


class PlanningEnded(_Event):
    """The terminal event of a planning run."""

    kind: Literal["planning_ended"] = "planning_ended"
    run_id: str
    outcome: RunOutcome
    problem: Problem | None = None


class ApplyStarted(_Event):
    """A plan is being applied; its stages and models are known from here on."""

    kind: Literal["apply_started"] = "apply_started"
    apply: ApplyProgress


class ApplyProgressed(_Event):
    """What moved since the last such event, at most 20 times a second."""

    kind: Literal["apply_progressed"] = "apply_progressed"
    models: tuple[ModelProgress, ...] = ()
    batches: tuple[BatchRecord, ...] = ()
    """Batches that ended since the last such event."""
    remaining: Millis | None = None


class ApplyEnded(_Event):
    """The terminal event of an apply."""

    kind: Literal["apply_ended"] = "apply_ended"
    run_id: str
    plan_id: str
    environment: str
    outcome: RunOutcome
    problem: Problem | None = None
    failures: tuple[Problem, ...] = ()
    """What failed, a model each."""
    summary: RunSummary


class RunsReconciled(_Event):
    """Applies whose engine died were compared with SQLMesh's state: what is left of them."""

    kind: Literal["runs_reconciled"] = "runs_reconciled"
    runs: tuple[InterruptedRun, ...]
    """All of them."""


class CancelReported(_Event):
    """A cancel was asked for, or is through."""

    kind: Literal["cancel_reported"] = "cancel_reported"
    mode: CancelMode
    reason: str
    meta: Meta
    message: str = ""


class TestsReported(_Event):
    """The project's unit tests ran."""

    __test__ = False
    kind: Literal["tests_reported"] = "tests_reported"
    tests: ModelTests


class Warned(_Event):
    """SQLMesh warns."""

    kind: Literal["warned"] = "warned"
    message: str


class ErrorReported(_Event):
    """Something failed."""

    kind: Literal["error_reported"] = "error_reported"
    problem: Problem


class Logged(_Event):
    """SQLMesh or the engine has something to say."""

    kind: Literal["logged"] = "logged"
    level: str = "info"
    text: str


Event = Annotated[
    EngineChanged
    | SessionMoved
    | PlanningStarted
    | StageReported
    | PlanBuilt
    | PlanRevised
    | PlanWentStale
    | PlanningEnded
    | ApplyStarted
    | ApplyProgressed
    | ApplyEnded
    | RunsReconciled
    | CancelReported
    | TestsReported
    | Warned
    | ErrorReported
    | Logged,
    Field(discriminator="kind"),
]

EventAdapter: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads any event from JSON."""


def topic_of(event: Event) -> Topic:
    """The SSE event name under which an event travels."""
    match event:
        case ApplyStarted() | ApplyProgressed() | ApplyEnded() | RunsReconciled():
            return Topic.PLAN_APPLY
        case StageReported(run="apply"):
            return Topic.PLAN_APPLY
        case CancelReported():
            return Topic.PLAN_CANCEL
        case TestsReported():
            return Topic.TESTS
        case Warned():
            return Topic.WARNINGS
        case ErrorReported():
            return Topic.ERRORS
        case Logged() | EngineChanged():
            return Topic.LOG
        case _:
            return Topic.PLAN_OVERVIEW
