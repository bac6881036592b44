"""An engine that plays scripts: real events, real fold, real socket, no SQLMesh."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from plan_tui.contract import routes
from plan_tui.contract.base import Wire
from plan_tui.contract.events import Event, PlanningEnded, PlanningStarted
from plan_tui.contract.fold import fold
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import EngineState
from tests.client.stub_engine import message, serve

Script = Sequence[Event | Callable[[], None]]
"""Events in order; a function between them is called when it is its turn."""


@dataclass
class FakeEngine:
    """Plays a script for each command, and remembers what it was asked."""

    socket: Path
    state: EngineState
    overview: PlanOverviewStageTracker | None = None
    scripts: dict[str, Script] = field(default_factory=dict)
    """What happens after a POST, by path."""
    refusals: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Answers that are not 204, by path."""
    commands: list[tuple[str, Any]] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)
    """What else is answered, by path: models and look-ups, whatever is asked of them."""
    log: list[Event] = field(default_factory=list)
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    hangs_up: bool = False
    """Break all streams of events."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        path = scope["path"]
        if path == routes.EVENTS:
            after = int(parse_qs(scope["query_string"].decode())["after"][0])
            await self._stream(after, send)
        elif scope["method"] == "POST":
            await self._command(path, json.loads(body or b"null"), send)
        else:
            await _answer(send, *self._read(path))

    def _read(self, path: str) -> tuple[int, bytes]:
        answers = {
            routes.META: self.state.info,
            routes.STATE: self.state,
            routes.PLAN: self.overview,
            **self.answers,
        }
        answer = answers.get(path)
        if path in self.refusals:
            return self.refusals[path]
        return (404, b"{}") if answer is None else (200, answer.model_dump_json().encode())

    async def _command(self, path: str, body: object, send: Any) -> None:
        self.commands.append((path, body))
        await _answer(send, *self.refusals.get(path, (204, b"")))
        for step in self.scripts.get(path, ()):
            if callable(step):
                step()
                async with self.moved:
                    self.moved.notify_all()
            else:
                await self.emit(self._of_this_run(step))

    def lose(self) -> None:
        """Dies: streams break, and nobody listens any more."""
        self.hangs_up = True
        self.socket.unlink()

    def _of_this_run(self, event: Event) -> Event:
        """The event with a run of its own: a script may be played repeatedly."""
        if isinstance(event, PlanningStarted | PlanningEnded):
            run_id = f"{event.run_id}-{len(self.commands)}"
            return event.model_copy(update={"run_id": run_id})
        return event

    async def emit(self, event: Event) -> None:
        numbered = event.model_copy(update={"seq": self.state.seq + 1})
        self.state = fold(self.state, numbered)
        self.log.append(numbered)
        async with self.moved:
            self.moved.notify_all()

    async def _stream(self, after: int, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            for event in [event for event in self.log if event.seq > after]:
                after = event.seq
                await send(
                    {"type": "http.response.body", "body": message(event), "more_body": True}
                )
            if self.hangs_up:
                return
            async with self.moved:
                if self.state.seq == after and not self.hangs_up:
                    await self.moved.wait()


async def _answer(send: Any, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(engine: FakeEngine) -> Iterator[FakeEngine]:
    """Serves from a thread: a command runs its own event loop in this one."""
    ready, stop = threading.Event(), threading.Event()
    ended: list[BaseException] = []

    async def run() -> None:
        async with serve(engine):
            ready.set()
            await asyncio.to_thread(stop.wait)

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            ended.append(error)
            ready.set()

    serving = threading.Thread(target=thread)
    serving.start()
    ready.wait()
    try:
        yield engine
    finally:
        stop.set()
        serving.join()
        assert not ended, ended
