"""What a project prints stands in the engine's log; printing never fails because of the log."""

from __future__ import annotations

import codecs
import faulthandler
import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

LONGEST = 65_536
"""Characters without an end of a line that are held back, so that a secret is seen whole."""
LONGEST_SECRET = 4_096
"""Characters at their end that stay held back, for what may be the beginning of one."""


class _Drain(io.FileIO):
    """A file whose disk may be full: what it can't take is gone."""

    def write(self, content: Any, /) -> int:
        with suppress(OSError):
            return super().write(content)
        return len(content)


class Output(io.TextIOWrapper):
    """A standard stream that takes any text in any locale, by lines, without the secrets in it."""

    def __init__(self, descriptor: int) -> None:
        drain = io.BufferedWriter(_Drain(descriptor, "wb", closefd=False))
        super().__init__(drain, "utf-8", errors="backslashreplace", line_buffering=True)
        self.hide: Callable[[str], str] = str
        """Takes secrets out of a text."""

    def write(self, text: str, /) -> int:
        super().write(self.hide(text))
        return len(text)


class _Overheard(threading.Thread):
    """Has what others print to the process's descriptors stand in the log as its own does."""

    def __init__(self, heard: int, output: Output) -> None:
        super().__init__(name="output-of-children", daemon=True)
        self._heard = heard
        self._output = output

    def run(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        held = ""
        while chunk := os.read(self._heard, LONGEST):
            whole, end, held = (held + decoder.decode(chunk)).rpartition("\n")
            if end:
                self._output.write(f"{whole}\n")
            if len(held) > LONGEST:
                hidden = self._output.hide(held)
                self._output.write(hidden[:-LONGEST_SECRET])
                held = hidden[-LONGEST_SECRET:]


_OUTPUTS: list[Output] = []
"""All that writes to the log."""


def print_to_log() -> None:
    """Has the process print to its log, whatever becomes of the log, and its children by it.

    A model's ``print`` would else fail its batch on a full disk, or in a locale without UTF-8. What
    children and libraries print past Python comes in by a pipe. A library's last words, when it
    ends the process, are lost there; where Python was then is written to the log itself.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    out, errors = os.dup(1), os.dup(2)
    faulthandler.enable(errors)
    heard, said = os.pipe()
    for descriptor in (1, 2):
        os.dup2(said, descriptor)
    os.close(said)
    _OUTPUTS[:] = [Output(out), Output(errors), Output(out)]
    sys.stdout, sys.stderr, overheard = _OUTPUTS
    _Overheard(heard, overheard).start()


def hide_in_output(hide: Callable[[str], str]) -> None:
    """Has what is printed from now on go without secrets."""
    for output in _OUTPUTS:
        output.hide = hide
