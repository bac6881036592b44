"""What the UI needs of an engine; the seam where tests play back a recorded one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol, TypeVar

from plan_tui.contract.base import Wire
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
from plan_tui.contract.plan import AllowRequest, CancelMode, Category, PlanRequest
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo, EngineState

W = TypeVar("W", bound=Wire)


class EnginePort(Protocol):
    """An engine, however it is reached.

    Every method raises ``plan_tui.client.errors.EngineRefused`` with the engine's problem when
    the engine says no, and ``EngineLost`` when it can't be reached any more.
    """

    async def connect(self) -> EngineInfo:
        """Finds the engine or starts it; returns once it answers (not once it is loaded)."""
        ...

    async def info(self) -> EngineInfo:
        """Versions, project, what runs."""
        ...

    async def state(self) -> EngineState:
        """Everything a UI shows, with the last event's number."""
        ...

    def events(self, after: int) -> AsyncIterator[Event]:
        """The events after a number, without end; a gap raises ``EventGap``."""
        ...

    async def environments(self) -> Environments:
        """The environments in the state; waits until the project is loaded."""
        ...

    async def project(self) -> ProjectInfo:
        """Models and tags for completion; waits until the project is loaded."""
        ...

    async def read_date(self, text: str, execution_time: str | None = None) -> DateReading:
        """How SQLMesh understands a date."""
        ...

    async def read_selection(self, expressions: Sequence[str]) -> SelectionReading:
        """What selectors match."""
        ...

    async def build_plan(self, request: PlanRequest) -> None:
        """Starts building a plan; the rest is told by events."""
        ...

    async def overview(self) -> PlanOverviewStageTracker:
        """The reviewed plan, whole, with its diffs."""
        ...

    async def choose(self, categories: Mapping[str, Category]) -> None:
        """Changes choices on the built plan; what follows is told by events."""
        ...

    async def allow(self, wanted: AllowRequest) -> None:
        """Sets which models may change their tables; what follows is told by events."""
        ...

    async def model(self, name: str) -> ModelDetail:
        """What is known of one model of the reviewed plan."""
        ...

    async def look(self, look: Look[W], name: str = "", **params: str) -> W:
        """Asks what the engine computes only when it is looked at.

        Args:
            look: The question.
            name: The snapshot name of the model it is about, where it is about one.
            params: What else the question takes.
        """
        ...

    async def apply_plan(self, plan_id: str) -> None:
        """Starts applying exactly this plan; the rest is told by events."""
        ...

    async def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        """Trips the breaker."""
        ...

    async def history(self, kinds: Sequence[RunKind], limit: int) -> History:
        """The newest runs of the project; needs no connection."""
        ...

    async def recorded(self, run_id: str) -> RecordedDetail:
        """All that was recorded of one run; needs no connection."""
        ...

    async def stop(self) -> None:
        """Tells the engine to finish what runs and leave."""
        ...

    async def close(self) -> None:
        """Lets go of the connection; the engine goes on."""
        ...
