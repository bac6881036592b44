"""What all tests share: no test touches the state of the user who runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
UNTRACED = ("differential", "faults", "integration")
"""Folders whose tests repeat at length what others reach too; tracing would double their time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out of the coverage what only repeats: comparisons, faults, pictures."""
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in UNTRACED or item.path.name.startswith("test_snapshots"):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _untraced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that such a test starts are not traced either."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Journal and preferences of these tests, of engines that they start too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
