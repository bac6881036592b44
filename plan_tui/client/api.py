"""The engine's routes as methods: ``EnginePort`` over a real socket."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from plan_tui.client.errors import ClientError, EngineLost
from plan_tui.client.history import history_of, recorded_run
from plan_tui.client.launcher import OnWait, RunningEngine, ensure_engine, find_engine
from plan_tui.client.port import EnginePort
from plan_tui.client.stream import engine_events
from plan_tui.client.transport import PATIENT, UNBOUNDED, Params, Transport, engine_lost
from plan_tui.contract import looks, routes
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event
from plan_tui.contract.history import History, RecordedDetail, RunKind
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.lookup import (
    DateReading,
    Environments,
    ModelDetail,
    ProjectInfo,
    SelectionReading,
)
from plan_tui.contract.plan import (
    AllowRequest,
    ApplyRequest,
    CancelMode,
    CancelRequest,
    CategoriesRequest,
    Category,
    PlanRequest,
)
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineInfo, EngineState

W = TypeVar("W", bound=Wire)


class SocketPort:
    """An engine reached over its socket; ``connect`` starts it where there is none."""

    def __init__(
        self,
        key: ProjectKey,
        *,
        start: bool = True,
        ephemeral: bool = False,
        grace: float | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        self.key = key
        self.running: RunningEngine | None = None
        """The engine that was connected to."""
        self._start = start
        self._ephemeral = ephemeral
        self._grace = grace
        self._on_wait = on_wait
        self._transport: Transport | None = None

    @classmethod
    def to(cls, engine: RunningEngine, key: ProjectKey) -> SocketPort:
        """A port to an engine that was found already."""
        port = cls(key, start=False)
        port._attach(engine)
        return port

    @property
    def files(self) -> EngineFiles | None:
        """Where the engine's socket and log are, once it is connected to."""
        return self.running.files if self.running is not None else None

    async def connect(self) -> EngineInfo:
        await self.close()
        if self._start:
            engine = await ensure_engine(
                self.key, ephemeral=self._ephemeral, grace=self._grace, on_wait=self._on_wait
            )
        else:
            found = await find_engine(self.key)
            if found is None:
                raise EngineLost(engine_lost("No engine of this project is running.", None))
            engine = found
        self._attach(engine)
        return engine.info

    async def info(self) -> EngineInfo:
        return await self._get(EngineInfo, routes.META)

    async def state(self) -> EngineState:
        return await self._get(EngineState, routes.STATE)

    async def events(self, after: int) -> AsyncGenerator[Event, None]:
        async with aclosing(engine_events(self._connected(), after)) as events:
            async for event in events:
                yield event

    async def environments(self) -> Environments:
        return await self._get(Environments, routes.ENVIRONMENTS, timeout=UNBOUNDED)

    async def project(self) -> ProjectInfo:
        return await self._get(ProjectInfo, routes.PROJECT, timeout=UNBOUNDED)

    async def read_date(self, text: str, execution_time: str | None = None) -> DateReading:
        params: dict[str, str | tuple[str, ...]] = {"text": text}
        if execution_time:
            params["execution_time"] = execution_time
        return await self._get(DateReading, routes.DATE, params=params)

    async def read_selection(self, expressions: Sequence[str]) -> SelectionReading:
        params: Params = {"expression": tuple(expressions)}
        return await self._get(SelectionReading, routes.SELECTION, params=params, timeout=UNBOUNDED)

    async def build_plan(self, request: PlanRequest) -> None:
        await self._connected().post(routes.PLAN, request, timeout=UNBOUNDED)

    async def overview(self) -> PlanOverviewStageTracker:
        return await self._get(PlanOverviewStageTracker, routes.PLAN, timeout=PATIENT)

    async def choose(self, categories: Mapping[str, Category]) -> None:
        body = CategoriesRequest(categories=dict(categories))
        await self._connected().post(routes.CATEGORIES, body, timeout=PATIENT)

    async def allow(self, wanted: AllowRequest) -> None:
        await self._connected().post(routes.ALLOW, wanted, timeout=PATIENT)

    async def model(self, name: str) -> ModelDetail:
        path = routes.MODEL.format(name=quote(name, safe=""))
        return await self._get(ModelDetail, path, timeout=PATIENT)

    async def look(self, look: looks.Look[W], name: str = "", **params: str) -> W:
        asked: Params = {**params, **({"name": name} if name else {})}
        path = looks.ROUTE.format(path=look.path)
        timeout = UNBOUNDED if look.slow else PATIENT
        return await self._get(look.answer, path, params=asked, timeout=timeout)

    async def apply_plan(self, plan_id: str) -> None:
        body = ApplyRequest(plan_id=plan_id)
        await self._connected().post(routes.APPLY, body, timeout=PATIENT)

    async def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        await self._connected().post(routes.CANCEL, CancelRequest(mode=mode))

    async def history(self, kinds: Sequence[RunKind], limit: int) -> History:
        return await history_of(self.key, kinds, limit)

    async def recorded(self, run_id: str) -> RecordedDetail:
        return await recorded_run(self.key, run_id)

    async def stop(self) -> None:
        await self._connected().post(routes.STOP)

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    def _attach(self, engine: RunningEngine) -> None:
        self.running = engine
        self._transport = Transport(engine.files.socket, engine.files.log)

    def _connected(self) -> Transport:
        if self._transport is None:
            raise EngineLost(engine_lost("There is no connection to it.", None))
        return self._transport

    async def _get(
        self,
        kind: type[W],
        path: str,
        *,
        params: Params | None = None,
        timeout: float | None = PATIENT,
    ) -> W:
        answer = await self._connected().get(path, params=params, timeout=timeout)
        try:
            return kind.model_validate_json(answer)
        except ValidationError as error:
            raise ClientError(
                Problem(
                    code=ProblemCode.PROTOCOL,
                    title="The engine's answer does not fit this plan_tui.",
                    message=f"{error.error_count()} fields of {path} are not as expected.",
                    hint="Stop the engine (plan-tui engine stop) and start again.",
                )
            ) from error


def _is_a_port(port: SocketPort) -> EnginePort:
    """Lets the type checker prove that nothing of the port is missing."""
    return port
