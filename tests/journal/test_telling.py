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
