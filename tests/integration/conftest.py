"""A deployed project, a home of its own, and the app in a real pseudo-terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlmesh.core import constants

from tests.engine.projects import SHOP, Gate, Project

from .terminal import Terminal

constants.MAX_FORK_WORKERS = 1


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop, deployed to prod."""
    project = Project.make(tmp_path_factory.mktemp("template") / "shop", SHOP)
    project.deploy()
    return project


@pytest.fixture
def shop(template: Project, tmp_path: Path) -> Project:
    """The shop with a breaking and a harmless change and a new model pending."""
    shop = template.copied_to(tmp_path / "shop")
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.write("models/fresh.sql", "MODEL (name shop.fresh, kind FULL); SELECT 7::INT AS x")
    return shop


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    """Variables that keep preferences, logs and sockets of a test apart."""
    root = Path(tempfile.mkdtemp(prefix="pt-"))
    variables = {"HOME": str(root), "XDG_RUNTIME_DIR": str(root)}
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        variables[f"XDG_{name}_HOME"] = str(root / name.lower())
    yield variables
    shutil.rmtree(root, ignore_errors=True)


Open = Callable[..., Terminal]


def command(project: Project, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "plan_tui", "-p", str(project.root), *arguments]


@pytest.fixture
def open_app(shop: Project, home: dict[str, str]) -> Iterator[Open]:
    """Opens the app; terminal and engine end with the test."""
    with ExitStack() as stack:

        def open_terminal(*arguments: str, size: tuple[int, int] = (120, 40)) -> Terminal:
            terminal = Terminal(command(shop, *arguments), home, Path.cwd(), size)
            stack.callback(terminal.close)
            return terminal

        yield open_terminal
    subprocess.run(
        command(shop, "engine", "stop"),
        env={**os.environ, **home},
        capture_output=True,
        timeout=60,
        check=False,
    )
