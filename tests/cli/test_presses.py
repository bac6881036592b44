"""Presses that come too late, and what a headless command prints of asyncio's own troubles."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plan_tui.commands.presses import Presses, run_guarded


def test_a_callback_that_comes_too_late_prints_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def command() -> int:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        done.set_result(None)
        loop.call_soon(done.set_result, None)
        await asyncio.sleep(0)
        return 7

    with caplog.at_level(logging.ERROR):
        assert run_guarded(lambda presses: command()) == 7
    assert capsys.readouterr() == ("", "")
    assert caplog.records == []


def test_other_troubles_are_told(caplog: pytest.LogCaptureFixture) -> None:
    async def command(presses: Presses) -> int:
        def fail() -> None:
            raise ValueError("a real mistake")

        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)
        return 0

    with caplog.at_level(logging.ERROR):
        assert run_guarded(command) == 0
    assert "a real mistake" in caplog.text


PRESSED_LATE = '''
import atexit, os, signal, sys
from plan_tui import cli
from plan_tui.commands.presses import run_guarded

def press():
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)

async def command(presses):
    return 7

def run(prog_name):
    code = run_guarded(command)
    press()
    sys.exit(code)

class Last:
    """Ends with its module, when Python has given up all handlers."""
    def __del__(self, kill=os.kill, pid=os.getpid(), number=int(signal.SIGINT)):
        kill(pid, number)

last = Last()
atexit.register(press)
cli.cli.main = run
cli.main()
'''


def test_a_press_after_the_end_does_not_change_the_exit_code() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRESSED_LATE], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "", "")


PRESSED_TWICE = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
import click
from plan_tui import cli

def press():
    os.kill(os.getpid(), signal.SIGINT)

@click.command()
def early():
    press()

say = click.echo

def echo(text, **given):
    say(text, **given)
    press()

click.echo = echo
cli.cli.get_command = lambda context, name: early
import sys
sys.argv[1:] = ["plan"]
cli.main()
"""


def test_two_presses_before_a_command_is_at_work_are_one() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRESSED_TWICE], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (4, "", "Cancelled.")


PRESSED_IN_EXEC = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
import click
from plan_tui import cli

@click.command()
def early():
    exec("os.kill(os.getpid(), signal.SIGINT)\\nwhile True: pass")

cli.cli.get_command = lambda context, name: early
sys.argv[1:] = ["plan"]
cli.main()
"""


def test_a_press_that_passes_through_an_exec_leaves_the_exit_code(tmp_path: Path) -> None:
    """Python ends a module by the signal then, though the interrupt was caught."""
    (tmp_path / "pressed_in_exec.py").write_text(PRESSED_IN_EXEC)
    ended = subprocess.run(
        [sys.executable, "-m", "pressed_in_exec"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["", *filter(None, sys.path)])},
    )
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (4, "", "Cancelled.")


PRESSED_EARLY = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from plan_tui.__main__ import main

class Pressing:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Pressing())
main()
"""


def test_a_press_while_the_command_is_imported_ends_it_without_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PRESSED_EARLY], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, "", "Cancelled.\n")


LAST_WORDS = """
import os, sys
from plan_tui import cli

def ends(**given):
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
    sys.stdout.write("words for a terminal that is gone")
    sys.exit(129)

cli.cli.main = ends
cli.main()
"""


def test_last_words_that_nobody_takes_leave_the_exit_code_as_it_is() -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ended = subprocess.run(
        [sys.executable, "-c", LAST_WORDS], capture_output=True, text=True, env=kept
    )
    assert (ended.returncode, ended.stderr) == (129, "")
