"""One template of each project, deployed once by plain SQLMesh; every test works on a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmesh.core import constants
from sqlmesh.core.console import get_console, set_console

from .hosting import EngineProcess, HostedEngine, engine_process, hosted, short_directory
from .projects import SHOP, Gate, Project

# An engine sets it before it imports SQLMesh: no fork of a process with threads.
constants.MAX_FORK_WORKERS = 1


@pytest.fixture(scope="module", autouse=True)
def _restored_console() -> Iterator[None]:
    console = get_console()
    yield
    set_console(console)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop, deployed to prod."""
    project = Project.make(tmp_path_factory.mktemp("template") / "shop", SHOP)
    project.deploy()
    return project


@pytest.fixture
def shop(template: Project, tmp_path: Path) -> Project:
    """The shop, deployed to prod, with nothing pending."""
    return template.copied_to(tmp_path / "shop")


@pytest.fixture
def bare_shop(tmp_path: Path) -> Project:
    """The shop as it was never deployed."""
    return Project.make(tmp_path / "shop", SHOP)


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A directory for an engine's files."""
    with short_directory() as directory:
        yield directory


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Holds up a model until the test opens it; it is open when the test is over."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
def engine(shop: Project, runtime: Path) -> Iterator[HostedEngine]:
    """An engine of this process on the shop."""
    with hosted(shop, runtime) as engine:
        yield engine


Start = Callable[..., EngineProcess]


@pytest.fixture
def start_engine(runtime: Path) -> Iterator[Start]:
    """Starts real engines on projects; they end with the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(project: Project, grace: float = 60.0) -> EngineProcess:
            return stack.enter_context(engine_process(project, runtime, grace))

        yield start
