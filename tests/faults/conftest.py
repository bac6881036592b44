"""Real warehouses, started by the tests themselves, and engines on projects of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import _restored_console, gate, runtime
from tests.faults.postgres import PostgresServer

__all__ = ["_restored_console", "gate", "postgres", "runtime"]


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of the tests' own, gone with them."""
    with PostgresServer.started(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """The server with an empty database of its own for this test."""
    return postgres_server.with_new_database()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where a test's project is."""
    return tmp_path / "shop"
