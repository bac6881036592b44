"""What a project prints stands in the engine's log; printing never fails because of the log."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any


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


def print_to_log() -> None:
    """Has the process print to its log, whatever becomes of the log.

    A model's ``print`` would else fail its batch on a full disk, or in a locale without UTF-8.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    sys.stdout, sys.stderr = Output(1), Output(2)


def hide_in_output(hide: Callable[[str], str]) -> None:
    """Has what is printed from now on go without secrets."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, Output):
            stream.hide = hide
