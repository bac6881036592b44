"""Numbers events, folds them into the state and hands them to whoever listens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from plan_tui.contract import events as ev
from plan_tui.contract.events import Event
from plan_tui.contract.fold import fold
from plan_tui.contract.state import EngineState

KEPT = 20_000
"""Events kept for clients that come back."""
KEPT_MODELS = 20_000
"""Models in these events: the document of a plan of a thousand models takes megabytes."""
QUEUE = 10_000
"""Events that may wait for one slow client before it is told to take the state again."""


Wait = Callable[[], object]
"""Returns once clients may hear of an event; it is called with no lock held."""
Listener = Callable[[Event, EngineState], Wait | None]


def now_ms() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Subscription:
    """What one client still has to read; bounded, so that a dead client costs nothing."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, backlog: list[Event], known: int = 0
    ) -> None:
        """Begins with what was missed.

        Args:
            loop: The loop of whoever reads.
            backlog: The events that were missed.
            known: The number of the last of them: what is told again of them is left out.
        """
        self._loop = loop
        self._known = known
        self._waiting: deque[Event] = deque(backlog)
        self._ready = asyncio.Event()
        self._lock = threading.Lock()
        self.overflowed = False
        if backlog:
            self._ready.set()

    def offer(self, event: Event) -> None:
        """Queues an event, from any thread."""
        with self._lock:
            if self.overflowed or event.seq <= self._known:
                return
            if len(self._waiting) >= QUEUE:
                self.overflowed = True
                self._waiting.clear()
            else:
                self._waiting.append(event)
        self._loop.call_soon_threadsafe(self._ready.set)

    async def take(self, patience: float) -> list[Event]:
        """All that waits, or nothing after ``patience`` seconds."""
        if not self._waiting:
            try:
                await asyncio.wait_for(self._ready.wait(), patience)
            except asyncio.TimeoutError:
                return []
        with self._lock:
            events = list(self._waiting)
            self._waiting.clear()
            self._ready.clear()
        return events


class EventLog:
    """The engine's only way to change its state."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self.hide: Callable[[Event], Event] = lambda event: event
        """Takes out of an event what must not be told."""
        self._clock = clock
        self._lock = threading.RLock()
        self._state = EngineState(since=clock())
        self._kept: deque[Event] = deque()
        self._kept_models = 0
        self._subscriptions: set[Subscription] = set()
        self._listeners: list[Listener] = []
        self._untold: deque[tuple[list[Event], list[Wait]]] = deque()
        """What clients have yet to hear, in order."""
        self._telling = False

    @property
    def state(self) -> EngineState:
        """The state with all events folded in."""
        return self._state

    @property
    def is_telling(self) -> bool:
        """Whether clients have yet to hear of something that is in the state."""
        return self._telling

    @property
    def clients(self) -> int:
        """How many clients listen."""
        return len(self._subscriptions)

    def emit(self, *events: Event) -> None:
        """Numbers and folds events and tells everyone, from any thread.

        Nobody sees the state in between: however long a listener takes, events that are told
        together are seen together. Where a listener has clients wait, whoever tells waits for
        them; what others tell meanwhile reaches the state at once, and clients after it.
        """
        events = tuple(map(self.hide, events))
        with self._lock:
            folded: list[tuple[Event, EngineState]] = []
            state = self._state
            for event in events:
                numbered = event.model_copy(update={"seq": state.seq + 1, "at": self._clock()})
                state = fold(state, numbered)
                folded.append((numbered, state))
            heard = [
                listener(numbered, after)
                for listener in self._listeners
                for numbered, after in folded
            ]
            self._state = state
            for numbered, _ in folded:
                self._keep(numbered)
            waits = [wait for wait in heard if wait is not None]
            self._untold.append(([numbered for numbered, _ in folded], waits))
            if self._telling:
                return
            self._telling = True
        self._tell_clients()

    def _tell_clients(self) -> None:
        """Tells clients all that they have yet to hear; only one thread does at a time."""
        while True:
            with self._lock:
                if not self._untold:
                    self._telling = False
                    return
                events, waits = self._untold.popleft()
                if not waits:
                    self._offer(events)
                    continue
            for wait in waits:
                wait()
            with self._lock:
                self._offer(events)

    def _offer(self, events: list[Event]) -> None:
        for event in events:
            for subscription in self._subscriptions:
                subscription.offer(event)

    def listen(self, listener: Listener) -> None:
        """Has each event told, with the state it leads to, before any client hears of it.

        The listener is called in the thread of whoever tells, and must neither raise nor take long.
        It may return what clients wait for, which must not raise either.
        """
        with self._lock:
            self._listeners.append(listener)

    def _keep(self, event: Event) -> None:
        self._kept.append(event)
        self._kept_models += _models_in(event)
        while len(self._kept) > KEPT or (self._kept_models > KEPT_MODELS and len(self._kept) > 1):
            self._kept_models -= _models_in(self._kept.popleft())

    @contextmanager
    def subscribe(self, after: int) -> Iterator[Subscription | None]:
        """Listens from the event after a number on.

        Yields:
            The subscription, or None where some of those events are not kept any more.
        """
        with self._lock:
            missed = self._after(after)
            subscription = (
                None
                if missed is None
                else Subscription(asyncio.get_running_loop(), missed, self._state.seq)
            )
            if subscription is not None:
                self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            if subscription is not None:
                with self._lock:
                    self._subscriptions.discard(subscription)

    def _after(self, seq: int) -> list[Event] | None:
        last = self._state.seq
        if seq > last:
            return None
        wanted = last - seq
        if wanted > len(self._kept):
            return None
        return list(self._kept)[len(self._kept) - wanted :] if wanted else []


def _models_in(event: Event) -> int:
    match event:
        case ev.PlanBuilt():
            changes = event.plan.changes
            modified = changes.modified
            changed = (changes.added, modified.direct, modified.indirect, modified.metadata)
            return sum(map(len, changed)) + len(event.plan.backfills.models)
        case ev.PlanRevised():
            return len(event.categories) + len(event.backfills)
        case ev.ApplyStarted():
            return len(event.apply.models)
        case ev.ApplyProgressed():
            return len(event.models)
        case _:
            return 0
