"""The pump: one message a tick, gaps, and an end that is always told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from textual.message import Message

from plan_tui.contract import events as ev
from plan_tui.contract.events import Event
from plan_tui.ui.pump import Pump, PumpEnded, StateMoved

from . import samples
from .fake_port import LOST, FakePort


class Heard:
    """Collects what is posted, and lets one wait for it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._more = asyncio.Event()

    def post(self, message: Message) -> None:
        self.messages.append(message)
        self._more.set()

    @property
    def states(self) -> list[StateMoved]:
        return [message for message in self.messages if isinstance(message, StateMoved)]

    @property
    def ends(self) -> list[PumpEnded]:
        return [message for message in self.messages if isinstance(message, PumpEnded)]

    async def until_seq(self, seq: int) -> None:
        while not self.states or self.states[-1].state.seq < seq:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 5)


@pytest.fixture
async def heard() -> Heard:
    return Heard()


async def listening(port: FakePort) -> None:
    while not port.called("events"):  # noqa: ASYNC110 - a turn of the loop is what it waits for
        await asyncio.sleep(0)


async def test_many_events_become_few_updates(heard: Heard) -> None:
    port = FakePort(samples.idle())
    task = asyncio.create_task(Pump(port, heard.post).run())
    await listening(port)
    port.play(*(ev.Logged(text=str(number)) for number in range(1000)))
    await heard.until_seq(port.current.seq)
    task.cancel()
    assert heard.states[-1].state == port.current
    assert len(heard.states) <= 5


async def test_a_gap_takes_the_state_again(heard: Heard) -> None:
    port = FakePort(samples.idle())
    task = asyncio.create_task(Pump(port, heard.post).run())
    await listening(port)
    port.jump(samples.idle())
    await heard.until_seq(port.current.seq)
    assert len(port.called("state")) == 2
    assert heard.ends == []
    task.cancel()


async def test_a_lost_engine_is_told_after_the_last_state(heard: Heard) -> None:
    port = FakePort(samples.idle())
    task = asyncio.create_task(Pump(port, heard.post).run())
    await listening(port)
    port.play(ev.Logged(text="last words"))
    port.lose()
    await task
    assert heard.states[-1].state == port.current
    assert [end.problem for end in heard.ends] == [LOST]


async def test_a_bug_is_told_too(heard: Heard) -> None:
    class Buggy(FakePort):
        async def events(self, after: int) -> AsyncIterator[Event]:
            raise ZeroDivisionError("boom")
            yield

    await Pump(Buggy(samples.idle()), heard.post).run()
    assert "boom" in heard.ends[0].problem.message


async def test_a_stream_that_just_ends_is_told(heard: Heard) -> None:
    class Short(FakePort):
        async def events(self, after: int) -> AsyncIterator[Event]:
            return
            yield

    await Pump(Short(samples.idle()), heard.post).run()
    assert len(heard.ends) == 1
