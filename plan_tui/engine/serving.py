"""Binds the socket, serves, watches the project's files and decides when to leave."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from contextlib import AbstractContextManager, nullcontext, suppress

import uvicorn

from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import SessionState
from plan_tui.engine import files as project_files
from plan_tui.engine import garbage
from plan_tui.engine.breaker import TripReason
from plan_tui.engine.conflicts import watch_environment
from plan_tui.engine.log_file import KEPT, shorten
from plan_tui.engine.secrets import hide_in_log
from plan_tui.engine.server import make_app
from plan_tui.engine.session import Session

logger = logging.getLogger(__name__)
LOOK = 0.25
"""Seconds between two looks at whether the engine may leave."""
UNUSABLE = frozenset({ProblemCode.NO_PROJECT, ProblemCode.UNKNOWN_CONFIG})
"""Problems of the engine's own command line: what asks next asks another engine."""
UNUSABLE_GRACE = 2.0
"""Seconds without clients after which an engine leaves that has such a problem."""
ORPHAN_GRACE = 1.0
"""Seconds without clients that an engine outlives the command that it was started for alone."""
LOG_LOOK = 5.0
"""Seconds between two looks at how large the log is, and at whether it is quiet."""
QUIET = 30.0
"""Seconds without a request after which half a second is nobody's."""


class _Server(uvicorn.Server):
    """A server whose signals are the engine's own business."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


async def serve(
    key: ProjectKey, files: EngineFiles, grace: float, owner: int | None = None
) -> None:
    """Serves until there was neither a client nor work for ``grace`` seconds.

    Args:
        key: The project.
        files: Where the socket goes; the caller holds the lock.
        grace: Seconds.
        owner: The process that it was started for alone, and is gone with; None for none.
    """
    session = Session(key, files)
    hide_in_log(session.loading.secrets)
    stop = asyncio.Event()
    _on_signals(session, stop)
    app = make_app(session, stop.set)
    server = _Server(
        uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=2)
    )
    serving = asyncio.create_task(server.serve(sockets=[_bind(files)]))
    session.start()
    watching = asyncio.gather(
        _watch(session), watch_environment(session), _bound_log(files), _tidy(session)
    )
    try:
        await _until_unused(session, stop, grace, owner)
    finally:
        logger.info("The engine leaves.")
        session.leaving = True
        watching.cancel()
        server.should_exit = True
        with suppress(FileNotFoundError):
            os.unlink(files.socket)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(serving, 5)
        session.close()
    if not session.working and not session.log.is_telling:
        logging.shutdown()
        os._exit(0)


def _bind(files: EngineFiles) -> socket.socket:
    """A listening socket that only this user can open, in place of a dead engine's."""
    with suppress(FileNotFoundError):
        os.unlink(files.socket)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(files.socket))
    finally:
        os.umask(before)
    bound.listen(128)
    bound.setblocking(False)
    return bound


def _on_signals(session: Session, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    async def leave() -> None:
        await session.cancel(CancelMode.GRACEFUL, TripReason.SHUTDOWN)
        await session.leave()
        stop.set()

    tasks: set[asyncio.Task[None]] = set()

    def on_signal() -> None:
        task = loop.create_task(leave())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)


async def _until_unused(
    session: Session, stop: asyncio.Event, grace: float, owner: int | None
) -> None:
    used, patience = session.last_used, grace
    while True:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)
        used = max(used, session.last_used)
        if patience != (patience := _patience(session, grace, owner)):
            # Whoever waited for the project is yet to be told what is wrong with it.
            used = time.monotonic()
        if _plans_for_nobody(session, owner):
            await session.leave()
        if session.working or session.log.is_telling:
            used = time.monotonic()
        elif stop.is_set():
            return
        elif session.log.clients:
            used = time.monotonic()
        elif time.monotonic() - used > patience:
            return
        if stop.is_set():
            await asyncio.sleep(LOOK)


async def _tidy(session: Session) -> None:
    """Looks for garbage while nobody asks for anything, until it is cancelled."""
    while True:
        await asyncio.sleep(LOG_LOOK)
        quiet = time.monotonic() - session.last_used > QUIET
        free = quiet and not session.working and not session.log.is_telling
        if free and garbage.is_due(alone=not session.log.clients):
            garbage.tidy()


def _is_orphan(owner: int | None) -> bool:
    return owner is not None and os.getppid() != owner


def _plans_for_nobody(session: Session, owner: int | None) -> bool:
    """Whether a plan is built that only a command could show that is gone."""
    planning = session.state is SessionState.PLANNING
    return planning and not session.log.clients and _is_orphan(owner)


def _patience(session: Session, grace: float, owner: int | None) -> float:
    if _is_orphan(owner):
        return min(grace, ORPHAN_GRACE)
    problem = session.info.problem
    unusable = problem is not None and problem.code in UNUSABLE
    return min(grace, UNUSABLE_GRACE) if unusable else grace


async def _bound_log(files: EngineFiles) -> None:
    """Keeps the log from filling the disk while a project prints, until it is cancelled."""
    while True:
        shorten(files.log, KEPT)
        await asyncio.sleep(LOG_LOOK)


async def _watch(session: Session) -> None:
    """Tells the session when files of the project change, until it is cancelled."""
    from watchfiles import awatch

    def wanted(change: object, path: str) -> bool:
        return project_files.belongs(path, session.key.paths)

    try:
        async for _ in awatch(*session.key.paths, watch_filter=wanted, debounce=300, step=50):
            session.went_stale()
    except asyncio.CancelledError:
        raise
    except Exception:
        logger.exception("Files can't be watched; they are compared before each plan.")
