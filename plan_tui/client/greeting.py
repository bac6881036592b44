"""Asking who listens on an engine's socket, whatever version it is of."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pydantic import ValidationError

from plan_tui.client.errors import ClientError, EngineLost, EngineNotStarted
from plan_tui.client.places import POLL, check_socket, is_locked, log_tail
from plan_tui.client.transport import Transport
from plan_tui.contract import routes
from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.locations import EngineFiles
from plan_tui.contract.state import EngineInfo

FIND_DEADLINE = 10.0
"""Seconds in which a running engine must answer; a busy one shares its lock with SQLMesh."""


class Hello(Wire):
    """What engines of every protocol version say of themselves."""

    protocol: int
    pid: int | None = None


async def find(files: EngineFiles) -> EngineInfo | Hello | None:
    """Who listens; waits for an engine that lives but has no socket yet."""
    end = time.monotonic() + FIND_DEADLINE
    while (left := end - time.monotonic()) > 0:
        info = await greet(files, timeout=left)
        if info is not None or not is_locked(files.lock):
            return info
        await asyncio.sleep(POLL)
    raise EngineNotStarted(too_late(files))


async def greet(files: EngineFiles, *, timeout: float) -> EngineInfo | Hello | None:
    """Asks who listens: our engine, one of another protocol, or nobody."""
    check_socket(files.socket)
    if not await _is_listening(files.socket):
        return None
    transport = Transport(files.socket, files.log)
    try:
        answer = await transport.get(routes.META, timeout=timeout)
        hello = Hello.model_validate_json(answer)
        if hello.protocol != routes.PROTOCOL_VERSION:
            return hello
        return EngineInfo.model_validate_json(answer)
    except EngineLost:
        return None
    except (ClientError, ValidationError) as error:
        raise EngineNotStarted(
            Problem(
                code=ProblemCode.PROTOCOL,
                title="What listens on the engine's socket is not an engine of plan_tui.",
                message=f"{files.socket} answers something else.",
                hint="End the process that holds this socket, then try again.",
            )
        ) from error
    finally:
        await transport.close()


async def _is_listening(socket: Path) -> bool:
    """Whether anyone takes connections; saves importing httpx while nobody does."""
    try:
        _, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return False
    writer.close()
    return True


def too_late(files: EngineFiles) -> Problem:
    """What a user is told of an engine that is there and silent."""
    return Problem(
        code=ProblemCode.ENGINE_START,
        title="The engine does not answer.",
        message=f"It was waited for at {files.socket}. The end of its log:\n{log_tail(files.log)}",
        hint=f"Try again; if it stays so, end the process that holds {files.lock}.",
    )


def other_protocol(hello: Hello) -> Problem:
    """What a user is told of an engine that this client can't talk to."""
    pid = f" (process {hello.pid})" if hello.pid is not None else ""
    return Problem(
        code=ProblemCode.PROTOCOL,
        title="An engine of another version of plan_tui works on this project.",
        message=f"It speaks protocol {hello.protocol}{pid}; this plan_tui speaks "
        f"{routes.PROTOCOL_VERSION}.",
        hint="Wait until it has finished, or stop it with the plan_tui that started it.",
    )
