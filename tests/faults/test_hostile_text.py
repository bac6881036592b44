"""Text of projects and warehouses that gives orders to a terminal is shown, never obeyed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.engine.projects import Project
from tests.faults import hostile
from tests.integration.conftest import Open, home, open_app

__all__ = ["home", "open_app"]

ON_SCREEN = (
    *("qdir", "qgate", "qenv", "qseed", "qowner", "qdesc", "qcolumn", "qcomment", "qvalue"),
    *("qmodel", "qname", "qerror", "qaudit", "qbroken", "qbranch", "qtest"),
    *("qrule", "qrows"),
)
"""What the app shows, each from another place of the project."""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A hostile project, with an environment whose name in the state is hostile too."""
    project = hostile.harmless(tmp_path)
    hostile.under_git(project)
    project.deploy()
    project.deploy("other", include_unmodified=True)
    with duckdb.connect(str(tmp_path / "lake.duckdb")) as connection:
        name = hostile.orders("qenv")
        connection.execute("UPDATE sqlmesh._environments SET name=? WHERE name='other'", [name])
    hostile.make_hostile(project)
    return project


def test_what_is_found_finds_orders() -> None:
    assert hostile.hostile_in(b"\x1b[1;2H\x1b[38;2;1;2;3mplain\x1b[0m\r\n") == []
    for order in ("\x1b]0;x\x07", "\x9b2J", "a\u202eb", "a\u200bb", hostile.COLOURS, "\x00"):
        assert hostile.hostile_in(f"plain {order} plain".encode())


@pytest.mark.timeout(300)
def test_no_text_is_obeyed_on_any_screen(
    open_app: Open, shop: Project, home: dict[str, str]
) -> None:
    terminal = open_app("review", "dev", "--git-ref", hostile.branch())

    def go(key: str, *shown: str) -> None:
        terminal.press(key)
        for text in shown:
            terminal.until(text)

    # A unit test that fails is in the way of the plan.
    terminal.until("unit tests fail")
    (shop.root / "tests" / "test_stores.yaml").unlink()
    terminal.press("\x12")
    # The review: each change, its diffs, its page of data.
    terminal.until("models/qbroken")
    terminal.press("j")
    terminal.until("Data: its seed data changed")
    go("D", "qseed")
    go("]", "qdesc", "qvalue")
    go("d", "qcolumn")
    go("d", "[rendered]")
    go("d", "[query]")
    terminal.until("qcomment")
    # A broken model is in the way of an apply.
    next((shop.root / "models").glob("qbroken*")).unlink()
    terminal.press("\x12")
    terminal.until(lambda text: "Apply: broken" not in text and "a Apply" in text)
    go("o", "qbranch")
    go("o")
    go("o", "5 models to backfill")
    pages = (("s", "What will run"), ("t", "Backfill: "), ("w", "Dangers"), ("?", "Keys"))
    for key, shown in pages:
        go(key, shown)
        go("escape", "5 models to backfill")
    # The environments, then the question, the run, a failure, and the history of it.
    go("\x1bOP", "qenv")
    go("\x1bOQ", "5 models to backfill")
    go("a", "qgate")
    go("enter", "4 failed", "qerror", "qaudit")
    go("enter", "What to do")
    go("escape", "4 failed")
    go("\x1b[15~", "Plans too", "1/5")
    go("enter", "Failure 1 of 4")
    go("L", "qmodel", "qname")
    go("q", "A batch")

    written = terminal.written.decode(errors="replace")
    assert [tag for tag in ON_SCREEN if tag not in written] == []
    assert "[bold red]" in written
    assert "<U+001B>" in written
    assert hostile.hostile_in(terminal.written) == []
    assert_commands_are_harmless(shop, home)


def assert_commands_are_harmless(shop: Project, home: dict[str, str]) -> None:
    """What is printed for people and for other programs, with the failed apply behind it."""
    for *arguments, shown in (
        ("plan", "dev", "qmodel"),
        ("plan", "dev", "qlint"),
        ("plan", "dev", "--format", "markdown", "qmodel"),
        ("plan", "dev", "--format", "json", "qmodel"),
        ("apply", "dev", "--yes", "qerror"),
        ("history", "A batch"),
        ("status", "qdir"),
        ("plan", hostile.orders("qwanted", in_data=False), "qwanted"),
        ("plan", "dev", "--select-model", hostile.orders("qselect", in_data=False), "qselect"),
        ("-p", str(shop.root / hostile.orders("qwhere", in_data=False)), "plan", "dev", "qwhere"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "plan_tui", "-p", str(shop.root), *arguments],
            env={**os.environ, **home},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert shown.encode() in done.stdout + done.stderr, (arguments, done.stderr)
        assert hostile.hostile_in(done.stdout + done.stderr) == [], arguments
