"""The circuit breaker: closed, or tripped with a reason and a mode."""

from __future__ import annotations

import threading
from collections.abc import Callable

from plan_tui.contract.base import Name
from plan_tui.contract.plan import CancelMode


class TripReason(Name):
    """Who or what trips a breaker."""

    USER = "user"
    CONFLICT = "conflict"
    SHUTDOWN = "shutdown"
    SUPERSEDED = "superseded"


class Breaker:
    """Asks a run to stop, until it is sealed: past the point of no return it can't be tripped.

    SQLMesh polls ``is_tripped`` between batches; the engine polls it everywhere else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mode: CancelMode | None = None
        self._reason: TripReason | None = None
        self._message = ""
        self._sealed: str | None = None
        self._on_interrupt: list[Callable[[], object]] = []

    @property
    def mode(self) -> CancelMode | None:
        """How hard it tripped, or None while it is closed."""
        return self._mode

    @property
    def reason(self) -> TripReason | None:
        """Why it tripped, or None while it is closed."""
        return self._reason

    @property
    def message(self) -> str:
        """What the reason says in words; empty for a user's cancel."""
        return self._message

    @property
    def sealed(self) -> str | None:
        """Why it can't be tripped any more, or None while it can."""
        return self._sealed

    def is_tripped(self) -> bool:
        """Whether the run has to stop; SQLMesh's ``circuit_breaker`` argument."""
        return self._mode is not None

    def trip(self, mode: CancelMode, reason: TripReason, message: str = "") -> bool:
        """Trips it, or trips it harder; the first reason stays.

        Returns:
            False where it is sealed and nothing was done.
        """
        with self._lock:
            if self._sealed is not None:
                return False
            if self._mode is None:
                self._mode, self._reason, self._message = mode, reason, message
            elif mode is CancelMode.INTERRUPT:
                self._mode = mode
            callbacks = list(self._on_interrupt) if mode is CancelMode.INTERRUPT else []
        for interrupt in callbacks:
            interrupt()
        return True

    def seal(self, why: str) -> bool:
        """Closes the door to a cancel.

        Returns:
            False where it had tripped before: the run must stop instead of going on.
        """
        with self._lock:
            if self._mode is not None:
                return False
            self._sealed = why
            return True

    def end(self) -> None:
        """The run is over: from now on nothing trips it, whether it had tripped or not."""
        with self._lock:
            self._sealed = "The run is over"

    def on_interrupt(self, callback: Callable[[], object]) -> None:
        """Has something called with each interrupt, from the thread that trips."""
        with self._lock:
            self._on_interrupt.append(callback)
