"""The terminal: refused where there is none, left when it is gone."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path

import pytest

from plan_tui.contract.command_line import command_words, found_by_shell, program_of, with_program
from plan_tui.contract.locations import ProjectKey
from plan_tui.ui.launch import NO_TERMINAL, run_app
from plan_tui.ui.terminal import is_hung_up, terminal_problem


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_is_refused_with_another_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "__stdin__", io.StringIO())
    assert run_app(ProjectKey.of((".",))) == NO_TERMINAL
    assert "plan-tui plan ENV" in capsys.readouterr().err


@pytest.mark.parametrize(("term", "refused"), [("dumb", True), ("xterm-256color", False)])
def test_a_dumb_terminal_is_refused(
    monkeypatch: pytest.MonkeyPatch, term: str, refused: bool
) -> None:
    monkeypatch.setattr(sys, "__stdin__", Terminal())
    monkeypatch.setattr(sys, "__stdout__", Terminal())
    monkeypatch.setenv("TERM", term)
    assert (terminal_problem() is not None) is refused


def test_a_hang_up_is_seen() -> None:
    ours, theirs = pty.openpty()
    assert not is_hung_up(theirs)
    os.close(ours)
    assert is_hung_up(theirs)
    os.close(theirs)


def test_the_command_has_only_the_options_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    monkeypatch.chdir(project)
    assert command_words("sqlmesh", ProjectKey.of(())) == ("sqlmesh",)
    monkeypatch.chdir(tmp_path)
    key = ProjectKey.of(("shop",), gateway="local")
    assert command_words("sqlmesh", key) == ("sqlmesh", "-p", "shop", "--gateway", "local")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert program_of(key) == f"plan-tui -p {project} --gateway local"
    assert command_words("sqlmesh", key) == ("sqlmesh", "-p", str(project), "--gateway", "local")


def test_a_mentioned_command_is_written_whole() -> None:
    whole = "plan-tui -p shop"
    assert with_program("See plan-tui engine log.", whole) == "See plan-tui -p shop engine log."
    assert with_program("an engine of plan-tui", whole) == "an engine of plan-tui"


def test_a_command_that_no_shell_finds_is_written_with_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "venv" / "bin"
    place.mkdir(parents=True)
    (place / "plan-tui").write_text("#!/bin/sh\n")
    (place / "plan-tui").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert found_by_shell(str(place / "plan-tui")) == "venv/bin/plan-tui"
    assert found_by_shell("/opt/else/bin/plan-tui") == "/opt/else/bin/plan-tui"
    assert found_by_shell("/usr/lib/plan_tui/__main__.py") == "plan-tui"
    monkeypatch.setenv("PATH", str(place))
    assert found_by_shell(str(place / "plan-tui")) == "plan-tui"
