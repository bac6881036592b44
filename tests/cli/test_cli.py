from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import plan_tui
from plan_tui.cli import COMMANDS, Settings, cli
from plan_tui.commands.status_line import CLEAR, StatusLine
from plan_tui.commands.words import count, duration, range_text
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.options import OPTIONS
from tests.cli.conftest import Run

ROOT = Path(plan_tui.__file__).parent.parent
DAY = 86_400_000


def command(*arguments: str, **environment: str) -> list[str]:
    return [sys.executable, "-m", "plan_tui", *arguments]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--bogus",),
        ("plan", "dev", "--bogus"),
        ("pan", "dev"),
        ("plan", "dev", "--min-intervals", "-1"),
        ("plan", "dev", "--category", "a.b"),
        ("plan", "dev", "--category", "=BREAKING"),
        ("plan", "dev", "--category", "a.b=FORWARD_ONLY"),
        ("plan", "prod", "--start", "2024-01-01"),
        ("plan", "dev", "--ignore-cron"),
        ("plan", "dev", "--skip-tests", "--test-changed-only"),
        ("plan", " "),
        ("--dotenv", "/nowhere", "status"),
        ("-p", "/nowhere", "status"),
        ("review", "dev", "--ignore-cron"),
        (),
        ("review", "dev"),
    ],
)
def test_bad_usage_ends_with_3_and_says_why(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "Error: " in done.stderr


@pytest.mark.parametrize("arguments", [("-h",), ("--help",), *((name, "-h") for name in COMMANDS)])
def test_help(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Usage:" in done.stdout


def test_every_option_of_the_table_is_one_of_the_command() -> None:
    context = click.Context(cli)
    plan = cli.get_command(context, "plan")
    assert plan is not None
    flags = {flag for parameter in plan.params for flag in parameter.opts}
    assert {option.flag for option in OPTIONS} <= flags
    assert {option.short for option in OPTIONS} - {None} <= flags


def test_the_version(run: Run) -> None:
    assert run("--version").stdout.startswith(f"plan-tui {plan_tui.__version__} (SQLMesh 0.")


def test_the_key_of_the_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
    (tmp_path / ".env").write_text("")
    seen: list[ProjectKey] = []
    monkeypatch.setattr(
        "plan_tui.commands.app.open_app", lambda settings: seen.append(settings.key) or 0
    )
    monkeypatch.setenv("SQLMESH_GATEWAY", "lake")
    flags = ["-p", f"{tmp_path}/*", "-p", str(tmp_path), "--config", "c"]
    done = CliRunner().invoke(cli, [*flags, "--dotenv", f"{tmp_path}/.env"])
    assert done.exit_code == 0
    paths = (f"{tmp_path}/a", f"{tmp_path}/b", str(tmp_path))
    assert seen == [ProjectKey.of(paths, "lake", "c", f"{tmp_path}/.env")]


def test_the_app_opens_with_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from plan_tui.commands import app

    class Terminal:
        def isatty(self) -> bool:
            return True

    assert app.missing_terminal() is not None
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert app.missing_terminal() is None
    monkeypatch.setenv("TERM", "dumb")
    assert "dumb" in (app.missing_terminal() or "")


def test_an_unexpected_error_shows_its_trace_with_debug_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(settings: Settings) -> int:
        raise RuntimeError("boom \x1b[2J")

    monkeypatch.setattr("plan_tui.commands.app.open_app", fail)
    quiet, loud = run(), run("--debug")
    assert quiet.exit_code == loud.exit_code == 1
    assert "RuntimeError: boom <U+001B>[2J" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr


def test_the_entry_imports_almost_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import plan_tui.cli\n"
        "heavy = {'pydantic', 'httpx', 'textual', 'sqlmesh', 'asyncio', 'plan_tui.contract'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_ends_the_command_quietly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command("plan", "--help"), stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 1


def test_a_terminal_without_unicode_gets_escapes() -> None:
    code = "import click, plan_tui.cli as c\nc.cli.main = lambda **k: click.echo('é→')\nc.main()"
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=environment
    )
    assert done.stdout == b"\xe9\\u2192\n"


class Stream:
    """A terminal, or the log of a CI job."""

    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal
        self.written: list[str] = []

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None: ...


def test_the_status_line_is_rewritten_on_a_terminal() -> None:
    stream = Stream(terminal=True)
    line = StatusLine(stream)  # type: ignore[arg-type]
    line.say(lambda: "loading \x1b" + "x" * 500)
    line.tick()
    line.give_way()
    line.give_way()
    [shown, cleared] = stream.written
    assert shown.startswith(f"{CLEAR}loading <U+001B>xx")
    assert "\n" not in shown
    assert len(shown) < 300
    assert cleared == CLEAR


def test_the_status_line_is_a_line_now_and_then_elsewhere() -> None:
    stream, time = Stream(terminal=False), iter([0.0, 1.0, 5.0, 5.0, 9.9, 10.0, 10.0])
    line = StatusLine(stream, lambda: next(time))  # type: ignore[arg-type]
    line.say(lambda: "loading")
    for _ in range(4):
        line.tick()
    assert stream.written == ["loading\n", "loading\n"]


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (-5, "0 ms"),
        (84, "84 ms"),
        (1_449, "1.4 s"),
        (42_000, "42 s"),
        (185_000, "3 min 05 s"),
        (7_860_000, "2 h 11 min"),
    ],
)
def test_durations(millis: int, text: str) -> None:
    assert duration(millis) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((0, DAY), "1970-01-01"),
        ((0, 2 * DAY), "1970-01-01 to 1970-01-02"),
        ((0, 3_600_000), "1970-01-01 to 1970-01-01 01:00"),
        ((1_000, 2_000), "1970-01-01 00:00:01 to 1970-01-01 00:00:02"),
    ],
)
def test_ranges(interval: tuple[int, int], text: str) -> None:
    assert range_text(interval) == text


def test_counts() -> None:
    assert [count(1, "batch"), count(2, "batch"), count(1_000, "model")] == [
        "1 batch",
        "2 batches",
        "1,000 models",
    ]
