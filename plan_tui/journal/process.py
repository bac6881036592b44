"""Whether the process that recorded a run still lives."""

from __future__ import annotations

import os
from pathlib import Path


def process_mark(pid: int) -> str:
    """A process told apart from a later one with its number, where the system tells when it began.

    Returns:
        The number and the time, or an empty text where there is no such process.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"{pid}"
    fields = told.rpartition(")")[2].split()
    return f"{pid} {fields[19]}" if len(fields) > 19 and fields[0] not in "ZX" else ""


def is_alive(mark: str) -> bool:
    """Whether the process of a mark lives on this host."""
    pid = mark.partition(" ")[0]
    return pid.isdecimal() and process_mark(int(pid)) == mark
