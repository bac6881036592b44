"""An app on a fake engine, with the time stopped."""

from __future__ import annotations

import pytest

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
