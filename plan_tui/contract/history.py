"""The journal as it is read: what was planned and applied when, and how it ended."""

from __future__ import annotations

from pydantic import Field

from plan_tui.contract.base import Interval, Millis, Name, Wire
from plan_tui.contract.errors import Problem
from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import (
    LogLine,
    ModelProgress,
    PlanFacts,
    RunOutcome,
    RunSummary,
    StageProgress,
)


class RunKind(Name):
    """What was run."""

    PLAN = "plan"
    APPLY = "apply"


class RecordedRun(Wire):
    """A plan that was built, or an apply."""

    run_id: str
    kind: RunKind
    environment: str
    plan_id: str | None = None
    outcome: RunOutcome | None = None
    """Null while it runs, and where its engine was lost: nobody knows how that went on."""
    running: bool = False
    started: Millis
    ended: Millis | None = None
    user: str
    host: str
    project: str
    """The project's name."""
    paths: tuple[str, ...] = ()
    gateway: str | None = None
    version: str = ""
    """Of plan_tui and of SQLMesh."""
    problem: Problem | None = None
    summary: RunSummary | None = None
    """Of an apply that ended."""
    batches_done: int = 0
    batches_failed: int = 0
    interrupted: InterruptedRun | None = None
    """Of an apply whose engine died: what the next engine found."""


class History(Wire):
    """The runs of a project, the newest first."""

    journal: str
    """The path of the journal."""
    total: int = 0
    """How many there are of these kinds, the ones left out by a limit included."""
    runs: tuple[RecordedRun, ...] = ()


class RecordedBatch(Wire):
    """A batch that ended."""

    name: str
    at: Millis
    """When it ended."""
    index: int
    interval: Interval
    duration: Millis | None = None
    """Null when it failed."""
    rows: int | None = None
    bytes: int | None = None
    audits_passed: int = 0
    audits_failed: int = 0


class RecordedDiffs(Wire):
    """The text diffs of a reviewed plan."""

    diffs: dict[str, str] = Field(default_factory=dict)
    """By snapshot name."""
    left_out: int = 0
    """Models whose diffs were not kept: together they were too long, or took too long."""


class RecordedDetail(Wire):
    """All that was recorded of one run."""

    run: RecordedRun
    request: PlanRequest | None = None
    """Options, dates and categories that were asked for; null where this plan_tui has no such."""
    stages: tuple[StageProgress, ...] = ()
    models: dict[str, ModelProgress] = Field(default_factory=dict)
    batches: tuple[RecordedBatch, ...] = ()
    log: tuple[LogLine, ...] = ()
    review: PlanOverviewStageTracker | None = None
    """The plan as it was reviewed, with the text diffs that were kept."""
    diffs_left_out: int = 0
    """Changed models whose text diffs were not kept."""
    facts: PlanFacts | None = None
