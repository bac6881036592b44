"""Real engines that start at once: forked from a process that has imported SQLMesh already.

Each child is ``python -m plan_tui.engine`` in all but the import. It may be told where to die: it
then kills itself with SIGKILL, which no code of its own can tell from a kill from outside.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Death:
    """The call of a method of SQLMesh's at which an engine dies."""

    method: str
    """``module:Class.method``."""
    call: int = 1
    """Its how manieth call."""
    after: bool = False
    """Whether the call is made first."""
    about: str = ""
    """Only calls count whose first argument has this in it."""

    @property
    def id(self) -> str:
        moment = "after" if self.after else "before"
        return f"{moment}-{self.method.rpartition('.')[2].strip('_')}-{self.call}"


class Nursery:
    """The process that forks engines."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MAX_FORK_WORKERS": "1"},
        )

    def fork(self, arguments: list[str], log: Path, death: Death | None) -> int:
        """Starts an engine; returns its process id.

        Args:
            arguments: Those of ``python -m plan_tui.engine``.
            log: Where its output goes.
            death: Where it dies.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = None if death is None else [death.method, death.call, death.after, death.about]
        order = {
            "arguments": arguments,
            "log": str(log),
            "death": wanted,
            "variables": {
                name: value for name, value in os.environ.items() if name.startswith("XDG_")
            },
        }
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._process.wait(30)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery, gone with the block."""
    found = Nursery()
    try:
        yield found
    finally:
        found.close()


def _serve() -> None:
    """Forks an engine for each line that comes in; its end is nobody's business here."""
    import plan_tui.engine.backend  # noqa: F401 - what takes its time

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become_engine(order)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _become_engine(order: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.environ.update(order["variables"])
        sys.argv = ["plan_tui.engine", *order["arguments"]]
        if order["death"] is not None:
            _arrange(Death(*order["death"]))
        from plan_tui.engine.__main__ import main

        code = main()
    finally:
        os._exit(code)


def _arrange(death: Death) -> None:
    """Has this process die at a call."""
    import importlib
    import threading

    module_name, _, path = death.method.partition(":")
    class_name, _, name = path.partition(".")
    owner = getattr(importlib.import_module(module_name), class_name)
    real: Callable[..., Any] = getattr(owner, name)
    lock, calls = threading.Lock(), [0]

    def deadly(*args: Any, **kwargs: Any) -> Any:
        with lock:
            counts = not death.about or death.about in str(args[1])
            calls[0] += counts
            is_due = counts and calls[0] == death.call
        if is_due and not death.after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **kwargs)
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, deadly)


if __name__ == "__main__":
    _serve()
