"""Makes the projects of the scenarios."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmesh.core import constants

from .workspace import Workspace


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A directory that all test workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "differential"


@pytest.fixture
def workspace(
    templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """Copies of projects for one test; a database has megabytes, so they go when it ends."""
    # Small projects load faster in one process, and nothing is forked from the test runner.
    monkeypatch.setenv("MAX_FORK_WORKERS", "1")
    monkeypatch.setattr(constants, "MAX_FORK_WORKERS", 1)
    copies = tmp_path / "copies"
    yield Workspace(templates, copies)
    shutil.rmtree(copies, ignore_errors=True)
