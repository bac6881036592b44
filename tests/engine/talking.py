"""Talks to an engine over its Unix socket: plain HTTP, and the stream of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import Problem, ProblemAnswer
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import ApplyProgress, EngineState, RunOutcome

PATIENCE = 60.0
"""Seconds after which a test gives up on an event."""
ALIVE = "alive"
"""Stands for the comments that keep a stream alive."""

E = TypeVar("E")


@dataclass(frozen=True)
class Message:
    """One server-sent event, as it came."""

    topic: str
    id: str
    data: str


@dataclass
class Ear:
    """Reads the stream of events, each once."""

    messages: Iterator[Message]
    heard: list[ev.Event] = field(default_factory=list)
    raw: list[Message] = field(default_factory=list)

    def next(self) -> ev.Event | None:
        """The next event, or None for a sign of life."""
        message = next(self.messages)
        if message.topic == ALIVE:
            return None
        self.raw.append(message)
        assert message.topic != "resync", "the engine asks for a resync"
        event = ev.EventAdapter.validate_json(message.data)
        self.heard.append(event)
        return event

    def until(
        self,
        kind: type[E],
        where: Callable[[E], object] = lambda _: True,
        patience: float = PATIENCE,
    ) -> E:
        """Reads on until an event of a kind that fulfils a condition."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            event = self.next()
            if isinstance(event, kind) and where(event):
                return event
        raise AssertionError(f"no {kind.__name__} within {patience} s, but {self.kinds()}")

    def kinds(self) -> list[str]:
        """The kinds of what was heard, in order."""
        return [event.kind for event in self.heard]


@dataclass(frozen=True)
class Run:
    """A planning run or an apply that has ended."""

    events: list[ev.Event]
    outcome: RunOutcome
    problem: Problem | None
    state: EngineState

    def of(self, kind: type[E]) -> list[E]:
        """Its events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def plan_id(self) -> str:
        assert self.state.facts is not None
        return self.state.facts.plan_id

    @property
    def plan(self) -> PlanOverviewStageTracker:
        assert self.state.plan is not None
        return self.state.plan

    @property
    def apply(self) -> ApplyProgress:
        assert self.state.apply is not None
        return self.state.apply

    @property
    def failure(self) -> Problem:
        assert self.problem is not None, self.outcome
        return self.problem


class Engine:
    """A client of one engine."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.http = self._client()

    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.socket)),
            base_url="http://engine",
            timeout=PATIENCE,
        )

    def close(self) -> None:
        self.http.close()

    # Plain requests

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(path, json=body)

    def refused(self, path: str, body: Any, status: int) -> Problem:
        """Posts what the engine must refuse."""
        answer = self.post(path, body)
        assert answer.status_code == status, answer.text
        return ProblemAnswer.model_validate_json(answer.content).problem

    def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        answer = self.post(routes.CANCEL, {"mode": mode.value})
        assert answer.status_code == 204, answer.text

    @property
    def state(self) -> EngineState:
        return EngineState.model_validate_json(self.get(routes.STATE).content)

    # Events

    @contextmanager
    def listen(self, after: int | None = None) -> Iterator[Ear]:
        """The events after a number, by a connection of its own; from now on without one."""
        start = self.state.seq if after is None else after
        with (
            self._client() as http,
            http.stream("GET", routes.EVENTS, params={"after": start}) as r,
        ):
            assert r.status_code == 200
            yield Ear(messages(r))

    # Runs

    def plan(
        self,
        environment: str | None = "dev",
        *,
        dates: dict[str, Any] | None = None,
        categories: dict[str, str] | None = None,
        **options: Any,
    ) -> Run:
        """Builds a plan and waits for its end."""
        body = {
            "environment": environment,
            "plan_dates": dates,
            "plan_options": options or None,
            "categories": categories,
        }
        with self.listen() as ear:
            answer = self.post(routes.PLAN, body)
            assert answer.status_code == 204, answer.text
            ended = ear.until(ev.PlanningEnded)
        return Run(ear.heard, ended.outcome, ended.problem, self.state)

    def apply(self, plan_id: str | None = None) -> Run:
        """Applies the plan under review and waits for its end."""
        with self.listen() as ear:
            self.start_apply(plan_id)
            ended = ear.until(ev.ApplyEnded)
        return Run(ear.heard, ended.outcome, ended.problem, self.state)

    def start_apply(self, plan_id: str | None = None) -> None:
        """Has the plan under review applied."""
        if plan_id is None:
            facts = self.state.facts
            assert facts is not None
            plan_id = facts.plan_id
        answer = self.post(routes.APPLY, {"plan_id": plan_id})
        assert answer.status_code == 204, answer.text

    def ended(self, ear: Ear) -> Run:
        """Waits for the end of an apply that someone listens to."""
        ended = ear.until(ev.ApplyEnded)
        return Run(ear.heard, ended.outcome, ended.problem, self.state)


def messages(response: httpx.Response) -> Iterator[Message]:
    """Puts server-sent events together; only a line feed ends a line."""
    fields: dict[str, str] = {}
    rest = b""
    for piece in response.iter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in (each.removesuffix(b"\r").decode() for each in lines):
            if line.startswith(":"):
                yield Message(ALIVE, "", "")
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                yield Message(fields.get("event", ""), fields.get("id", ""), fields["data"])
                fields = {}
