"""Interrupted applies as the journal has them: what is known before any engine answers."""

from __future__ import annotations

import asyncio
import sqlite3
import time

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.locations import ProjectKey
from plan_tui.journal.interrupted import unread
from plan_tui.journal.pruning import LOST_AFTER
from plan_tui.journal.reading import read_interrupted
from plan_tui.journal.store import JournalError, journal_path


async def interrupted_runs(key: ProjectKey) -> tuple[InterruptedRun, ...]:
    """The interrupted applies of a project, as an engine last found them or the journal has them.

    Args:
        key: The project.
    """
    since = time.time_ns() // 1_000_000 - LOST_AFTER
    try:
        found = await asyncio.to_thread(read_interrupted, journal_path(), key.digest, since)
    except (OSError, sqlite3.Error, JournalError):
        return ()
    return tuple(detail.run.interrupted or unread(detail, work) for detail, work in found)
