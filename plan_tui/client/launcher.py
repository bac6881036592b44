"""Finding the engine of a project, and starting one where there is none."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from subprocess import DEVNULL, Popen

from pydantic import ValidationError

from plan_tui.client.errors import EngineLost, EngineNotStarted
from plan_tui.client.greeting import Hello, find, greet, other_protocol, too_late
from plan_tui.client.modules import module_command
from plan_tui.client.places import POLL, is_locked, log_tail, private_files
from plan_tui.client.transport import Transport
from plan_tui.contract import routes
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.contract.state import EngineInfo, SessionState

ENGINE_COMMAND = module_command("plan_tui.engine")
START_DEADLINE = 30.0
"""Seconds that an engine may take until it answers; it loads SQLMesh after that."""

OnWait = Callable[[str], None]

_started: list[Popen[bytes]] = []
"""Engines of this process: kept so that one which ends meanwhile is reaped.

They are no asyncio subprocesses, because those are killed together with their event loop, and an
engine outlives whoever started it.
"""


@dataclass(frozen=True)
class RunningEngine:
    """An engine that answers and speaks our protocol."""

    files: EngineFiles
    info: EngineInfo
    started_here: bool
    """Whether this process started it."""


class _Doing(Wire):
    """What engines of every protocol version say of their session."""

    state: str = SessionState.IDLE.value


async def find_engine(key: ProjectKey) -> RunningEngine | None:
    """The running engine of a project, or None; starts nothing.

    Raises:
        EngineNotStarted: The socket or its directory can't be trusted, or what answers speaks
            another protocol, or an engine lives but does not answer.
    """
    files = private_files(key)
    info = await find(files)
    if isinstance(info, Hello):
        raise EngineNotStarted(other_protocol(info))
    return None if info is None else RunningEngine(files, info, started_here=False)


async def engine_pid(key: ProjectKey) -> int | None:
    """The process id of a project's engine, whatever protocol it speaks."""
    info = await find(private_files(key))
    return None if info is None else info.pid


@dataclass(frozen=True)
class DismissedEngine:
    """An engine that was told to leave."""

    pid: int | None
    applying: bool
    """Whether it finishes an apply first."""


async def dismiss_engine(key: ProjectKey) -> DismissedEngine | None:
    """Tells a project's engine, of whatever version, to leave; None where there is none."""
    files = private_files(key)
    info = await find(files)
    if info is None:
        return None
    transport = Transport(files.socket, files.log)
    try:
        doing = _Doing.model_validate_json(await transport.get(routes.STATE))
        await transport.post(routes.STOP)
    finally:
        await transport.close()
    return DismissedEngine(info.pid, doing.state == SessionState.APPLYING)


async def ensure_engine(
    key: ProjectKey,
    *,
    ephemeral: bool = False,
    grace: float | None = None,
    on_wait: OnWait | None = None,
    command: Sequence[str] = ENGINE_COMMAND,
    deadline: float = START_DEADLINE,
) -> RunningEngine:
    """The engine of a project, started if there is none.

    Two that call this at once get the same engine: an engine holds a lock for as long as it
    lives, and one that finds it held leaves.

    Args:
        key: The project.
        ephemeral: Tell a new engine to end with this process.
        grace: Seconds that a new engine stays without clients; its own default if not given.
        on_wait: Is told in a few words what is waited for.
        command: What starts an engine.
        deadline: Seconds until it must answer.

    Raises:
        EngineNotStarted: It ended early or did not answer in time, or its place is not safe.
    """
    files = private_files(key)
    arguments = engine_arguments(key, files, ephemeral=ephemeral, grace=grace)
    start = _Start(files, (*command, *arguments), key.paths[0], on_wait or (lambda _: None))
    return await start.until(time.monotonic() + deadline)


async def end_started(timeout: float) -> None:
    """Ends what this process started and never got to talk to; waits for it, and not for ever."""
    end = time.monotonic() + timeout
    for process in _started:
        if process.poll() is None:
            process.terminate()
    while any(process.poll() is None for process in _started):
        if time.monotonic() > end:
            return
        await asyncio.sleep(POLL)


def engine_arguments(
    key: ProjectKey, files: EngineFiles, *, ephemeral: bool = False, grace: float | None = None
) -> list[str]:
    """The command line of an engine after its program."""
    arguments = ["--socket", str(files.socket), "--lock", str(files.lock)]
    arguments += ["--log", str(files.log)]
    if grace is not None:
        arguments += ["--grace", str(grace)]
    if ephemeral:
        arguments += ["--ephemeral", str(os.getpid())]
    for path in key.paths:
        arguments += ["--path", path]
    for flag, value in (
        ("--gateway", key.gateway),
        ("--config", key.config),
        ("--dotenv", key.dotenv),
    ):
        if value is not None:
            arguments += [flag, value]
    return arguments


@dataclass
class _Start:
    """One attempt to get at an engine, which may take several processes."""

    files: EngineFiles
    command: tuple[str, ...]
    directory: str
    on_wait: OnWait
    process: Popen[bytes] | None = None
    dismissed: int | None = None
    """The protocol of an engine that was told to leave."""
    said: str = ""

    async def until(self, deadline: float) -> RunningEngine:
        while (left := deadline - time.monotonic()) > 0:
            info = await greet(self.files, timeout=left)
            if isinstance(info, EngineInfo):
                ours = info.pid in {process.pid for process in _started}
                return RunningEngine(self.files, info, started_here=ours)
            if info is not None:
                await self._dismiss(info)
            elif not is_locked(self.files.lock):
                self._start_unless_started()
            else:
                self._say("waiting for the engine to answer")
            await asyncio.sleep(POLL)
        raise EngineNotStarted(too_late(self.files))

    def _start_unless_started(self) -> None:
        """Starts a process, unless one of ours is still on its way to the lock."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            # 0: it found another engine's lock, which may be gone by now.
            if code != 0:
                raise EngineNotStarted(self._ended_early(code))
        self._say("starting the engine")
        self.process = self._spawn()

    def _spawn(self) -> Popen[bytes]:
        _started[:] = [process for process in _started if process.poll() is None]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            log = os.open(self.files.log, flags, 0o600)
            try:
                process = Popen(
                    self.command,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.directory if os.path.isdir(self.directory) else None,
                    start_new_session=True,
                )
            finally:
                os.close(log)
        except OSError as error:
            raise EngineNotStarted(_no_process(error)) from error
        _started.append(process)
        return process

    def _say(self, doing: str) -> None:
        if doing != self.said:
            self.said = doing
            self.on_wait(doing)

    async def _dismiss(self, hello: Hello) -> None:
        """Tells an engine of another protocol to leave, unless it is applying a plan."""
        if self.dismissed == hello.protocol:
            return
        transport = Transport(self.files.socket, self.files.log)
        try:
            doing = _Doing.model_validate_json(await transport.get(routes.STATE))
            if doing.state == SessionState.APPLYING:
                raise EngineNotStarted(other_protocol(hello))
            self._say("an engine of another version is leaving")
            await transport.post(routes.STOP)
            self.dismissed = hello.protocol
        except EngineLost:
            pass
        except ValidationError as error:
            raise EngineNotStarted(other_protocol(hello)) from error
        finally:
            await transport.close()

    def _ended_early(self, code: int) -> Problem:
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        return Problem(
            code=ProblemCode.ENGINE_START,
            title="The engine ended before it could answer.",
            message=f"It ended {how}. The end of its log:\n{log_tail(self.files.log)}",
            hint=f"The whole log is {self.files.log}.",
        )


def _no_process(error: OSError) -> Problem:
    return Problem(
        code=ProblemCode.ENGINE_START,
        title="The engine could not be started.",
        message=str(error),
        hint="Check that plan_tui's Python environment is whole.",
    )
