"""A program in a real pseudo-terminal, with times from a key to the last byte of its answer."""

from __future__ import annotations

import os
import select
import statistics
import sys
import time
from pathlib import Path

import pexpect
import pyte

QUIET = 0.05
"""Seconds of silence after which an answer is complete."""


class Terminal:
    """Drives a command and keeps its screen."""

    def __init__(self, command: list[str], cwd: Path, size: tuple[int, int] = (120, 40)) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.started = time.perf_counter()
        self.last_byte = self.started
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._child = pexpect.spawn(
            command[0], command[1:], cwd=str(cwd), dimensions=(rows, columns), env=environment
        )

        self._child.delaybeforesend = None  # it would wait 50 ms before each key

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._screen.display)

    def _read(self, patience: float) -> int:
        ready, _, _ = select.select([self._child.child_fd], [], [], patience)
        if not ready:
            return 0
        try:
            data = os.read(self._child.child_fd, 1 << 16)
        except OSError:
            return 0
        self.last_byte = time.perf_counter()
        self._stream.feed(data)
        return len(data)

    def wait_for(self, text: str, patience: float = 120.0) -> float:
        """Reads until a text is on the screen; returns seconds since the start.

        Raises:
            TimeoutError: It did not come; the message holds the screen.
        """
        deadline = time.perf_counter() + patience
        while text not in self.text:
            self._read(0.05)
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{text!r} did not come:\n{self.text}")
        return time.perf_counter() - self.started

    def settle(self, quiet: float = 0.4) -> None:
        """Reads until nothing came for a while."""
        while self._read(quiet):
            pass

    def send(self, keys: str) -> None:
        """Types."""
        self._child.send(keys)

    def time_key(self, keys: str, times: int) -> tuple[float, float, float]:
        """Presses a key again and again.

        Returns:
            Milliseconds to the last byte of the answer, p50 and p99, and bytes an answer.
        """
        found, total = [], 0
        for _ in range(times):
            self.settle(QUIET)
            start = time.perf_counter()
            self.send(keys)
            patience = 1.0
            while count := self._read(patience):
                total += count
                patience = QUIET
            found.append((max(start, self.last_byte) - start) * 1_000)
        ordered = sorted(found)
        p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
        return statistics.median(found), p99, total / times

    def time_until_changed(self, keys: str, line: int, patience: float = 20.0) -> float:
        """Presses a key; returns milliseconds until a line of the screen is another.

        Raises:
            TimeoutError: It stays the same.
        """
        self.settle(QUIET)
        before = self._screen.display[line]
        start = time.perf_counter()
        self.send(keys)
        while self._screen.display[line] == before:
            self._read(0.02)
            if time.perf_counter() - start > patience:
                raise TimeoutError(f"Line {line} stayed {before!r}")
        return (self.last_byte - start) * 1_000

    def close(self) -> None:
        """Ends the program."""
        self._child.close(force=True)


def python(*arguments: str) -> list[str]:
    """A command that runs this Python."""
    return [sys.executable, *arguments]
