"""Opens the journal's file: made private, checked, migrated, set aside where it is broken."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from plan_tui.journal.schema import MIGRATIONS, migrate, version_of

NAME = "journal.db"
PATIENCE = 5.0
"""Seconds to wait for another process that writes."""
KEPT_ASIDE = 2
"""Broken files that are kept for whoever wants to look; older ones are deleted."""
LARGEST_WAL = 4 * 1024 * 1024
_SIDE_FILES = ("-wal", "-shm")
_BROKEN = ("malformed", "not a database")


class JournalError(Exception):
    """The journal can't be used, in a sentence; the file is left as it is."""


def journal_path() -> Path:
    """Where this user's journal is."""
    from platformdirs import user_state_path

    return user_state_path("plan-tui", appauthor=False) / NAME


def is_broken(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is damaged."""
    return any(words in str(error) for words in _BROKEN)


def file_of(path: Path) -> tuple[int, int] | None:
    """Which file has a name: another one may be put in its place while a connection is open."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def open_to_write(path: Path, migrations: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """A connection that writes; the file is made where it is missing.

    Raises:
        JournalError: It belongs to a newer plan_tui, or is no file of this user's.
        OSError: It can't be made.
        sqlite3.Error: It can't be opened; see ``is_broken``.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        _check_version(connection, path, len(migrations))
        if version_of(connection) == 0:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {LARGEST_WAL:d}")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def open_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads.

    Raises:
        FileNotFoundError: Nothing was recorded yet.
        JournalError: It belongs to a newer plan_tui.
        sqlite3.Error: It can't be read.
    """
    os.stat(path)
    connection = _reading(path)
    try:
        _check_version(connection, path, len(MIGRATIONS))
        if version_of(connection) < len(MIGRATIONS):
            connection.close()
            connection = open_to_write(path)
        yield connection
    finally:
        connection.close()


def _reading(path: Path) -> sqlite3.Connection:
    """A reader; of a directory that can't be written to, it takes the file as it lies there."""
    address = path.absolute().as_uri()
    for how in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{address}?{how}", uri=True, timeout=PATIENCE)
        try:
            version_of(connection)
        except sqlite3.OperationalError as error:
            connection.close()
            if "unable to open" not in str(error) or "immutable" in how:
                raise
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def check(connection: sqlite3.Connection) -> None:
    """Looks the whole file over.

    Raises:
        sqlite3.DatabaseError: It is damaged.
    """
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {said}")


def set_aside(path: Path) -> Path | None:
    """Moves a damaged file out of the way, unless another process has done so already.

    Returns:
        Where it is now, or None when there was nothing to move any more.
    """
    with open(path.with_name(f"{NAME}.lock"), "a", opener=_private) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_damaged(path):
            return None
        aside = path.with_name(f"{NAME}.corrupt-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
        for side in _SIDE_FILES:
            with suppress(FileNotFoundError):
                os.replace(f"{path}{side}", f"{aside}{side}")
        os.replace(path, aside)
        _forget_older(path)
        return aside


def _is_damaged(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE)
        try:
            check(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return is_broken(error)
    return False


def _forget_older(path: Path) -> None:
    aside = sorted(
        each
        for each in path.parent.glob(f"{NAME}.corrupt-*")
        if not each.name.endswith(_SIDE_FILES)
    )
    for old in aside[:-KEPT_ASIDE]:
        for name in (str(old), *(f"{old}{side}" for side in _SIDE_FILES)):
            with suppress(OSError):
                os.unlink(name)


def _check_version(connection: sqlite3.Connection, path: Path, newest: int) -> None:
    found = version_of(connection)
    if found > newest:
        raise JournalError(
            f"{path} was written by a newer plan_tui (version {found}, this one knows {newest})."
        )


def _make_private(path: Path) -> None:
    """Makes directory and file where they are missing, for this user alone.

    A file that exists is not opened: closing it again would drop the locks that SQLite holds on it
    in this process.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep_to_user(path.parent, stat.S_IFDIR)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    _keep_to_user(path, stat.S_IFREG)


def _keep_to_user(path: Path, kind: int) -> None:
    found = os.lstat(path)
    if stat.S_IFMT(found.st_mode) != kind or found.st_uid != os.getuid():
        what = "directory" if kind == stat.S_IFDIR else "file"
        raise JournalError(f"{path} is not a {what} of this user.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        os.chmod(path, stat.S_IMODE(found.st_mode) & 0o700)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
