"""A scripted engine on a real Unix socket, in the test's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

import uvicorn

from plan_tui.contract import routes
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemAnswer, ProblemCode
from plan_tui.contract.events import Event, Logged, topic_of
from plan_tui.contract.state import EngineInfo, EngineState, ProjectState

Answer = tuple[int, bytes]
Call = tuple[str, str, str, bytes]
"""Method, path as sent, query, body."""


def info(pid: int = 4711, protocol: int = routes.PROTOCOL_VERSION) -> EngineInfo:
    return EngineInfo(
        protocol=protocol,
        version="0",
        sqlmesh_version=None,
        pid=pid,
        started=1,
        paths=("/project",),
        project="shop",
        gateway=None,
        engine_type="duckdb",
        models=3,
        project_state=ProjectState.READY,
        log_path="/tmp/stub.log",
    )


def logged(seq: int, text: str = "") -> Logged:
    return Logged(seq=seq, at=seq, text=text or f"line {seq}")


def message(event: Event) -> bytes:
    return (
        f"id: {event.seq}\r\nevent: {topic_of(event)}\r\ndata: {event.model_dump_json()}\r\n\r\n"
    ).encode()


def refusal(code: ProblemCode = ProblemCode.BUSY, title: str = "It is busy.") -> bytes:
    return ProblemAnswer(problem=Problem(code=code, title=title)).model_dump_json().encode()


@dataclass(frozen=True)
class Send:
    """Bytes on the event stream."""

    chunk: bytes


@dataclass(frozen=True)
class HangUp:
    """The connection breaks in the middle of the answer."""


@dataclass(frozen=True)
class End:
    """The stream ends as HTTP has it."""


@dataclass(frozen=True)
class Pause:
    """Nothing more is sent until the event is set."""

    until: asyncio.Event


Step = Send | HangUp | End | Pause


@dataclass
class StubEngine:
    """Answers what it is told to; each event stream plays the next script."""

    socket: Path
    states: list[EngineState] = field(default_factory=lambda: [EngineState()])
    """The state at each time it is asked for; the last one stays."""
    infos: list[EngineInfo] = field(default_factory=lambda: [info()])
    streams: list[list[Step]] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    """Answers by "METHOD path"."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Answers that wait, by path."""
    calls: list[Call] = field(default_factory=list)
    _called: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        method, path = scope["method"], scope["raw_path"].decode()
        self.calls.append((method, path, unquote(scope["query_string"].decode()), body))
        async with self._called:
            self._called.notify_all()
        if path in self.held:
            await self.held[path].wait()
        if path == routes.EVENTS and f"GET {path}" not in self.answers:
            await self._play(send)
            return
        status, content = self._answer(method, path)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str) -> Answer:
        if (scripted := self.answers.get(f"{method} {path}")) is not None:
            return scripted
        if path == routes.STATE:
            return 200, _json(_next(self.states))
        if path == routes.META:
            return 200, _json(_next(self.infos))
        return (204, b"") if method == "POST" else (404, b"not here")

    async def _play(self, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for step in self.streams.pop(0) if self.streams else [HangUp()]:
            match step:
                case Send(chunk):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                case HangUp():
                    return
                case Pause(until):
                    await until.wait()
                case End():
                    await send({"type": "http.response.body", "body": b""})
                    return

    async def called(self, path: str, times: int = 1) -> None:
        """Waits until a path was asked for that often."""
        async with self._called:
            await self._called.wait_for(lambda: [c[1] for c in self.calls].count(path) >= times)

    def commands(self) -> list[tuple[str, bytes]]:
        return [(path, body) for method, path, _, body in self.calls if method == "POST"]


def _next(scripted: list[Any]) -> Any:
    return scripted.pop(0) if len(scripted) > 1 else scripted[0]


def _json(answer: Wire) -> bytes:
    return answer.model_dump_json().encode()


class Application(Protocol):
    """An ASGI application with a place to serve it at."""

    socket: Path

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


Served = TypeVar("Served", bound=Application)


class _Server(uvicorn.Server):
    """Leaves the test's signal handlers alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(stub: Served) -> AsyncIterator[Served]:
    """Serves from here on: the socket takes connections before the server is even up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(stub.socket))
    listener.listen()
    config = uvicorn.Config(
        stub, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield stub
    finally:
        server.force_exit = True
        server.should_exit = True
        await serving
        listener.close()
        stub.socket.unlink(missing_ok=True)
