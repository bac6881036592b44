"""The circuit breaker by itself."""

from __future__ import annotations

from plan_tui.contract.plan import CancelMode
from plan_tui.engine.breaker import Breaker, TripReason

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
