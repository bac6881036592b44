"""An app on a fake engine, with the time stopped."""

from __future__ import annotations

import pytest

from plan_tui.ui import waiting
from plan_tui.ui.screens.review import ReviewScreen

from . import samples
from .fake_port import FakePort


@pytest.fixture
def port() -> FakePort:
    return FakePort(
        samples.idle(),
        environments=samples.environments(),
        project=samples.project(),
        dates=samples.dates(),
        selections=samples.selections(),
    )


@pytest.fixture
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The review asks at once for what it else asks for when the cursor rests."""
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    monkeypatch.setattr(ReviewScreen, "PATIENCE", 0)


@pytest.fixture(autouse=True)
def clock_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes where a test lets it: a busy machine's own second would be one try more."""
    monkeypatch.setattr(waiting, "TICK", 3600.0)
