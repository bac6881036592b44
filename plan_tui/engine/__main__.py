"""Starts an engine: ``python -m plan_tui.engine --socket PATH --lock PATH --log PATH``."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from plan_tui.contract.locations import EngineFiles, ProjectKey
from plan_tui.engine.log_file import shorten
from plan_tui.engine.output import print_to_log

_ADAPTERS = "sqlmesh.core.config.connection"
GRACE = 900.0
"""Seconds without clients and work after which an engine leaves."""


def main() -> int:
    """Takes the lock, binds the socket and serves until it may leave."""
    options = _options()
    key = ProjectKey.of(tuple(options.path), options.gateway, options.config, options.dotenv)
    files = EngineFiles(Path(options.socket), Path(options.lock), Path(options.log))
    lock = os.open(files.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    shorten(files.log)
    _prepare(options.debug)
    with suppress(OSError):  # the lock is held all the same, whatever a full disk takes
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
    from plan_tui.engine.serving import serve

    try:
        asyncio.run(serve(key, files, options.grace, options.ephemeral))
    finally:
        logging.shutdown()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m plan_tui.engine")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--lock", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--path", action="append", default=[])
    parser.add_argument("--gateway")
    parser.add_argument("--config")
    parser.add_argument("--dotenv")
    parser.add_argument("--grace", type=float, default=GRACE)
    parser.add_argument(
        "--ephemeral", type=int, metavar="PID", help="leave with the process that started it"
    )
    parser.add_argument("--debug", action="store_true")
    options = parser.parse_args()
    if options.ephemeral is not None:
        options.grace = min(options.grace, 10.0)
    return options


def _prepare(debug: bool) -> None:
    """Makes the process deaf to its terminal and keeps SQLMesh from forking it.

    A fork of a process with a running server and threads inherits its sockets and locks, so
    SQLMesh loads in this process: ``MAX_FORK_WORKERS`` is read when it is imported.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    print_to_log()
    os.environ["MAX_FORK_WORKERS"] = "1"
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for noisy in ("httpcore", "httpx", "watchfiles", "uvicorn.access", "asyncio", _ADAPTERS):
        logging.getLogger(noisy).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
