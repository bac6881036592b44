"""A step of an apply, and the stage of SQLMesh's that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmesh.core import constants
from sqlmesh.core.snapshot import Snapshot, snapshots_to_dag
from sqlmesh.core.snapshot.definition import format_intervals

from plan_tui.contract.base import Interval
from plan_tui.contract.state import StageName
from plan_tui.contract.steps import PlannedStep
from plan_tui.engine.work import LaidOut

if TYPE_CHECKING:
    from sqlmesh.core.plan.common import SnapshotIntervalClearRequest
    from sqlmesh.core.plan.definition import EvaluatablePlan

    from plan_tui.engine.mapping import PlanView
    from plan_tui.engine.work import PlanWork

OWN_CLASS = (
    "The model has a materialization of the project's own: its class is run by the apply, not to "
    "show this."
)


@dataclass(frozen=True)
class Planned:
    """A step, with what SQLMesh runs it from."""

    step: PlannedStep
    kind: str
    """What is done: ``create``, ``batch``, ``audit``, ``view``..."""
    stage: Any
    snapshot: Any = None
    """The snapshot, or the schema that is created."""
    batch: int = 0
    """The batch's number within its model."""


@dataclass(frozen=True)
class Plan:
    """What steps are listed from."""

    view: PlanView
    work: PlanWork
    cleared: Sequence[SnapshotIntervalClearRequest] = ()
    """What a restatement of prod clears in other environments."""

    @property
    def evaluatable(self) -> EvaluatablePlan:
        """What SQLMesh evaluates."""
        assert self.work.evaluatable is not None
        return self.work.evaluatable


@dataclass(frozen=True)
class StageAt:
    """One stage, and how its steps are named."""

    plan: Plan
    laid_out: LaidOut
    index: int
    promoted: bool

    @property
    def stage(self) -> Any:
        return self.laid_out.stage

    def step(
        self,
        kind: str,
        text: str,
        snapshot: Any = None,
        *,
        name: StageName | None = None,
        batch: int = 0,
        interval: Interval | None = None,
        has_sql: bool = True,
    ) -> Planned:
        """A step of this stage."""
        of_model = snapshot is not None and not isinstance(snapshot, str)
        stage = name or self.laid_out.name
        assert stage is not None
        about = snapshot.name if of_model else snapshot or ""
        step = PlannedStep(
            id=f"{self.index}|{kind}|{about}|{interval[0] if interval else ''}",
            stage=stage,
            model=about if of_model else None,
            view_name=self.plan.view.view_name(snapshot) if of_model else "",
            text=text,
            interval=interval,
            deferred=stage is StageName.DEFERRED_BACKFILL,
            has_sql=has_sql,
        )
        return Planned(step, kind, self.stage, snapshot, batch)


def deployable(at: StageAt, snapshot: Any) -> bool:
    """Whether a snapshot's table may be used by prod."""
    return bool(at.stage.deployability_index.is_deployable(snapshot))


def preview(at: StageAt, snapshot: Snapshot) -> str:
    """A note on tables that prod does not use."""
    dev = at.plan.evaluatable.environment.name != constants.PROD
    return " (a preview: not reused in prod)" if dev and not deployable(at, snapshot) else ""


def ordered(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Snapshots, parents first."""
    by_id = {each.snapshot_id: each for each in snapshots}
    return [by_id[each] for each in snapshots_to_dag(by_id.values()) if each in by_id]


def in_words(snapshot: Snapshot, interval: Interval) -> str:
    """An interval in the model's own unit."""
    return format_intervals([interval], snapshot.node.interval_unit)


def unquoted(name: str) -> str:
    """A table's name as a person reads it."""
    return name.replace('"', "").replace("`", "")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
