"""Waiting for the worker thread ends as soon as nobody waits for the answer."""

from __future__ import annotations

import time
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from plan_tui.engine.awaiting import awaited
from plan_tui.engine.dangers import listing
from plan_tui.engine.dangers.listing import all_dangers
from plan_tui.engine.looking import LookDropped


def patient() -> None:
    """Never stops."""


def test_what_comes_is_returned_and_what_fails_is_raised() -> None:
    found: Future[int] = Future()
    found.set_result(3)
    assert awaited(found, patient) == 3
    failed: Future[int] = Future()
    # An error like that of a wait that was too short is still the future's own.
    failed.set_exception(TimeoutError("the state does not answer"))
    with pytest.raises(TimeoutError, match="the state does not answer"):
        awaited(failed, patient, patience=60)


def test_patience_ends() -> None:
    with pytest.raises(TimeoutError, match="did not come within"):
        awaited(Future(), patient, patience=0.01)


def test_a_look_at_dangers_that_is_dropped_stops_waiting_for_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = ("what other environments lose", listing.restatements.environments_lose_intervals)
    monkeypatch.setattr(listing, "RULES", (lost,))
    looks = iter((None, None, None))

    def check() -> None:
        if next(looks, "dropped") is not None:
            raise LookDropped

    built: Any = SimpleNamespace(dangers=(), losses=Future())
    backend: Any = SimpleNamespace(project=SimpleNamespace(context=None), validation=None)
    began = time.monotonic()
    with pytest.raises(LookDropped):
        all_dangers(backend, built, check)
    assert time.monotonic() - began < listing.restatements.PATIENCE / 4
