from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plan_tui.cli import cli
from plan_tui.commands.presses import SIGNALS
from plan_tui.contract.locations import ProjectKey, files_of
from tests.cli.fake_engine import FakeEngine, served
from tests.cli.samples import IDLE, document

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A private and short place for sockets, and a terminal that is the same everywhere."""
    directory = tempfile.mkdtemp(prefix="pt-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "SQLMESH_GATEWAY", "SQLMESH_DOTENV_PATH"):
        monkeypatch.delenv(name, raising=False)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def key(tmp_path: Path) -> ProjectKey:
    return ProjectKey.of((str(tmp_path),))


@pytest.fixture
def engine(key: ProjectKey) -> Iterator[FakeEngine]:
    with served(FakeEngine(files_of(key).socket, IDLE, overview=document())) as engine:
        yield engine


@pytest.fixture
def run(key: ProjectKey) -> Run:
    """Runs a command in the test's project."""

    def invoke(*arguments: str, color: bool = False) -> Result:
        return CliRunner().invoke(cli, ["-p", key.paths[0], *arguments], color=color)

    return invoke
