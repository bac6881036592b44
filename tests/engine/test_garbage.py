"""The collector keeps out of the way of a plan, and what a load replaced is still freed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from plan_tui.engine import garbage
from plan_tui.engine.event_log import EventLog

from .projects import Project
from .reviewing import backend_on, planned


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Gives the test process its collector back."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    gc.collect()


class Knot:
    """A cycle, which only a collection frees."""

    def __init__(self) -> None:
        self.own = self


def test_old_objects_are_not_gone_through_at_work() -> None:
    with garbage.at_work():
        with garbage.at_work():
            pass
        assert gc.get_threshold()[2] == garbage.NEVER
        frozen = gc.get_freeze_count()
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.OLD)
    assert gc.get_freeze_count() > frozen


def test_what_was_kept_from_the_collector_is_freed_by_tidying() -> None:
    with garbage.at_work():
        knot = Knot()
        gone = weakref.ref(knot)
        del knot
    gc.collect()
    assert gone() is not None
    garbage.tidy()
    assert gone() is None


def test_tidying_waits_longer_while_somebody_may_ask() -> None:
    garbage.tidy()
    for _ in range(garbage.FEW + 1):
        assert not garbage.is_due(alone=True)
        with garbage.at_work():
            pass
    assert garbage.is_due(alone=True)
    assert not garbage.is_due(alone=False)
    for _ in range(garbage.MANY):
        with garbage.at_work():
            pass
    assert garbage.is_due(alone=False)


def leavings(pieces: int) -> list[weakref.ref[Knot]]:
    """What so many pieces of work in a row leave, with no quiet moment."""
    gone = []
    for _ in range(pieces):
        with garbage.at_work():
            gone.append(weakref.ref(Knot()))
    return [knot for knot in gone if knot() is not None]


def test_work_without_a_pause_leaves_no_more_than_some() -> None:
    garbage.tidy()
    assert leavings(garbage.MOST)
    assert len(leavings(3 * garbage.MOST)) <= garbage.MOST + 1


def test_an_engine_that_grows_is_tidied_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    megabytes = iter(range(100, 100_000, 50))
    monkeypatch.setattr(garbage, "resident", lambda: next(megabytes) << 20)
    garbage.tidy()
    assert len(leavings(30)) < 15


def test_tidying_is_no_part_of_the_end_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    garbage.tidy()
    leavings(garbage.FEW)
    with garbage.at_work():
        gone = weakref.ref(Knot())
        monkeypatch.setattr(garbage, "resident", lambda: 1 << 50)
    assert gone() is not None
    assert garbage.is_due(alone=False)
    with garbage.at_work():
        assert gone() is None


def test_a_model_that_was_edited_away_is_freed(shop: Project) -> None:
    log = EventLog()
    with backend_on(shop.root, log) as backend:
        gone: list[weakref.ref[object]] = []
        for edit in range(3):
            shop.edit("models/stores.sql", "SELECT", f"/* {edit} */ SELECT")
            planned(backend, "dev", log=log, include_unmodified=True)
            gone.append(weakref.ref(backend.project.context.models['"lake"."shop"."stores"']))
            garbage.tidy()
        first, second, third = gone
        assert third() is not None
        assert first() is None
        assert second() is None
