"""Command lines that are shown for the next step: they lead to the same project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Sequence

from plan_tui.contract.locations import ProjectKey

PROGRAM = "plan-tui"
_MENTIONED = re.compile(
    r"\bplan-tui (?=(?:review|plan|inspect|apply|resume|cancel|status|history|engine)\b)"
)


def command_words(program: str, key: ProjectKey) -> tuple[str, ...]:
    """A program with the global options that lead it to a project from the current directory."""
    words = [program]
    here = os.path.realpath(os.getcwd())
    if key.paths != (here,):
        for path in key.paths:
            relative = os.path.relpath(path, here)
            words += ["-p", relative if not relative.startswith("..") else path]
    for flag, value in (
        ("--gateway", key.gateway),
        ("--config", key.config),
        ("--dotenv", key.dotenv),
    ):
        if value is not None:
            words += [flag, value]
    return tuple(words)


def program_of(key: ProjectKey, program: str = PROGRAM) -> str:
    """``plan-tui``, with the global options that lead it to a project."""
    return shlex.join(command_words(program, key))


def found_by_shell(started: str) -> str:
    """``plan-tui``, or where it lies when a shell would not find it by its name.

    Args:
        started: The path that this process was started by.
    """
    if os.path.basename(started) != PROGRAM or shutil.which(PROGRAM) is not None:
        return PROGRAM
    path = os.path.abspath(started)
    relative = os.path.relpath(path)
    found = not relative.startswith("..") and os.sep in relative
    return relative if found else path


def program_with(prefix: Sequence[str]) -> str:
    """``plan-tui`` with the global options that another program's command begins with."""
    return shlex.join((PROGRAM, *prefix[1:]))


def with_program(text: str, program: str) -> str:
    """A sentence of ours with whole commands in place of those that it mentions in short."""
    return _MENTIONED.sub(lambda _: f"{program} ", text)
