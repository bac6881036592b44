"""Engines for tests: served by this process, or as processes of their own."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from plan_tui.contract import routes
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.state import SessionState
from plan_tui.engine import serving
from plan_tui.engine.server import make_app
from plan_tui.engine.session import Session

from .projects import Project
from .talking import Engine

STOP_DEADLINE = 30


@contextmanager
def hosted(project: Project, directory: Path) -> Iterator[HostedEngine]:
    """An engine in a thread of this process, over a real socket: SQLMesh is imported once.

    It is all of an engine but the process: no lock, no signals, no watching of files.
    """
    files = files_in(directory)
    before = os.getcwd()
    host = _Host(ProjectKey.of((str(project.root),)), files)
    host.start()
    engine = HostedEngine(files.socket, host)
    try:
        yield engine
    finally:
        if engine.state.state in (SessionState.PLANNING, SessionState.APPLYING):
            engine.post(routes.CANCEL, {"mode": "interrupt"})
        engine.close()
        host.stop()
        os.chdir(before)


class HostedEngine(Engine):
    """A client of an engine in this process, which can be reached into."""

    def __init__(self, socket: Path, host: _Host) -> None:
        super().__init__(socket)
        self._host = host

    @property
    def session(self) -> Session:
        return self._host.session

    @contextmanager
    def busy_worker(self) -> Iterator[None]:
        """Holds the thread that does the work."""
        with _busy(self.session._work):
            yield

    @contextmanager
    def busy_reader(self) -> Iterator[None]:
        """Holds the thread that answers what is looked at."""
        with _busy(self.session._reads):
            yield

    def send(self, command: Callable[[Session], Coroutine[Any, Any, None]]) -> Future[None]:
        """Gives the session a command: those that follow find it begun."""
        return asyncio.run_coroutine_threadsafe(command(self.session), self._host.loop)


@contextmanager
def _busy(executor: Executor) -> Iterator[None]:
    done = threading.Event()
    executor.submit(done.wait, STOP_DEADLINE)
    try:
        yield
    finally:
        done.set()


class _Host(threading.Thread):
    """The event loop that serves."""

    def __init__(self, key: ProjectKey, files: EngineFiles) -> None:
        super().__init__(name="engine", daemon=True)
        self._key, self._files = key, files
        self._ready = threading.Event()
        self._sql_level = logging.getLogger("sqlmesh.core.engine_adapter.base").level

    def start(self) -> None:
        super().start()
        assert self._ready.wait(10)

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.session = Session(self._key, self._files)
        config = uvicorn.Config(
            make_app(self.session, lambda: None),
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self.server = uvicorn.Server(config)
        self.session.start()
        bound = serving._bind(self._files)
        self._ready.set()
        await self.server.serve(sockets=[bound])
        bound.close()

    def stop(self) -> None:
        """Ends the server and leaves no mark on the process."""
        self.session.leaving = True
        self.server.should_exit = True
        self.join(STOP_DEADLINE)
        assert not self.is_alive()
        self.session._work.shutdown(wait=True, cancel_futures=True)
        self.session.close()
        if self.session.loading.backend is not None:
            sql_log = logging.getLogger("sqlmesh.core.engine_adapter.base")
            sql_log.removeHandler(self.session.loading.backend.project.sql)
            sql_log.setLevel(self._sql_level)


@contextmanager
def short_directory() -> Iterator[Path]:
    """A directory with a short path: a Unix socket's has at most 107 bytes."""
    directory = tempfile.mkdtemp(prefix="pt-")
    try:
        yield Path(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def files_in(directory: Path) -> EngineFiles:
    """An engine's files in a directory with a short path."""
    return EngineFiles(directory / "e.sock", directory / "e.lock", directory / "e.log")


class EngineProcess(Engine):
    """A real engine, ``python -m plan_tui.engine``, and the client of its socket."""

    MODULE = "plan_tui.engine"

    def __init__(self, project: Project, directory: Path, grace: float = 60.0) -> None:
        self.files = files_in(directory)
        super().__init__(self.files.socket)
        self.stdout = directory / "stdout"
        with self.stdout.open("ab") as out, self.files.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.MODULE),
                    *("--socket", str(self.files.socket), "--lock", str(self.files.lock)),
                    *("--log", str(self.files.log), "--path", str(project.root)),
                    *("--grace", str(grace)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                start_new_session=True,
            )

    def wait_for_socket(self) -> None:
        """Returns once the engine listens."""
        from watchfiles import watch

        directory = self.files.socket.parent
        looks = watch(directory, rust_timeout=200, yield_on_timeout=True, debounce=50, step=20)
        for _ in looks:
            assert self.process.poll() is None, self.log_text
            if self.files.socket.exists() and self._answers():
                return

    def _answers(self) -> bool:
        # Not by httpx, which leaves a socket open when nobody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.files.socket)) == 0

    @property
    def log_text(self) -> str:
        return self.files.log.read_text(errors="replace")

    def end(self) -> int:
        """Kills what is left of it; returns its exit code."""
        self.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        return self.process.wait(STOP_DEADLINE)


@contextmanager
def engine_process(
    project: Project, directory: Path, grace: float = 60.0
) -> Iterator[EngineProcess]:
    """A real engine that answers; it is killed in the end if it is still there."""
    engine = EngineProcess(project, directory, grace)
    try:
        engine.wait_for_socket()
        yield engine
    finally:
        engine.end()
