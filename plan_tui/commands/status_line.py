"""What is going on right now, on stderr: a line that is rewritten, or one every few seconds."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TextIO

from plan_tui.contract.text import clean

REWRITE_EVERY = 0.2
LINE_EVERY = 5.0
"""Seconds of silence before a line where none can be rewritten, as in the log of a CI job."""

CLEAR = "\r\x1b[K"


class StatusLine:
    """Shows what a function says, with the time moving on while nothing else does."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self._stream = sys.stderr if stream is None else stream
        self._rewrites = self._stream.isatty() and os.environ.get("TERM") not in ("", "dumb")
        self._clock = clock
        self._text: Callable[[], str] = str
        self._printed_at = clock()
        self._shown = False

    def say(self, text: Callable[[], str]) -> None:
        """Sets what is said; it is asked again at each tick."""
        self._text = text

    def give_way(self) -> None:
        """Takes the line away for another output, which tells of progress as well."""
        self._printed_at = self._clock()
        self.clear()

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._write(CLEAR)
            self._shown = False

    def tick(self) -> None:
        """Shows the text of now, where it is due."""
        text = clean(self._text())
        if not text:
            self.clear()
        elif self._rewrites:
            # A line that wraps can't be taken away again.
            self._write(f"{CLEAR}{text[: shutil.get_terminal_size().columns - 1]}")
            self._shown = True
        elif self._clock() - self._printed_at >= LINE_EVERY:
            self._printed_at = self._clock()
            self._write(f"{text}\n")

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """Ticks until the block is left, then takes the line away."""
        ticker = asyncio.create_task(self._tick_on())
        try:
            yield
        finally:
            ticker.cancel()
            self.clear()

    async def _tick_on(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(REWRITE_EVERY)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (BrokenPipeError, UnicodeEncodeError):
            self._text = str
