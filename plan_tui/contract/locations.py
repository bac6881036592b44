"""Where an engine's socket, lock and log are: the same answer for engine and client."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path


class UnsafeDirectoryError(RuntimeError):
    """The runtime directory is not this user's alone, so no socket is put there."""


@dataclass(frozen=True)
class ProjectKey:
    """What makes an engine: one per user, project paths, gateway and configuration."""

    paths: tuple[str, ...]
    """Absolute project directories, in the order they were given."""
    gateway: str | None = None
    config: str | None = None
    dotenv: str | None = None

    @classmethod
    def of(
        cls,
        paths: tuple[str, ...],
        gateway: str | None = None,
        config: str | None = None,
        dotenv: str | None = None,
    ) -> ProjectKey:
        """A key from paths as typed; the current directory when none is given."""
        absolute = tuple(str(Path(path).resolve()) for path in (paths or (".",)))
        return cls(absolute, gateway, config, str(Path(dotenv).resolve()) if dotenv else None)

    @property
    def digest(self) -> str:
        """16 hexadecimal digits; short, because a socket's path has at most 107 bytes."""
        text = json.dumps([self.paths, self.gateway, self.config, self.dotenv])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class EngineFiles:
    """The files of one engine."""

    socket: Path
    lock: Path
    log: Path


def runtime_directory() -> Path:
    """The private directory for sockets, made if it is missing.

    Raises:
        UnsafeDirectoryError: It is a link, another user's, or open to others.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and os.path.isdir(base) and os.access(base, os.W_OK):
        directory = Path(base) / "plan-tui"
    else:
        directory = Path(tempfile.gettempdir()) / f"plan-tui-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    found = os.lstat(directory)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise UnsafeDirectoryError(f"{directory} is not a directory of this user.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UnsafeDirectoryError(
            f"{directory} can be entered by others (mode {stat.S_IMODE(found.st_mode):o})."
        )
    return directory


def files_of(key: ProjectKey) -> EngineFiles:
    """The files of the engine for a key.

    Raises:
        UnsafeDirectoryError: See ``runtime_directory``.
    """
    directory = runtime_directory()
    name = key.digest
    return EngineFiles(
        directory / f"{name}.sock", directory / f"{name}.lock", directory / f"{name}.log"
    )


def is_held(key: ProjectKey) -> bool:
    """Whether an engine of the project lives; False also where nobody can tell."""
    try:
        return is_locked(files_of(key).lock)
    except (OSError, UnsafeDirectoryError):
        return False


def is_locked(lock: Path) -> bool:
    """Whether an engine lives: it holds the lock from its first moment to its last.

    Raises:
        OSError: It can't be opened.
    """
    try:
        opened = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared: two that look at once do not take each other for an engine.
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(opened)
    return False
