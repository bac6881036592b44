"""Who holds a DuckDB file, in words that show no secret."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from plan_tui.contract.errors import ProblemCode
from plan_tui.engine.locked import locked_problem

TEXT = (
    'IO Error: Could not set lock on file "/data/lake.duckdb": Conflicting lock is held in '
    "/usr/bin/python3.11 (PID {pid}). See also https://duckdb.org/docs/"
)


def title_of(*arguments: str) -> tuple[int, str]:
    """The title of the problem while a process with these arguments holds the file."""
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        problem = locked_problem(TEXT.format(pid=process.pid))
        process.communicate(b"")
    assert problem is not None
    assert problem.code is ProblemCode.LOCKED_DATABASE
    assert f"process {process.pid}" in problem.hint
    return process.pid, problem.title


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_the_command_is_named_without_secrets() -> None:
    pid, title = title_of("--password=hush", "pg://ann:hush@host", "\x1b[31m", "x" * 500)
    assert title.startswith(f"The DuckDB file lake.duckdb is in use by process {pid} (python")
    assert "hush" not in title
    assert "\x1b" not in title
    assert len(title) < 200


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_an_engine_is_called_one() -> None:
    pid, title = title_of("plan_tui.engine")
    assert f"by another engine of plan_tui (process {pid})." in title


def test_a_process_that_is_gone_has_the_name_that_duckdb_gives() -> None:
    problem = locked_problem(TEXT.format(pid=2**22 + 1))
    assert problem is not None
    assert "process 4194305 (/usr/bin/python3.11)" in problem.title


def test_without_a_process_none_is_named() -> None:
    problem = locked_problem('Could not set lock on file "/data/lake.duckdb": no luck')
    assert problem is not None
    assert problem.title == "The DuckDB file lake.duckdb is in use."
    assert locked_problem("all is well") is None
