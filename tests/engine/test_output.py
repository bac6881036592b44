"""What stands in the engine's log, whoever prints it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plan_tui.engine.output import LONGEST

PRINTS = """
import os, subprocess, sys, time
from plan_tui.engine.output import hide_in_output, print_to_log
from pathlib import Path
print_to_log()
hide_in_output(lambda text: text.replace("hunter2", "***"))
log = Path(sys.argv[1])
{what}
while "the end" not in log.read_text():
    time.sleep(0.01)
"""


def printed(tmp_path: Path, what: str, code: int = 0) -> str:
    """The log of a process that does something, and prints that it is at its end."""
    log = tmp_path / "engine.log"
    with log.open("ab") as file:
        done = subprocess.run(
            [sys.executable, "-c", PRINTS.format(what=what), str(log)],
            stdout=file,
            stderr=file,
            timeout=60,
            check=False,
        )
    text = log.read_text()
    assert done.returncode == code, text
    return text


def test_children_and_libraries_print_without_secrets(tmp_path: Path) -> None:
    text = printed(
        tmp_path,
        "print('python hunter2')\n"
        "os.write(2, b'library hun'); os.write(2, b'ter2 \\xff\\n')\n"
        f"os.write(1, b'x' * {LONGEST} + b'hun'); os.write(1, b'ter2' + b'y' * {LONGEST})\n"
        "subprocess.run(['sh', '-c', 'echo child hunter2; echo the end >&2'])\n",
    )
    assert "hunter2" not in text
    assert "python ***" in text
    assert "library *** \\xff" in text
    assert "x***y" in text
    assert "child ***" in text


def test_a_process_that_a_library_ends_says_where_it_was(tmp_path: Path) -> None:
    text = printed(tmp_path, "def in_here(): os.abort()\nin_here()", code=-6)
    assert "in in_here" in text
