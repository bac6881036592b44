"""A real pseudo-terminal with a program in it, and the screen that its user sees."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds after which a test gives up on a screen."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "ctrl+r": "\x12",
    "ctrl+c": "\x03",
}


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """What the program finds; a test worker tells a size of its own, which the terminal is not."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    return {**kept, **own, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Terminal:
    """Reads what the program draws, and types."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        size: tuple[int, int] = (120, 40),
    ) -> None:
        columns, lines = size
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._child = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=_environment(environment),
            cwd=str(directory),
            dimensions=(lines, columns),
            timeout=PATIENCE,
        )
        self._child.delaybeforesend = None
        self.written = b""
        """All that the program wrote, as it came."""

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def press(self, *keys: str) -> None:
        """Presses keys; a text of several characters is typed."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def read(self, patience: float = 0.0) -> bool:
        """Takes what the program has written, and waits a moment for it; False at its end."""
        try:
            came = self._child.read_nonblocking(65536, timeout=patience)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += came
        self._stream.feed(came)
        return True

    def until(self, shown: str | Callable[[str], bool], patience: float = PATIENCE) -> str:
        """Reads until the screen shows a text, or satisfies a condition; returns the screen."""
        seen = shown if callable(shown) else lambda text: shown in text
        deadline = time.monotonic() + patience
        while not seen(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"never shown: {shown}\n{self.text}"
            assert self.read(min(left, 1.0)), f"it ended before it showed {shown}\n{self.text}"
        return self.text

    def wait(self) -> int:
        """Waits for the program's end; returns its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read(1.0):
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)

    def signal(self, number: int) -> None:
        """Sends the program a signal."""
        self._child.kill(number)

    def hang_up(self) -> int:
        """Closes the terminal under the program, as a dropped line does; returns its status."""
        self._child.ptyproc.fileobj.close()
        _, status = os.waitpid(self._child.pid, 0)
        self._child.closed = self._child.terminated = True
        self._child.ptyproc.closed = self._child.ptyproc.terminated = True
        return status

    def close(self) -> None:
        """Ends what is left."""
        if self._child.closed:
            return
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
        self._child.close()
