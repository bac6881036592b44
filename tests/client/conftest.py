from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from plan_tui.client.api import SocketPort
from plan_tui.client.launcher import RunningEngine
from plan_tui.contract.locations import ProjectKey, files_of
from tests.client.stub_engine import StubEngine, info, serve


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path: a Unix socket's has at most 107 bytes."""
    directory = tempfile.mkdtemp(prefix="pt-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
    yield Path(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def key(runtime: Path, tmp_path: Path) -> ProjectKey:
    return ProjectKey.of((str(tmp_path),))


@pytest.fixture
async def stub(key: ProjectKey) -> AsyncIterator[StubEngine]:
    async with serve(StubEngine(files_of(key).socket)) as engine:
        yield engine


@pytest.fixture
async def port(stub: StubEngine, key: ProjectKey) -> AsyncIterator[SocketPort]:
    running = RunningEngine(files_of(key), info(), started_here=False)
    port = SocketPort.to(running, key)
    yield port
    await port.close()
