"""Clients of the stream of events, many of them in one thread; some of them never read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plan_tui.contract import routes

_TOLD = re.compile(rb"(?m)^(?:id: (\d+)|event: (resync))\r?$")
PATIENCE = 60.0


@dataclass
class Listener:
    """One connection that asked for the events after a number."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    numbers: list[int] = field(default_factory=list)
    resync: bool = False
    """Whether it was told to take the state again."""
    _rest: bytes = b""

    async def read_to(self, number: int) -> None:
        """Reads until it has heard the event with a number."""
        while not self.numbers or self.numbers[-1] < number:
            assert await self._read(), (self.numbers[-1:], number)

    async def read_to_end(self) -> None:
        """Reads until the engine ends the stream or asks for a resync."""
        while not self.resync and await self._read():
            pass

    async def _read(self) -> bool:
        piece = await asyncio.wait_for(self.reader.read(1 << 18), PATIENCE)
        whole, _, self._rest = (self._rest + piece).rpartition(b"\n")
        for number, resync in _TOLD.findall(whole + b"\n"):
            self.resync = self.resync or bool(resync)
            self.numbers += [int(number)] if number else []
        return bool(piece)


@asynccontextmanager
async def listening(socket: Path, count: int, after: int) -> AsyncIterator[Sequence[Listener]]:
    """That many clients, who have heard nothing yet."""
    request = f"GET {routes.EVENTS}?after={after} HTTP/1.1\r\nHost: engine\r\n\r\n".encode()
    listeners: list[Listener] = []
    try:
        for _ in range(count):
            listeners.append(Listener(*await asyncio.open_unix_connection(socket)))
            listeners[-1].writer.write(request)
        yield listeners
    finally:
        for each in listeners:
            each.writer.transport.abort()
