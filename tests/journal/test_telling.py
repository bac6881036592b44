"""The journal hears of events before anybody else, and nobody sees anything in between."""

from __future__ import annotations

from pathlib import Path

from plan_tui.contract import events as ev
from plan_tui.contract.state import EngineState, RunOutcome, RunSummary, SessionState
from plan_tui.engine.event_log import EventLog

from .runs import recorded, telling


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
    from plan_tui.engine.recording import LONGEST_LINE, Recorder, Recordist
    from plan_tui.engine.secrets import Secrets

    secrets = Secrets()
    secrets.learn([{"password": "hunter2-hunter2"}])
    recorder = Recorder(Recordist("p", "[]", "u", "h", "1"), secrets)
    recorder._open["plan"] = "run"
    text = "x" * (LONGEST_LINE - 7) + "hunter2-hunter2"
    recorder.take(ev.Logged(level="info", text=text), EngineState(since=0))
    ((_, values),) = recorder.pending
    assert str(values[-1]).endswith("x***")
