"""``--notify CMD``: a process of its own waits for an apply's end and then runs the command.

The engine takes no command from a client, so it can't run one; and the client may be gone when
the apply ends. So a process that is neither is started with the apply and outlives the terminal.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen

from plan_tui.client.modules import module_command
from plan_tui.client.places import private_files
from plan_tui.contract.base import Wire
from plan_tui.contract.locations import ProjectKey

LOOK = 0.1
"""Seconds between two looks at whether a command has ended."""
LOG_BYTES = 1_000_000
"""Bytes of what commands printed that are kept until the log begins anew."""


class NotifyJob(Wire):
    """What a notifier is told on its standard input: nothing of it is on its command line."""

    paths: tuple[str, ...]
    gateway: str | None
    config: str | None
    dotenv: str | None
    run_id: str
    command: str

    @property
    def key(self) -> ProjectKey:
        """The project whose engine applies."""
        return ProjectKey(self.paths, self.gateway, self.config, self.dotenv)


@dataclass(frozen=True)
class Notifier:
    """A process that waits for the end of an apply."""

    process: Popen[bytes]
    log: Path
    """Where the command's own output goes."""

    async def failure(self) -> str | None:
        """Waits for the command's end; says in words that it failed, or None where it did not."""
        while True:
            code = self.process.poll()
            if code is not None:
                break
            await asyncio.sleep(LOOK)
        if code == 0:
            return None
        return f"The --notify command ended with {code}; what it printed is in {self.log}."


def start_notifier(key: ProjectKey, run_id: str, command: str) -> Notifier:
    """Starts what runs a command once an apply has ended.

    Args:
        key: The project.
        run_id: The apply.
        command: A line for the shell.

    Raises:
        OSError: No process can be started.
        plan_tui.client.errors.EngineNotStarted: There is no private directory.
    """
    path = log_path(key)
    job = NotifyJob(
        paths=key.paths,
        gateway=key.gateway,
        config=key.config,
        dotenv=key.dotenv,
        run_id=run_id,
        command=command,
    )
    log = _open_log(path)
    try:
        process = Popen(
            module_command("plan_tui.client.notifier"),
            stdin=PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    assert process.stdin is not None
    with process.stdin as told:
        told.write(job.model_dump_json().encode())
    return Notifier(process, path)


def log_path(key: ProjectKey) -> Path:
    """Where the output of a project's commands goes."""
    return private_files(key).log.with_suffix(".notify.log")


@contextmanager
def claimed(job: NotifyJob) -> Iterator[bool]:
    """Whether this process is the one that runs a command for an apply.

    Each app that is opened with the same command while an apply runs starts a notifier, and the
    command shall run once.
    """
    name = hashlib.sha256(job.command.encode()).hexdigest()[:8]
    path = private_files(job.key).lock.with_suffix(f".{job.run_id}.{name}.notify")
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if not _is_taken(lock):
            yield False
            return
        try:
            yield True
        finally:
            os.unlink(path)
    finally:
        os.close(lock)


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # Whoever had it is through: the file that was locked is not the one that has the name.
    return os.fstat(lock).st_nlink > 0


def _open_log(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    log = os.open(path, flags, 0o600)
    if os.fstat(log).st_size > LOG_BYTES:
        os.ftruncate(log, 0)
    return log
