"""A saved plan in an engine's place: it shows what was reviewed, and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from pydantic import ValidationError

from plan_tui.client.errors import EngineRefused
from plan_tui.client.port import EnginePort
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.history import History, RecordedDetail, RunKind
from plan_tui.contract.looks import Look
from plan_tui.contract.lookup import (
    DateReading,
    Environments,
    ModelDetail,
    ProjectInfo,
    SelectionReading,
)
from plan_tui.contract.plan import AllowRequest, CancelMode, Category, PlanOptions, PlanRequest
from plan_tui.contract.saved import SavedPlan
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import (
    EngineInfo,
    EngineState,
    PlanningProgress,
    ProjectState,
    RunOutcome,
    SessionState,
    StageName,
    StageProgress,
)

W = TypeVar("W", bound=Wire)


class SavedPort:
    """Implements ``EnginePort`` over a saved plan."""

    def __init__(self, saved: SavedPlan, path: Path) -> None:
        """Makes the port.

        Args:
            saved: The plan.
            path: Its file, to name it.
        """
        self._saved = saved
        self._path = path
        self._info = saved.info.model_copy(
            update={"saved": str(path), "project_state": ProjectState.READY, "problem": None}
        )

    async def connect(self) -> EngineInfo:
        return self._info

    async def info(self) -> EngineInfo:
        return self._info

    async def state(self) -> EngineState:
        saved = self._saved
        facts = saved.facts
        if facts.categories_locked is None:
            facts = facts.model_copy(update={"categories_locked": "This is a saved plan."})
        return EngineState(
            seq=1,
            state=SessionState.REVIEW,
            since=saved.written,
            info=self._info,
            planning=_planning(saved),
            plan=_without_diffs(saved.plan),
            facts=facts,
            tests=saved.plan.validation.tests,
        )

    async def events(self, after: int) -> AsyncIterator[Event]:
        nothing: tuple[Event, ...] = ()
        await asyncio.Event().wait()
        for event in nothing:
            yield event

    async def environments(self) -> Environments:
        self._refuse("A saved plan tells of no environments.")

    async def project(self) -> ProjectInfo:
        return ProjectInfo(models=(), tags=(), defaults=PlanOptions())

    async def read_date(self, text: str, execution_time: str | None = None) -> DateReading:
        return DateReading(text=text, at=None, problem="A saved plan reads no dates.")

    async def read_selection(self, expressions: Sequence[str]) -> SelectionReading:
        return SelectionReading(names=(), problem="A saved plan selects nothing.")

    async def build_plan(self, request: PlanRequest) -> None:
        self._refuse("A saved plan can't be built again.")

    async def overview(self) -> PlanOverviewStageTracker:
        return self._saved.plan

    async def choose(self, categories: Mapping[str, Category]) -> None:
        self._refuse("The categories of a saved plan can't be changed.")

    async def allow(self, wanted: AllowRequest) -> None:
        self._refuse("Nothing can be allowed in a saved plan.")

    async def model(self, name: str) -> ModelDetail:
        found = self._saved.details.get(name)
        if found is None:
            self._refuse(f"{name} is not in the saved plan.", ProblemCode.UNKNOWN_MODEL)
        return found

    async def look(self, look: Look[W], name: str = "", **params: str) -> W:
        kept = self._saved.looks.get(look.path, {})
        key = params.get("step", "") if look.saved == "step" else name
        if key not in kept:
            left_out = self._saved.left_out.get(look.path, "")
            self._refuse(" ".join(filter(None, ("This was not saved with the plan.", left_out))))
        try:
            return look.answer.model_validate(kept[key])
        except ValidationError:
            self._refuse("What was saved of this is damaged.")

    async def apply_plan(self, plan_id: str) -> None:
        self._refuse("A saved plan is not applied from here.")

    async def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        self._refuse("Nothing runs here.")

    async def history(self, kinds: Sequence[RunKind], limit: int) -> History:
        self._refuse("A saved plan has no history.")

    async def recorded(self, run_id: str) -> RecordedDetail:
        self._refuse("A saved plan has no history.")

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _refuse(self, title: str, code: ProblemCode = ProblemCode.READ_ONLY) -> NoReturn:
        raise EngineRefused(
            Problem(
                code=code,
                title=title,
                message=f"It was read from {self._path}, and shows the plan as it was saved.",
                hint=f"plan-tui apply {self._path} --yes applies it, if it is still the same; "
                "plan-tui review ENVIRONMENT opens a new one.",
            ),
            409,
        )


def _planning(saved: SavedPlan) -> PlanningProgress:
    plan = saved.plan
    return PlanningProgress(
        run_id=f"saved-{plan.plan_id}",
        environment=plan.environment,
        request=saved.request,
        started=plan.meta.start,
        ended=plan.meta.end or saved.written,
        stages=(
            StageProgress(name=StageName.VALIDATION, meta=plan.validation.meta),
            StageProgress(name=StageName.CHANGES, meta=plan.changes.meta),
            StageProgress(name=StageName.BACKFILLS, meta=plan.backfills.meta),
        ),
        outcome=RunOutcome.SUCCEEDED,
    )


def _without_diffs(plan: PlanOverviewStageTracker) -> PlanOverviewStageTracker:
    """As the state of an engine has it: diffs are shown with each model."""
    modified = plan.changes.modified
    bare = modified.model_copy(
        update={
            "direct": tuple(each.model_copy(update={"diff": None}) for each in modified.direct),
            "metadata": tuple(each.model_copy(update={"diff": None}) for each in modified.metadata),
        }
    )
    changes = plan.changes.model_copy(update={"modified": bare})
    return plan.model_copy(update={"changes": changes})


def _is_a_port(port: SavedPort) -> EnginePort:
    """Lets the type checker prove that nothing of the port is missing."""
    return port
