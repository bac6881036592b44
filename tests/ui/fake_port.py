"""An engine that plays back what a test tells it, and records what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TypeVar

from plan_tui.client.errors import ClientError, EngineLost, EngineRefused
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.fold import fold
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
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo, EngineState

W = TypeVar("W", bound=Wire)
NOT_COMPUTED = Problem(code=ProblemCode.NO_PLAN, title="Nothing is known of it.", hint="Refresh.")
LOST = Problem(code=ProblemCode.ENGINE_LOST, title="The engine is gone.", hint="Retry.")


class FakePort:
    """Implements ``EnginePort`` in memory.

    ``calls`` holds each call as ``(method, argument)``. ``errors[method]`` is raised instead of
    an answer. ``held`` names methods whose answer waits for ``release(method)``.
    """

    def __init__(
        self,
        state: EngineState | None = None,
        *,
        environments: Environments | None = None,
        project: ProjectInfo | None = None,
        dates: Mapping[str, DateReading] | None = None,
        selections: Mapping[tuple[str, ...], SelectionReading] | None = None,
        models: Mapping[str, ModelDetail] | None = None,
        looks: Mapping[tuple[str, str], Wire] | None = None,
    ) -> None:
        self.current = state or EngineState()
        self.calls: list[tuple[str, object]] = []
        self.errors: dict[str, ClientError] = {}
        self.answers_environments = environments or Environments(
            environments=(), default_target="prod"
        )
        self.answers_project = project or ProjectInfo(models=(), tags=(), defaults=PlanOptions())
        self.dates = dict(dates or {})
        self.selections = dict(selections or {})
        self.models = dict(models or {})
        self.looks: dict[tuple[str, str], Wire] = dict(looks or {})
        """Answers of look-ups by path and model; the path with "" answers for any model."""
        self.runs: list[RecordedDetail] = []
        """What the journal has, the newest first."""
        self._gates: dict[str, asyncio.Event] = {}
        self._streams: list[asyncio.Queue[Event | ClientError]] = []
        self.closed = False

    # What a test does

    def play(self, *events: Event) -> None:
        """Tells these events, in order, with the next numbers."""
        for event in events:
            numbered = event.model_copy(update={"seq": self.current.seq + 1})
            self.current = fold(self.current, numbered)
            self._tell(numbered)

    def replay(self, events: Iterable[Event]) -> None:
        """Tells recorded events."""
        self.play(*events)

    def jump(self, state: EngineState) -> None:
        """Replaces the state; whoever follows has to take it again."""
        from plan_tui.client.errors import EventGap

        self.current = state.model_copy(update={"seq": self.current.seq + 10})
        self._tell(EventGap(0, self.current.seq))

    def lose(self, problem: Problem = LOST) -> None:
        """Goes away in the middle of the stream."""
        self._tell(EngineLost(problem))

    def hold(self, method: str) -> None:
        """Lets answers of a method wait."""
        self._gates[method] = asyncio.Event()

    def release(self, method: str) -> None:
        """Lets the waiting answers go."""
        self._gates.pop(method).set()

    def called(self, method: str) -> list[object]:
        """The arguments of all calls of a method."""
        return [argument for name, argument in self.calls if name == method]

    def _tell(self, item: Event | ClientError) -> None:
        for stream in self._streams:
            stream.put_nowait(item)

    async def _call(self, method: str, argument: object = None) -> None:
        self.calls.append((method, argument))
        if (gate := self._gates.get(method)) is not None:
            await gate.wait()
        if (error := self.errors.get(method)) is not None:
            raise error

    # EnginePort

    async def connect(self) -> EngineInfo:
        await self._call("connect")
        assert self.current.info is not None
        return self.current.info

    async def info(self) -> EngineInfo:
        await self._call("info")
        assert self.current.info is not None
        return self.current.info

    async def state(self) -> EngineState:
        await self._call("state")
        return self.current

    async def events(self, after: int) -> AsyncIterator[Event]:
        await self._call("events", after)
        stream: asyncio.Queue[Event | ClientError] = asyncio.Queue()
        self._streams.append(stream)
        try:
            while True:
                item = await stream.get()
                if isinstance(item, ClientError):
                    raise item
                yield item
        finally:
            self._streams.remove(stream)

    async def environments(self) -> Environments:
        await self._call("environments")
        return self.answers_environments

    async def project(self) -> ProjectInfo:
        await self._call("project")
        return self.answers_project

    async def read_date(self, text: str, execution_time: str | None = None) -> DateReading:
        await self._call("read_date", (text, execution_time))
        unread = DateReading(text=text, at=None, problem=f"'{text}' is not a date.")
        return self.dates.get(text, unread)

    async def read_selection(self, expressions: Sequence[str]) -> SelectionReading:
        await self._call("read_selection", tuple(expressions))
        return self.selections.get(tuple(expressions), SelectionReading(names=()))

    async def build_plan(self, request: PlanRequest) -> None:
        await self._call("build_plan", request)

    async def overview(self) -> PlanOverviewStageTracker:
        await self._call("overview")
        assert self.current.plan is not None
        return self.current.plan

    async def choose(self, categories: Mapping[str, Category]) -> None:
        await self._call("choose", dict(categories))

    async def allow(self, wanted: AllowRequest) -> None:
        await self._call("allow", wanted)

    async def model(self, name: str) -> ModelDetail:
        await self._call("model", name)
        return self.models[name]

    async def look(self, look: Look[W], name: str = "", **params: str) -> W:
        await self._call("look", (look.path, name, params))
        found = self.looks.get((look.path, name), self.looks.get((look.path, "")))
        if found is None:
            raise EngineRefused(NOT_COMPUTED, 404)
        assert isinstance(found, look.answer)
        return found

    async def apply_plan(self, plan_id: str) -> None:
        await self._call("apply_plan", plan_id)

    async def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        await self._call("cancel", mode)

    async def history(self, kinds: Sequence[RunKind], limit: int) -> History:
        await self._call("history", (tuple(kinds), limit))
        runs = tuple(detail.run for detail in self.runs if detail.run.kind in kinds)
        return History(journal="/state/journal.db", total=len(runs), runs=runs[:limit])

    async def recorded(self, run_id: str) -> RecordedDetail:
        await self._call("recorded", run_id)
        return next(detail for detail in self.runs if detail.run.run_id == run_id)

    async def stop(self) -> None:
        await self._call("stop")

    async def close(self) -> None:
        await self._call("close")
        self.closed = True
