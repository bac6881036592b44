"""What is worked out ahead is what a look asks for, stays good, and gives way to every request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NoReturn, cast

import pytest
from sqlmesh.core.snapshot import Snapshot

from plan_tui.contract.plan import Category
from plan_tui.engine.backend import Backend
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.impact import ahead, model_flow, what_if
from plan_tui.engine.impact.ahead import look_ahead, trace_ahead
from plan_tui.engine.impact.model_flow import Flow
from plan_tui.engine.impact.plan_graph import graph_of
from plan_tui.engine.impact.query_flow import ColumnsOf
from plan_tui.engine.impact.reach import reach_of
from plan_tui.engine.looking import Asked
from plan_tui.engine.warming import Polite, Warming

from .projects import Project
from .reviewing import backend_on, planned

PATIENCE = 30


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the models that are traced from now on, none of which was traced before."""
    found: list[str] = []
    compute = model_flow._compute

    def listening(snapshot: Snapshot, columns_of: ColumnsOf) -> Flow:
        found.append(snapshot.name.replace('"', "").partition(".")[2])
        return compute(snapshot, columns_of)

    monkeypatch.setattr(model_flow, "_compute", listening)
    monkeypatch.setattr(model_flow, "_flows", type(model_flow._flows)())
    return found


def test_a_look_traces_nothing_any_more(shop: Project, traced: list[str]) -> None:
    with backend_on(shop.root, EventLog()) as backend:
        shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
        planned(backend, "dev")
        assert backend.built is not None
        for _ in trace_ahead(backend.built):
            pass
        assert {"raw.events", "shop.daily", "shop.totals", "shop.stores"} <= set(traced)
        traced.clear()
        name = '"lake"."shop"."daily"'
        (totals,) = reach_of(backend.built, name, lambda: None)
        assert (totals.reads, totals.columns) == (True, ("amount",))
        assert traced == []

        # Of the next edit only what was edited is new; what is below it reads the same columns.
        shop.edit("models/events.sql", "i * 10", "i * 20")
        planned(backend, "dev")
        assert backend.built is not None
        list(trace_ahead(backend.built))
        assert set(traced) == {"raw.events"}
        assert len(reach_of(backend.built, '"lake"."raw"."events"', lambda: None)) == 2

        # Another column above is another trace.
        shop.edit("models/daily.sql", "GROUP BY", ", 1::INT AS more FROM raw.events GROUP BY")
        shop.edit("models/daily.sql", " FROM raw.events ,", ",")
        traced.clear()
        planned(backend, "dev")
        assert backend.built is not None
        list(trace_ahead(backend.built))
        assert set(traced) == {"shop.daily", "shop.totals"}
        assert graph_of(backend.built).columns(name) == ("ds", "amount", "more")


DAILY, STORES = '"lake"."shop"."daily"', '"lake"."shop"."stores"'


@pytest.fixture
def reviewed(shop: Project) -> Iterator[Asked]:
    """A question about a plan with two changes."""
    with backend_on(shop.root, EventLog()) as backend:
        shop.edit("models/daily.sql", "SUM(amount)::BIGINT", "MAX(amount)::BIGINT")
        shop.edit("models/stores.sql", "'north'", "'south'")
        planned(backend, "dev")
        yield Asked(backend, backend.built)


def no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on another category is only known where it was tried before."""

    def unknown(*args: object) -> NoReturn:
        raise AssertionError("It was not known.")

    monkeypatch.setattr(what_if, "plan_with", unknown)


def test_changes_that_were_looked_at_ahead_are_known(
    reviewed: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in look_ahead(lambda: reviewed, lambda: "", lambda: None, 1):
        pass
    no_trial(monkeypatch)
    costs = what_if.what_if(reviewed, DAILY)
    assert set(costs) == {Category.BREAKING, Category.NON_BREAKING}
    with pytest.raises(AssertionError, match="not known"):
        what_if.what_if(reviewed, STORES)


def test_the_change_that_was_looked_at_last_comes_first(
    reviewed: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in look_ahead(lambda: reviewed, lambda: STORES, lambda: None, 1):
        pass
    no_trial(monkeypatch)
    assert what_if.what_if(reviewed, STORES)
    with pytest.raises(AssertionError, match="not known"):
        what_if.what_if(reviewed, DAILY)


def test_a_look_that_is_dropped_in_its_midst_is_begun_anew(reviewed: Asked) -> None:
    dropped = Asked(reviewed.backend, reviewed.plan)
    dropped.dropped.set()
    asked = [dropped, reviewed, reviewed]
    looking = look_ahead(lambda: asked.pop(0), lambda: "", lambda: None, 2)
    assert sum(1 for _ in looking) == 3, "one of them was given up"


def test_both_costs_stay_known_once_the_other_category_is_chosen(
    reviewed: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = what_if.what_if(reviewed, DAILY)
    no_trial(monkeypatch)
    backend = reviewed.backend
    for category in (Category.NON_BREAKING, Category.BREAKING):
        backend.choose({DAILY: category})
        assert what_if.what_if(reviewed, DAILY) == {}, "that plan is no longer reviewed"
        costs = what_if.what_if(Asked(backend, backend.built), DAILY)
        for each, cost in costs.items():
            assert cost.own == before[each].own
            assert (cost.difference is None) == (each is category)


def test_it_gives_way_while_a_request_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    stepped, looked, went_on = threading.Event(), threading.Event(), threading.Event()
    steps, looks, reviewing = 0, 0, True

    def tracing(built: object) -> Iterator[None]:
        nonlocal steps
        while True:
            steps += 1
            (stepped if steps == 1 else went_on).set()
            yield

    def is_review() -> bool:
        nonlocal looks
        looks += 1
        if looks > 3:
            looked.set()
        return reviewing

    monkeypatch.setattr(ahead, "trace_ahead", tracing)
    built = SimpleNamespace(plan=SimpleNamespace(plan_id="p"))
    backend = cast(Backend, SimpleNamespace(built=built))
    warming = Warming(is_review)
    try:
        with warming.given_way():
            warming.begin(backend)
            assert stepped.wait(PATIENCE)
            assert looked.wait(PATIENCE)
            assert steps == 1
        assert went_on.wait(PATIENCE)
    finally:
        reviewing = False
        warming.pool.shutdown(wait=True)


def test_what_nobody_waits_at_stands_back_behind_a_look_at_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warming = Warming(lambda: True)
    polite, look, slept = Polite(warming), warming.looking_at("m"), 0

    def ended(seconds: float) -> None:
        nonlocal slept
        slept += 1
        look.__exit__(None, None, None)

    monkeypatch.setattr("plan_tui.engine.warming.time.sleep", ended)
    assert not polite.is_set()
    assert slept == 0
    look.__enter__()
    assert warming.looked_at == "m"
    assert not polite.is_set()
    assert slept == 1, "until it was answered"
    monkeypatch.undo()
    with warming.looking_at("n"):
        assert warming.stand_back(0.02) >= 0.02, "but no longer than this"
        polite.set()
        assert polite.is_set()
    warming.pool.shutdown()
