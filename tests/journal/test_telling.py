"""The journal hears of events before anybody else, and nobody sees anything in between."""

from __future__ import annotations

import asyncio
import threading
import zlib
from pathlib import Path

from plan_tui.contract import events as ev
from plan_tui.contract.state import EngineState, RunOutcome, RunSummary, SessionState
from plan_tui.engine.event_log import EventLog
from plan_tui.journal import store
from plan_tui.journal.reading import read_run
from plan_tui.journal.work import RecordedModel, RecordedWork

from .runs import KEY, ORDERS, recorded, telling


def test_events_that_are_told_together_are_seen_together() -> None:
    """An engine that leaves ends its streams once it does not apply: the end must be in them."""
    log = EventLog()
    log.emit(ev.SessionMoved(state=SessionState.APPLYING))
    seen: list[tuple[str, SessionState, SessionState]] = []

    def listen(event: ev.Event, state: EngineState) -> None:
        seen.append((event.kind, state.state, log.state.state))

    log.listen(listen)
    log.emit(ev.SessionMoved(state=SessionState.IDLE), ended("1"))
    assert seen == [
        ("session_moved", SessionState.IDLE, SessionState.APPLYING),
        ("apply_ended", SessionState.IDLE, SessionState.APPLYING),
    ]
    assert log.state.state is SessionState.IDLE


async def test_nobody_else_is_held_up_while_clients_wait() -> None:
    """The end of an apply waits for the journal: that holds no lock that requests need."""
    log = EventLog()
    asked, recorded_now = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        assert recorded_now.wait(20)

    log.listen(lambda event, state: wait if isinstance(event, ev.ApplyEnded) else None)
    with log.subscribe(0) as early:
        teller = threading.Thread(target=log.emit, args=(ended("1"),))
        teller.start()
        assert await asyncio.to_thread(asked.wait, 20)
        log.emit(ev.Logged(level="info", text="meanwhile"))
        assert (log.state.seq, log.is_telling) == (2, True)
        with log.subscribe(log.state.seq) as late, log.subscribe(1) as middle:
            assert early is not None
            assert late is not None
            assert middle is not None
            assert await early.take(0) == []
            recorded_now.set()
            await asyncio.to_thread(teller.join)
            log.emit(ev.Logged(level="info", text="after"))
            assert [[each.seq for each in await one.take(1)] for one in (early, middle, late)] == [
                [1, 2, 3], [2, 3], [3],
            ]  # fmt: skip
    assert not log.is_telling


def test_who_hears_of_the_end_of_an_apply_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.db"
    with telling(path) as told:
        for number in range(1, 20):
            told.run(f"{number}")
            assert recorded(path)[0] == f"{number}"


def ended(run_id: str) -> ev.ApplyEnded:
    return ev.ApplyEnded(
        run_id=run_id,
        plan_id="p",
        environment="dev",
        outcome=RunOutcome.SUCCEEDED,
        summary=RunSummary(),
    )


def test_a_secret_is_hidden_before_a_line_is_cut() -> None:
    from plan_tui.contract import events as ev
    from plan_tui.contract.state import EngineState
    from plan_tui.engine.recording import LONGEST_LINE, Recorder
    from plan_tui.engine.recordist import Recordist
    from plan_tui.engine.secrets import Secrets

    secrets = Secrets()
    secrets.learn([{"password": "hunter2-hunter2"}])
    recorder = Recorder(Recordist("p", "[]", "u", "h", "1"), secrets)
    recorder._open["plan"] = "run"
    text = "x" * (LONGEST_LINE - 7) + "hunter2-hunter2"
    recorder.take(ev.Logged(level="info", text=text), EngineState(since=0))
    ((_, _, values),) = recorder.pending
    assert str(values[-1]).endswith("x***")


def test_a_password_that_is_part_of_names_leaves_a_run_its_names(tmp_path: Path) -> None:
    """As ``postgres`` often is: by names the next engine finds what a dead one has left."""
    path = tmp_path / "state" / store.NAME
    work = RecordedWork(
        models=(RecordedModel(name=ORDERS, view_name="shop.orders", identifier="1", table="t"),)
    )
    with telling(path) as told:
        told.journal._recorder._secrets.learn([{"password": "shop"}])
        told.begins("5")
        told.journal.note(lambda recorder: recorder.note_work("5", work))
        told.batch(0)
        told.log.emit(ev.Logged(text="connecting with shop"))
        told.ends("5")
    with store.open_to_read(path) as connection:
        ((packed,),) = connection.execute("SELECT work FROM run WHERE id = '5'")
    assert RecordedWork.model_validate_json(zlib.decompress(packed)) == work
    left = read_run(path, KEY.digest, "5")
    assert left is not None
    assert list(left.models) == [batch.name for batch in left.batches] == [ORDERS]
    assert [line.text for line in left.log] == ["connecting with ***"]
