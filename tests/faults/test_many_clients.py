"""A hundred clients, half of which never read: who reads loses nothing, the others cost nothing."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.engine import event_log
from plan_tui.engine.event_log import EventLog
from tests.engine.conftest import engine, shop, template
from tests.engine.hosting import HostedEngine
from tests.engine.projects import Project
from tests.faults.chatty import chatty_engine
from tests.faults.listening import listening
from tests.soaking import long

__all__ = ["engine", "shop", "template"]

QUEUE = 20
CLIENTS = 50
"""Of each kind."""
SLICE = 10
"""Events that are told at once; a client that reads has them before more come."""
TEXT = "x" * 8_000


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def tell(log: EventLog, count: int) -> int:
    """Tells events; returns the number of the last."""
    log.emit(*(ev.Logged(text=TEXT) for _ in range(count)))
    return log.state.seq


async def test_half_of_a_hundred_clients_never_read(
    engine: HostedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "QUEUE", QUEUE)
    await asyncio.to_thread(engine.plan, "prod")
    log = engine.session.log
    first = log.state.seq + 1
    await until(lambda: log.clients == 0)
    files = len(os.listdir("/proc/self/fd"))
    async with listening(engine.socket, 2 * CLIENTS, after=first - 1) as clients:
        reading, stalled = clients[:CLIENTS], clients[CLIENTS:]
        await until(lambda: log.clients == 2 * CLIENTS)
        for _ in range(15):
            last = await asyncio.to_thread(tell, log, SLICE)
            await asyncio.gather(*(each.read_to(last) for each in reading))
        # More than the sockets and the queue of a client take that does not read.
        overflowed = [each for each in log._subscriptions if each.overflowed]
        assert len(overflowed) == CLIENTS
        assert not any(each._waiting for each in log._subscriptions)
        assert all(each.numbers == list(range(first, last + 1)) for each in reading)
        await asyncio.gather(*(each.read_to_end() for each in stalled))
        assert all(each.resync and each.numbers[-1] < last for each in stalled)
        assert all(each.numbers == list(range(first, each.numbers[-1] + 1)) for each in stalled)
        # Some leave without a word; those who stay hear all.
        for each in reading[: CLIENTS // 2]:
            each.writer.transport.abort()
        last = await asyncio.to_thread(tell, log, SLICE)
        await asyncio.gather(*(each.read_to(last) for each in reading[CLIENTS // 2 :]))
        assert not any(each.resync for each in reading)
    await until(lambda: log.clients == 0)
    await until(lambda: len(os.listdir("/proc/self/fd")) <= files)


def is_whole(numbers: list[int], after: int) -> bool:
    """Whether no event is missing, twice or out of order."""
    return numbers == list(range(after + 1, after + 1 + len(numbers)))


@long
@pytest.mark.timeout(1_800)
async def test_a_real_engine_stays_as_large_as_it_is(shop: Project, runtime: Path) -> None:
    with chatty_engine(shop, runtime) as chatty:
        await asyncio.to_thread(chatty.plan)
        after = chatty.state.seq
        async with listening(chatty.socket, 2 * CLIENTS, after) as clients:
            reading, stalled = clients[:CLIENTS], clients[CLIENTS:]
            last = after
            held: list[tuple[float, int]] = []
            for _ in range(36):
                for _ in range(5):
                    chatty.tell(count=200, size=1_000)
                    last += 200
                    await asyncio.gather(*(each.read_to(last) for each in reading))
                held.append((chatty.megabytes, chatty.descriptors))
            assert all(is_whole(each.numbers, after) for each in reading)
            await asyncio.gather(*(each.read_to_end() for each in stalled))
            assert all(each.resync for each in stalled)
        sys.stdout.write(f"MB and open files after each thousand events: {held}\n")
        # What is kept for clients that come back is full after twenty thousand.
        assert max(held[28:])[0] < 1.05 * max(held[20:28])[0] + 5
        assert max(files for _, files in held) <= held[0][1] + 2
        await asyncio.to_thread(chatty.plan)
        assert chatty.descriptors < held[0][1] - CLIENTS
