"""The events of an engine: numbered without gaps, and folded to the state that it tells."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.changes import ModelBackfill
from plan_tui.contract.fold import fold
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import EngineState, RunOutcome
from plan_tui.engine import event_log

from .hosting import HostedEngine, hosted, short_directory
from .projects import ENDLESS, Project
from .talking import ALIVE, Ear, Engine, messages

ENDLESS_NAME = '"lake"."shop"."endless"'


def runs_for_long(event: ev.Event) -> bool:
    """Whether it tells that the query of hours runs."""
    return isinstance(event, ev.ApplyProgressed) and any(
        model.name == ENDLESS_NAME and model.running for model in event.models
    )


@pytest.fixture(scope="module")
def lived(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[HostedEngine, list[ev.Event], dict[int, EngineState]]]:
    """An engine that planned, failed, was cancelled and applied; all its events; some states."""
    shop = template.copied_to(tmp_path_factory.mktemp("stream") / "shop")
    states: dict[int, EngineState] = {}

    def look(engine: Engine) -> None:
        state = engine.state
        states[state.seq] = state

    with short_directory() as directory, hosted(shop, directory) as engine:
        with engine.listen(after=0) as ear:
            look(engine)
            engine.plan("prod")
            look(engine)
            engine.cancel()
            shop.edit("models/stores.sql", "'north'", "'south'")
            engine.plan(categories={"shop.stores": "NON_BREAKING"})
            engine.post(routes.CATEGORIES, {"categories": {"shop.stores": "BREAKING"}})
            look(engine)
            shop.write("models/endless.sql", ENDLESS)
            engine.post(routes.APPLY, {"plan_id": engine.state.facts.plan_id})  # type: ignore[union-attr]
            look(engine)
            engine.plan()
            with engine.listen() as second:
                engine.start_apply()
                for _ in range(4):
                    second.next()
                    look(engine)
                if not any(map(runs_for_long, second.heard)):
                    second.until(ev.ApplyProgressed, runs_for_long)
                look(engine)
                engine.cancel(CancelMode.INTERRUPT)
                look(engine)
                second.until(ev.ApplyEnded)
            look(engine)
            shop.write("macros/bad.py", "def broken(:\n")
            assert engine.plan().outcome is RunOutcome.FAILED
            look(engine)
            shop.remove("macros/bad.py")
            shop.remove("models/endless.sql")
            engine.plan()
            assert engine.apply().outcome is RunOutcome.SUCCEEDED
            engine.cancel()
            last = engine.state.seq
            while not ear.heard or ear.heard[-1].seq < last:
                ear.next()
            look(engine)
        yield engine, ear.heard, states


Lived = tuple[HostedEngine, list[ev.Event], dict[int, EngineState]]


def test_numbers_rise_by_one_from_the_first(lived: Lived) -> None:
    _, events, _ = lived
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_states_and_later_events_fold_to_the_state(lived: Lived) -> None:
    engine, events, states = lived
    last = engine.state
    assert last.seq == events[-1].seq
    assert len(states) > 8
    for seq, state in states.items():
        folded = state
        for event in events[seq:]:
            folded = fold(folded, event)
        assert folded == last, f"from {seq}"


def test_a_client_that_joins_anywhere_gets_the_rest(lived: Lived) -> None:
    engine, events, _ = lived
    chosen = random.Random(7).sample(range(len(events)), 12)
    for after in (0, *chosen, len(events) - 1):
        with engine.listen(after=after) as ear:
            for event in events[after:]:
                assert ear.next() == event


def test_the_last_event_id_of_a_browser_is_taken_too(lived: Lived) -> None:
    engine, events, _ = lived
    header = {"last-event-id": str(len(events) - 2)}
    with engine.http.stream("GET", routes.EVENTS, headers=header) as response:
        ear = Ear(messages(response))
        assert [ear.next(), ear.next()] == events[-2:]


def test_two_clients_hear_the_same(lived: Lived) -> None:
    engine, _, _ = lived
    with engine.listen() as one, engine.listen() as two:
        engine.plan("prod")
        one.until(ev.PlanningEnded)
        two.until(ev.PlanningEnded)
    assert one.heard == two.heard
    assert [each.data for each in one.raw] == [each.data for each in two.raw]


def test_a_message_carries_its_topic_and_number(lived: Lived) -> None:
    engine, events, _ = lived
    with engine.listen(after=0) as ear:
        while len(ear.raw) < len(events):
            ear.next()
    for message, event in zip(ear.raw, events, strict=True):
        assert message.id == str(event.seq)
        assert message.topic == str(ev.topic_of(event))
    assert {message.topic for message in ear.raw} >= {"plan-overview", "plan-apply", "plan-cancel"}


def test_each_run_ends_once(lived: Lived) -> None:
    _, events, _ = lived
    planned = [event.run_id for event in events if isinstance(event, ev.PlanningStarted)]
    ended = [event.run_id for event in events if isinstance(event, ev.PlanningEnded)]
    assert planned == ended
    assert len(set(planned)) == len(planned) >= 5
    applied = [event.apply.run_id for event in events if isinstance(event, ev.ApplyStarted)]
    over = [event for event in events if isinstance(event, ev.ApplyEnded)]
    assert applied == [event.run_id for event in over]
    assert [event.outcome for event in over] == [RunOutcome.CANCELLED, RunOutcome.SUCCEEDED]


def test_nothing_is_told_of_a_run_after_its_end(lived: Lived) -> None:
    _, events, _ = lived
    running: str | None = None
    for event in events:
        match event:
            case ev.PlanningStarted():
                running = "plan"
            case ev.ApplyStarted():
                running = "apply"
            case ev.PlanningEnded() | ev.ApplyEnded():
                running = None
            case ev.StageReported():
                assert event.run == running
            case ev.ApplyProgressed():
                assert running == "apply"


@pytest.mark.parametrize("after", [10**9, -(10**9)])
def test_a_number_that_is_not_kept_asks_for_a_resync(lived: Lived, after: int) -> None:
    engine, _, _ = lived
    with engine.http.stream("GET", routes.EVENTS, params={"after": after}) as response:
        heard = [each for each in messages(response) if each.topic != ALIVE]
    assert [each.topic for each in heard] == ["resync"]


def test_events_that_are_not_kept_any_more_ask_for_a_resync(engine: HostedEngine) -> None:
    engine.plan("prod")
    log = engine.session.log
    kept = len(log._kept)
    for _ in range(event_log.KEPT + 1 - kept):
        log.emit(ev.Logged(text="filler"))
    last = log.state.seq
    assert len(log._kept) == event_log.KEPT
    with engine.http.stream("GET", routes.EVENTS, params={"after": 0}) as response:
        assert next(each.topic for each in messages(response) if each.topic != ALIVE) == "resync"
    with engine.listen(after=last - event_log.KEPT) as ear:
        first = ear.next()
        assert first is not None
        assert first.seq == last - event_log.KEPT + 1


def test_plans_of_many_models_are_not_kept_for_long(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, events, _ = lived
    built = next(event for event in events if isinstance(event, ev.PlanBuilt))
    backfill = ModelBackfill(
        name="a", view_name="a", kind="FULL", intervals=(), interval_count=0, batches=0, label=""
    )
    backfills = built.plan.backfills.model_copy(update={"models": (backfill,) * 100})
    large = built.model_copy(
        update={"plan": built.plan.model_copy(update={"backfills": backfills})}
    )
    monkeypatch.setattr(event_log, "KEPT_MODELS", 450)
    log = event_log.EventLog()
    for _ in range(10):
        log.emit(large, ev.Logged(text="small"))
    assert [event.kind for event in log._kept].count("plan_built") == 4
    assert [event.seq for event in log._kept] == list(range(12, 21))
    monkeypatch.setattr(event_log, "KEPT_MODELS", 50)
    log.emit(large)
    assert [event.seq for event in log._kept] == [21]


def test_a_client_that_does_not_read_is_told_to_resync(
    engine: HostedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "QUEUE", 50)
    engine.plan("prod")
    log = engine.session.log
    text = "x" * 10_000
    with engine.http.stream("GET", routes.EVENTS, params={"after": 0}) as response:
        # More than the socket's buffers and the queue can hold.
        for _ in range(3_000):
            log.emit(ev.Logged(text=text))
        topics = [each.topic for each in messages(response) if each.topic != ALIVE]
    assert topics[-1] == "resync"
    assert topics.count("resync") == 1
    assert len(topics) < 3_000
    # The engine is none the slower, and the client starts again from the state.
    assert engine.plan("prod").outcome is RunOutcome.SUCCEEDED


def test_a_client_that_leaves_is_forgotten(engine: HostedEngine) -> None:
    with engine.listen() as ear:
        engine.plan("prod")
        ear.until(ev.PlanningEnded)
        assert engine.session.log.clients >= 1
    # Seen at the latest with the next events that can't be delivered.
    for _ in range(100):
        engine.plan("prod")
        if engine.session.log.clients == 0:
            break
    assert engine.session.log.clients == 0
