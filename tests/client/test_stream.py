from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from plan_tui.client.api import SocketPort
from plan_tui.client.errors import ClientError, EngineLost, EventGap
from plan_tui.client.stream import (
    MAX_BARREN_STREAMS,
    ServerSentEvent,
    engine_events,
    follow,
    lines_of,
    server_sent_events,
)
from plan_tui.client.transport import Transport
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.events import Event, Logged
from plan_tui.contract.state import EngineState
from tests.client.stub_engine import End, HangUp, Pause, Send, StubEngine, info, logged, message


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def parsed(*parts: bytes) -> list[ServerSentEvent]:
    return [sse async for sse in server_sent_events(lines_of(pieces(*parts)))]


async def heard(port: SocketPort, after: int = 0) -> tuple[list[Event], ClientError]:
    """All events until the stream ends, and how it ended."""
    events: list[Event] = []
    try:
        async for event in port.events(after):
            events.append(event)
    except ClientError as ended:
        return events, ended
    raise AssertionError("the stream has no end of its own")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_messages_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    whole = b": hello\r\n\r\nid: 3\r\nevent: log\r\ndata: a\r\ndata:b\r\n\r\ndata: c\n\n"
    cut = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert await parsed(*cut) == [
        ServerSentEvent("log", "a\nb", "3"),
        ServerSentEvent("message", "c", "3"),
    ]


async def test_only_line_feeds_end_a_line() -> None:
    text = "a\u2028b\x85c\x0bd\x1ee"
    [sse] = await parsed(f"data: {text}\n\n".encode())
    assert sse.data == text


async def test_a_message_without_its_blank_line_is_not_there_yet() -> None:
    assert await parsed(b"id: 1\ndata: half") == []


async def test_events_come_in_order(stub: StubEngine, port: SocketPort) -> None:
    stub.streams = [[Send(b": ping\r\n\r\n"), *(Send(message(logged(n))) for n in (8, 9)), End()]]
    events, ended = await heard(port, after=7)
    assert events == [logged(8), logged(9)]
    assert isinstance(ended, EngineLost)
    assert ("GET", routes.EVENTS, "after=7", b"") in stub.calls


async def test_events_that_are_known_already_are_left_out(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.streams = [[*(Send(message(logged(n))) for n in (6, 7, 8)), HangUp()]]
    events, _ = await heard(port, after=7)
    assert events == [logged(8)]


async def test_a_gap_is_told(stub: StubEngine, port: SocketPort) -> None:
    stub.streams = [[Send(message(logged(1))), Send(message(logged(3))), End()]]
    events, ended = await heard(port)
    assert events == [logged(1)]
    assert isinstance(ended, EventGap)


@pytest.mark.parametrize("body", [b"event: resync\ndata: {}\n\n", b"event: resync\n\n"])
async def test_a_resync_is_a_gap(stub: StubEngine, port: SocketPort, body: bytes) -> None:
    stub.streams = [[Send(body), End()]]
    _, ended = await heard(port)
    assert isinstance(ended, EventGap)


async def test_hanging_up_in_mid_event_is_a_loss(stub: StubEngine, port: SocketPort) -> None:
    stub.streams = [[Send(message(logged(1))), Send(b"id: 2\r\ndata: {"), HangUp()]]
    events, ended = await heard(port)
    assert events == [logged(1)]
    assert isinstance(ended, EngineLost)


async def test_an_unknown_event_is_a_problem_of_the_protocol(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.streams = [[Send(b'id: 1\ndata: {"kind": "moon_landed", "seq": 1}\n\n'), End()]]
    _, ended = await heard(port)
    assert ended.problem.code is ProblemCode.PROTOCOL


async def test_silence_is_no_loss_while_the_engine_answers(stub: StubEngine) -> None:
    ready = asyncio.Event()
    stub.streams = [[Pause(ready), Send(message(logged(1))), End()]]
    transport = Transport(stub.socket)

    async def first() -> Event:
        async with aclosing(engine_events(transport, 0, silence=0.01)) as events:
            return await anext(events)

    waiting = asyncio.create_task(first())
    await stub.called(routes.META, times=3)
    ready.set()
    assert await waiting == logged(1)
    await transport.close()


async def test_silence_of_an_engine_that_does_not_answer_is_a_loss(stub: StubEngine) -> None:
    never = asyncio.Event()
    stub.streams = [[Pause(never)]]
    stub.answers[f"GET {routes.META}"] = (500, b"")
    with pytest.raises(EngineLost):
        async for _ in engine_events(Transport(stub.socket), 0, silence=0.01):
            pass
    never.set()


async def test_following_folds_events_into_the_state(stub: StubEngine, port: SocketPort) -> None:
    stub.states = [EngineState(seq=4)]
    stub.streams = [[Send(message(logged(5))), Send(message(logged(6))), End()]]
    seen = []
    async with aclosing(follow(port)) as steps:
        async for state, event in steps:
            seen.append((state.seq, event, len(state.log)))
            if state.seq == 6:
                break
    assert seen == [(4, None, 0), (5, logged(5), 1), (6, logged(6), 2)]


async def test_following_takes_the_state_again_after_a_gap(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.states = [EngineState(seq=1), EngineState(seq=20)]
    stub.streams = [
        [Send(message(logged(2))), Send(message(logged(9))), End()],
        [Send(message(logged(21))), End()],
    ]
    seen = []
    async with aclosing(follow(port)) as steps:
        async for state, event in steps:
            seen.append((state.seq, event is None))
            if state.seq == 21:
                break
    assert seen == [(1, True), (2, False), (20, True), (21, False)]


async def test_following_survives_a_broken_connection(stub: StubEngine, port: SocketPort) -> None:
    stub.states = [EngineState(seq=1), EngineState(seq=3)]
    stub.streams = [
        [Send(message(logged(2))), HangUp()],
        [Send(message(logged(4))), End()],
    ]
    last: Event | None = None
    async with aclosing(follow(port)) as steps:
        async for state, event in steps:
            last = event
            if state.seq == 4:
                break
    assert isinstance(last, Logged)


async def test_following_does_not_take_another_engine_for_the_lost_one(
    stub: StubEngine, port: SocketPort
) -> None:
    stub.infos = [info(pid=1), info(pid=2)]
    stub.streams = [[HangUp()], [Send(message(logged(1))), End()]]
    with pytest.raises(EngineLost):
        async for _ in follow(port):
            pass


async def test_following_gives_up_when_no_stream_brings_an_event(
    stub: StubEngine, port: SocketPort
) -> None:
    with pytest.raises(EngineLost):
        async for _ in follow(port):
            pass
    assert sum(path == routes.EVENTS for _, path, _, _ in stub.calls) == MAX_BARREN_STREAMS
