"""The files of an engine: whether they can be trusted, and what they tell of it."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path

from plan_tui.client.errors import EngineNotStarted
from plan_tui.contract import locations
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.locations import (
    EngineFiles,
    ProjectKey,
    UnsafeDirectoryError,
    files_of,
)

POLL = 0.02
"""Seconds between two looks at a file that another process changes."""
LOG_LINES_SHOWN = 15
MAX_SOCKET_BYTES = 107


def private_files(key: ProjectKey) -> EngineFiles:
    """The files of a project's engine, in a directory that is this user's alone.

    Raises:
        EngineNotStarted: There is no such directory, or the socket in it is not ours.
    """
    try:
        files = files_of(key)
    except UnsafeDirectoryError as error:
        raise _unsafe(str(error)) from error
    except OSError as error:
        raise EngineNotStarted(
            Problem(
                code=ProblemCode.ENGINE_START,
                title="There is no place for the engine's socket.",
                message=str(error),
                hint="Set XDG_RUNTIME_DIR to a directory of yours that can be written to.",
            )
        ) from error
    if len(os.fsencode(files.socket)) > MAX_SOCKET_BYTES:
        raise EngineNotStarted(
            Problem(
                code=ProblemCode.ENGINE_START,
                title="The path of the engine's socket is too long.",
                message=f"{files.socket} has more than {MAX_SOCKET_BYTES} bytes.",
                hint="Set XDG_RUNTIME_DIR or TMPDIR to a shorter path.",
            )
        )
    check_socket(files.socket)
    return files


async def wait_until_gone(files: EngineFiles, timeout: float | None = None) -> bool:
    """Waits until no engine holds the lock; says whether that came true in time."""
    end = None if timeout is None else time.monotonic() + timeout
    while is_locked(files.lock):
        if end is not None and time.monotonic() > end:
            return False
        await asyncio.sleep(POLL)
    return True


def log_tail(path: Path, lines: int = LOG_LINES_SHOWN) -> str:
    """The last lines of an engine's log; empty when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - lines * 500))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def check_socket(path: Path) -> None:
    """Raises where the path is anything but a socket of this user, or nothing."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise _unsafe(f"{path} is not a socket.")
    if found.st_uid != os.getuid():
        raise _unsafe(f"{path} belongs to another user.")


def is_locked(path: Path) -> bool:
    """Whether an engine lives: it holds the lock from its first moment to its last."""
    try:
        return locations.is_locked(path)
    except OSError as error:
        raise _unsafe(f"{path} can't be opened: {error.strerror}.") from error


def _unsafe(why: str) -> EngineNotStarted:
    return EngineNotStarted(
        Problem(
            code=ProblemCode.ENGINE_START,
            title="The place of the engine's socket is not safe.",
            message=why,
            hint="Remove it, or set XDG_RUNTIME_DIR to a directory that is yours alone.",
        )
    )
