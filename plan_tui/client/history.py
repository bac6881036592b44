"""The journal, read where it lies: no engine has to run, and a lost one's runs are still there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from plan_tui.client.errors import ClientError
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.history import History, RecordedDetail, RunKind
from plan_tui.contract.locations import ProjectKey
from plan_tui.journal.reading import read_history, read_run
from plan_tui.journal.store import JournalError, is_broken, journal_path

R = TypeVar("R")


async def history_of(key: ProjectKey, kinds: Sequence[RunKind], limit: int) -> History:
    """The newest runs of a project.

    Args:
        key: The project.
        kinds: What kinds of run are wanted.
        limit: How many at most.

    Raises:
        ClientError: The journal can't be read.
    """
    return await _read(lambda path: read_history(path, key.digest, kinds, limit))


async def recorded_run(key: ProjectKey, run_id: str) -> RecordedDetail:
    """All that was recorded of one run.

    Args:
        key: The project.
        run_id: The run, or how its id begins.

    Raises:
        ClientError: There is no such run, or the journal can't be read.
    """
    found = await _read(lambda path: read_run(path, key.digest, run_id))
    if found is None:
        raise ClientError(
            Problem(
                code=ProblemCode.BAD_REQUEST,
                title=f"The history of this project has no run {run_id}.",
                message="It was another project's, or is so old that it was forgotten.",
                hint="plan-tui history lists the runs with their ids.",
            )
        )
    return found


async def _read(read: Callable[[Path], R]) -> R:
    path = journal_path()
    try:
        return await asyncio.to_thread(read, path)
    except (OSError, sqlite3.Error, JournalError) as error:
        raise ClientError(_unreadable(path, error)) from error


def _unreadable(path: Path, error: Exception) -> Problem:
    damaged = isinstance(error, sqlite3.Error) and is_broken(error)
    return Problem(
        code=ProblemCode.UNREADABLE_JOURNAL,
        title="The history can't be read.",
        message=f"{error}" if isinstance(error, JournalError) else f"{path}: {error}.",
        hint="The next plan or apply sets the damaged file aside and begins a new one."
        if damaged
        else "Plans and applies go on without it; see to the file and try again.",
    )
