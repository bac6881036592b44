from __future__ import annotations

import pytest

from plan_tui.client.reducer import (
    ClientState,
    EngineAwaited,
    EngineConnected,
    EngineRefusedCommand,
    EngineWentAway,
    EventReceived,
    RefusalDismissed,
    StateTaken,
    UnknownRun,
    reduce,
)
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import ApplyEnded
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    PlanningProgress,
    RunOutcome,
    RunSummary,
    SessionState,
)
from tests.client.stub_engine import info, logged

LOST = Problem(code=ProblemCode.ENGINE_LOST, title="The engine is gone.")
BUSY = Problem(code=ProblemCode.BUSY, title="It is busy.")

APPLYING = EngineState(
    seq=5,
    state=SessionState.APPLYING,
    apply=ApplyProgress(run_id="r1", plan_id="p1", environment="dev", started=1),
)
PLANNING = EngineState(
    seq=5,
    state=SessionState.PLANNING,
    planning=PlanningProgress(
        run_id="r0", environment="dev", request=PlanRequest(environment="dev"), started=1
    ),
)
ENDED = ApplyEnded(
    seq=6,
    run_id="r1",
    plan_id="p1",
    environment="dev",
    outcome=RunOutcome.CANCELLED,
    summary=RunSummary(),
)


def after(*events: object) -> ClientState:
    state = ClientState()
    for event in events:
        state = reduce(state, event)  # type: ignore[arg-type]
    return state


def test_it_connects() -> None:
    waiting = after(EngineAwaited("starting the engine"))
    assert (waiting.connection, waiting.doing) == ("starting", "starting the engine")
    connected = after(EngineAwaited("starting"), EngineConnected(info()))
    assert (connected.connection, connected.doing) == ("connected", "")
    assert connected.log_path == "/tmp/stub.log"


def test_events_are_folded_and_the_state_before_is_kept() -> None:
    before = after(EngineConnected(info()), StateTaken(EngineState(seq=1)))
    now = reduce(before, EventReceived(logged(2)))
    assert now.engine is not None
    assert now.engine.seq == 2
    assert before.engine == EngineState(seq=1)


@pytest.mark.parametrize(
    ("engine", "unknown"),
    [
        (APPLYING, UnknownRun("r1", "dev", "p1")),
        (PLANNING, UnknownRun("r0", "dev", None)),
        (EngineState(), None),
    ],
)
def test_a_run_that_is_lost_with_its_engine_is_unknown(
    engine: EngineState, unknown: UnknownRun | None
) -> None:
    lost = after(EngineConnected(info()), StateTaken(engine), EngineWentAway(LOST))
    assert lost.connection == "lost"
    assert lost.unknown == unknown
    assert lost.engine == engine
    assert lost.log_path == "/tmp/stub.log"


def test_a_run_that_had_ended_is_known() -> None:
    lost = after(StateTaken(APPLYING), EventReceived(ENDED), EngineWentAway(LOST))
    assert lost.unknown is None


def test_a_new_engine_does_not_know_the_run_and_the_same_one_does() -> None:
    lost = (StateTaken(APPLYING), EngineWentAway(LOST), EngineConnected(info()))
    assert after(*lost, StateTaken(EngineState())).unknown == UnknownRun("r1", "dev", "p1")
    assert after(*lost, StateTaken(APPLYING)).unknown is None


def test_a_second_loss_does_not_forget_the_run() -> None:
    state = after(
        StateTaken(APPLYING), EngineWentAway(LOST), StateTaken(EngineState()), EngineWentAway(LOST)
    )
    assert state.unknown == UnknownRun("r1", "dev", "p1")


def test_a_refusal_is_shown_until_it_is_dismissed() -> None:
    refused = after(EngineConnected(info()), EngineRefusedCommand(BUSY))
    assert (refused.problem, refused.connection) == (BUSY, "connected")
    assert reduce(refused, RefusalDismissed()).problem is None


def test_a_loss_can_not_be_dismissed() -> None:
    assert after(EngineWentAway(LOST), RefusalDismissed()).problem == LOST
