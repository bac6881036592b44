"""The circuit breaker by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import RunOutcome, RunSummary
from plan_tui.engine.apply_run import ApplyRun
from plan_tui.engine.breaker import Breaker, TripReason
from plan_tui.engine.cancelling import cancel_apply, cancel_ended
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.interrupts import INTERRUPTS

GRACEFUL, INTERRUPT = CancelMode.GRACEFUL, CancelMode.INTERRUPT


def test_it_is_closed_until_it_trips() -> None:
    breaker = Breaker()
    assert not breaker.is_tripped()
    assert breaker.trip(GRACEFUL, TripReason.USER)
    assert breaker.is_tripped()
    assert (breaker.mode, breaker.reason) == (GRACEFUL, TripReason.USER)


def test_it_trips_harder_but_not_softer_and_keeps_the_first_reason() -> None:
    breaker = Breaker()
    breaker.trip(GRACEFUL, TripReason.CONFLICT, "dev moved")
    breaker.trip(INTERRUPT, TripReason.USER)
    assert (breaker.mode, breaker.reason) == (INTERRUPT, TripReason.CONFLICT)
    assert breaker.message == "dev moved"
    breaker.trip(GRACEFUL, TripReason.SHUTDOWN)
    assert (breaker.mode, breaker.reason) == (INTERRUPT, TripReason.CONFLICT)


def test_each_interrupt_is_told_and_a_graceful_trip_is_not() -> None:
    breaker, told = Breaker(), []
    breaker.on_interrupt(lambda: told.append(1))
    breaker.trip(GRACEFUL, TripReason.USER)
    assert told == []
    breaker.trip(INTERRUPT, TripReason.USER)
    breaker.trip(INTERRUPT, TripReason.USER)
    assert told == [1, 1]


def test_a_sealed_breaker_does_not_trip() -> None:
    breaker, told = Breaker(), []
    breaker.on_interrupt(lambda: told.append(1))
    assert breaker.seal("promoting")
    assert not breaker.trip(INTERRUPT, TripReason.USER)
    assert (breaker.is_tripped(), breaker.sealed, told) == (False, "promoting", [])


def test_a_tripped_breaker_can_not_be_sealed() -> None:
    breaker = Breaker()
    breaker.trip(GRACEFUL, TripReason.USER)
    assert not breaker.seal("promoting")
    assert breaker.sealed is None


def test_a_run_that_is_over_can_not_be_cancelled() -> None:
    breaker = Breaker()
    breaker.trip(GRACEFUL, TripReason.USER)
    breaker.end()
    assert not breaker.trip(INTERRUPT, TripReason.USER)
    assert breaker.mode is GRACEFUL
    assert breaker.sealed


class EndsMeanwhile(EventLog):
    """Has the run end just as its cancel is told."""

    def __init__(self, breaker: Breaker) -> None:
        super().__init__()
        self._breaker = breaker

    def emit(self, *events: ev.Event) -> None:
        super().emit(*events)
        if not self._breaker.sealed:
            self._breaker.end()
            cancel_ended(self, self._breaker, RunOutcome.FAILED, RunSummary())


@pytest.mark.parametrize("tripped", [False, True])
def test_a_cancel_that_meets_the_end_of_its_run_is_not_left_open(tripped: bool) -> None:
    breaker = Breaker()
    if tripped:
        breaker.trip(GRACEFUL, TripReason.USER)
    log = EndsMeanwhile(breaker)
    run = cast(ApplyRun, SimpleNamespace(breaker=breaker, watch=None))
    cancel_apply(log, run, INTERRUPT, TripReason.USER, way=INTERRUPTS["duckdb"])
    cancel = log.state.cancel
    assert cancel is not None
    assert cancel.meta.done
    assert "run is over" in cancel.message
