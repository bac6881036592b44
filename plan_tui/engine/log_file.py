"""Keeps an engine's log bounded, at its start and while it writes: the end is what one reads."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""Bytes; where sockets are, files often take memory."""
KEPT = 1024 * 1024
"""Bytes of its end that stay when a log that grew large while an engine runs is shortened."""


def shorten(log: Path, kept: int = 0) -> None:
    """Takes the beginning away from a log that grew large; all who write to it append."""
    with suppress(OSError):
        if log.stat().st_size <= LARGEST:
            return
        end = b""
        if kept:
            with log.open("rb") as written:
                written.seek(-kept, os.SEEK_END)
                end = written.read(kept).partition(b"\n")[2]
        os.truncate(log, 0)
        if end:
            with log.open("ab") as shortened:
                shortened.write(end)
