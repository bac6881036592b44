"""Commands that are measured, and how a figure is printed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.terminal import python


def report(what: str, figure: str) -> None:
    """Prints one figure."""
    sys.stdout.write(f"{what:<58} {figure}\n")
    sys.stdout.flush()


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def plan_tui(root: Path, *arguments: str) -> list[str]:
    """A command of plan_tui's on a project."""
    return python("-m", "plan_tui", "-p", str(root), *arguments)


def run(command: list[str], cwd: Path) -> str:
    """Runs a command to its end; returns its output."""
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout
