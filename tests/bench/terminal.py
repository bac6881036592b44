"""A program in a real pseudo-terminal, with times from a key to the last byte of its answer."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pyte

QUIET = 0.05
"""Seconds of silence after which an answer is complete."""


@dataclass(frozen=True)
class KeyTimes:
    """What pressing a key many times took, each list in order."""

    painted: list[float]
    """Milliseconds to the first write, which has the row that the key moved to."""
    complete: list[float]
    """Milliseconds to the last write, with what the engine was asked for the row."""
    sizes: list[int]
    """Bytes."""


def share(ordered: Sequence[float], part: float) -> float:
    """The value that a part of all stays at or below, as 0.99 for the 99th percentile."""
    return ordered[round(part * (len(ordered) - 1))]


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

    def time_key(self, keys: str, times: int) -> KeyTimes:
        """Presses a key again and again, each time once the answer before is complete."""
        painted, complete, sizes = [], [], []
        for _ in range(times):
            self.settle(QUIET)
            start = time.perf_counter()
            self.send(keys)
            size = self._read(1.0)
            painted.append((max(start, self.last_byte) - start) * 1_000)
            while count := self._read(QUIET):
                size += count
            complete.append((max(start, self.last_byte) - start) * 1_000)
            sizes.append(size)
        return KeyTimes(sorted(painted), sorted(complete), sorted(sizes))

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
