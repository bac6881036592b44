"""A DuckDB file that another process holds: who that is, and whether it is free again."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.text import clean

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.planner import BuiltPlan

_LOCKED = re.compile(
    r"could not set lock on file\s+\"?([^\"]+?)\"?:(.*)", re.IGNORECASE | re.DOTALL
)
_HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_SECRET = re.compile(r"pass|secret|token|key|credential|://", re.IGNORECASE)
"""What makes a word of a command line one that is not shown."""
_LONGEST = 80
"""Characters of a command that are shown."""


def locked_problem(text: str) -> Problem | None:
    """The problem that DuckDB's words are about, where they are about a lock."""
    locked = _LOCKED.search(text)
    if locked is None:
        return None
    name = Path(locked.group(1).strip()).name
    found = _HOLDER.search(locked.group(2))
    by = f" by {_holder(int(found['pid']), found['program'])}" if found else ""
    what = f"Let process {found['pid']} finish, or close it" if found else "Close what holds it"
    return Problem(
        code=ProblemCode.LOCKED_DATABASE,
        title=f"The DuckDB file {name} is in use{by}.",
        message=text,
        hint=f"{what}, then try again: DuckDB lets one process in that writes.",
    )


def _holder(pid: int, program: str) -> str:
    """A process in words; what it was started with is known on Linux, of this user's only."""
    words: list[str] = []
    with suppress(OSError):
        told = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        words = [word.decode(errors="replace") for word in told if word]
    if any("plan_tui.engine" in word for word in words):
        return f"another engine of plan_tui (process {pid})"
    command = " ".join([os.path.basename(words[0]), *map(_shown, words[1:])]) if words else program
    command = " ".join(command.split())
    if len(command) > _LONGEST:
        command = f"{command[:_LONGEST]}…"
    return f"process {pid} ({clean(command)})"


def _shown(word: str) -> str:
    return "…" if _SECRET.search(word) else word


class LastLock:
    """The file that was found locked, so that the next try ends before it has done any work."""

    def __init__(self) -> None:
        self._path: str | None = None

    def note(self, problem: Problem) -> Problem:
        """Takes how a try ended; gives it back."""
        locked = _LOCKED.search(problem.message)
        is_lock = problem.code is ProblemCode.LOCKED_DATABASE
        self._path = locked.group(1).strip() if is_lock and locked else None
        return problem

    def check(self) -> None:
        """Opens the file for a moment; by the thread that owns SQLMesh, with nothing open.

        Raises:
            duckdb.IOException: It is locked still.
        """
        if self._path is not None and os.path.exists(self._path):
            import duckdb

            with suppress(duckdb.ConnectionException):
                duckdb.connect(self._path).close()
        self._path = None


def refuse_locked(backend: Backend) -> None:
    """Refuses to change a plan whose state can't be read now: it stays as it is.

    SQLMesh changes categories one by one, and what it needs of the state only afterwards. Where all
    of that was read with the plan nothing is opened: it takes a tenth of a second of each choice.

    Raises:
        Refused: Another process holds the state's file.
    """
    from plan_tui.engine.problems import from_loading
    from plan_tui.engine.refused import Refused

    project, built = backend.project, backend.built
    if project.state_file is None or built is None or _needs_nothing(built):
        return
    try:
        project.context.state_sync.get_environment(built.plan.environment_naming_info.name)
    except Exception as error:
        problem = from_loading(error, project.key.paths)
        if problem.code is ProblemCode.LOCKED_DATABASE:
            raise Refused(problem, 409) from error


def _needs_nothing(built: BuiltPlan) -> bool:
    """Whether a choice is made from what is known: a signal may ask the warehouse anything."""
    from plan_tui.engine.known_work import is_known

    if not is_known(built):
        return False
    return not any(each.is_model and each.model.signals for each in built.plan.snapshots.values())
