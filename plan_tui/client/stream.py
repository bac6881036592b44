"""The engine's events: parsing server-sent events, finding gaps, and following the state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from pydantic import ValidationError

from plan_tui.client.errors import ClientError, EngineLost, EventGap
from plan_tui.client.port import EnginePort
from plan_tui.client.transport import Transport, engine_lost
from plan_tui.contract import routes
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import Event, EventAdapter
from plan_tui.contract.fold import fold
from plan_tui.contract.state import EngineInfo, EngineState

RESYNC = "resync"
"""The SSE event that the engine sends a client whose queue overflowed."""

SILENCE = 15.0
"""Seconds without a line after which the engine is asked whether it is there."""

MAX_BARREN_STREAMS = 5
"""Streams in a row that may end without an event before the engine counts as lost."""


@dataclass(frozen=True)
class ServerSentEvent:
    """One message of an event stream, with the fields that plan_tui uses."""

    event: str
    data: str
    id: str


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """The lines in a stream of bytes.

    Only line feeds end a line. ``str.splitlines``, and with it httpx, would also split at U+2028
    and others, which JSON leaves as they are inside a text.
    """
    unfinished: list[bytes] = []
    async for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for line in ended:
            whole = b"".join((*unfinished, line)) if unfinished else line
            unfinished.clear()
            yield whole.removesuffix(b"\r").decode("utf-8", "replace")
        if rest:
            unfinished.append(rest)


async def server_sent_events(lines: AsyncIterator[str]) -> AsyncGenerator[ServerSentEvent, None]:
    """Puts lines together to messages; comments, which keep the stream alive, are dropped."""
    event, data, last_id = "message", list[str](), ""
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                event = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                last_id = value
        else:
            if data or event == RESYNC:
                yield ServerSentEvent(event, "\n".join(data), last_id)
            event, data = "message", []


async def engine_events(
    transport: Transport, after: int, *, silence: float = SILENCE
) -> AsyncGenerator[Event, None]:
    """The engine's events after a number, without end.

    Args:
        transport: The way to the engine.
        after: The number of the last event that is known already.
        silence: Seconds without even a keep-alive after which the engine is asked.

    Raises:
        EventGap: An event was missed, or the engine says so.
        EngineLost: The stream ended, or the engine is silent and does not answer.
    """
    known = after
    async with _messages(transport, after, silence) as messages:
        async for message in messages:
            if message.event == RESYNC:
                raise EventGap(known + 1, _number(message.id, known + 2))
            event = _read(message)
            if event.seq <= known:
                continue
            if event.seq != known + 1:
                raise EventGap(known + 1, event.seq)
            known = event.seq
            yield event
    raise EngineLost(engine_lost("It ended the stream of events.", transport.log))


@asynccontextmanager
async def _messages(
    transport: Transport, after: int, silence: float
) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
    async with (
        transport.stream(routes.EVENTS, {"after": str(after)}) as pieces,
        aclosing(_watched(pieces, lambda: _answers(transport), silence)) as awake,
        aclosing(lines_of(awake)) as lines,
        aclosing(server_sent_events(lines)) as messages,
    ):
        yield messages


async def follow(port: EnginePort) -> AsyncGenerator[tuple[EngineState, Event | None], None]:
    """The engine's state, then the state after each event together with that event.

    The event is None where the state was taken whole: at the start and after a gap.

    Raises:
        EngineLost: The engine is gone, or another one answers in its place.
    """
    engine = await port.info()
    barren = 0
    while True:
        state = await port.state()
        yield state, None
        try:
            async with _closing(port.events(state.seq)) as events:
                async for event in events:
                    barren = 0
                    state = fold(state, event)
                    yield state, event
        except EventGap:
            continue
        except EngineLost:
            barren += 1
            if barren >= MAX_BARREN_STREAMS or not _same(engine, await port.info()):
                raise


@asynccontextmanager
async def _closing(events: AsyncIterator[Event]) -> AsyncIterator[AsyncIterator[Event]]:
    """Lets go of the stream with the consumer, not with the garbage collector."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _same(before: EngineInfo, after: EngineInfo) -> bool:
    return (before.pid, before.started) == (after.pid, after.started)


def _read(message: ServerSentEvent) -> Event:
    try:
        return EventAdapter.validate_json(message.data)
    except ValidationError as error:
        raise ClientError(
            Problem(
                code=ProblemCode.PROTOCOL,
                title="The engine said something that this plan_tui does not understand.",
                message=f"{error.error_count()} fields of a {message.event} event do not fit.",
                hint="Stop the engine (plan-tui engine stop) and start again.",
            )
        ) from error


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() else otherwise


async def _answers(transport: Transport) -> bool:
    try:
        await transport.get(routes.META)
    except ClientError:
        return False
    return True


async def _watched(
    pieces: AsyncIterator[bytes], answers: Callable[[], Awaitable[bool]], silence: float
) -> AsyncGenerator[bytes, None]:
    """The same pieces; ends when none comes and the engine does not answer either."""
    while True:
        # The pending read is kept over a timeout: httpx closes a stream whose read is cancelled.
        reading = asyncio.ensure_future(anext(pieces, None))
        try:
            while not (await asyncio.wait({reading}, timeout=silence))[0]:
                if not await answers():
                    return
            piece = await reading
        finally:
            reading.cancel()
        if piece is None:
            return
        yield piece
