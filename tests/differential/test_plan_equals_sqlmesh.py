"""``plan --json`` says what SQLMesh's API says, and what its apply really starts."""

from __future__ import annotations

import pytest

from tests.soaking import sampled

from . import subject
from .checking import compare
from .scenarios import PLAIN
from .workspace import Workspace


@pytest.mark.parametrize("name", sampled(PLAIN))
def test_engine_plans_like_sqlmesh(name: str, workspace: Workspace) -> None:
    found = compare(PLAIN[name], workspace, subject.plan_document)

    assert found.outcome is PLAIN[name].outcome, found.reason
