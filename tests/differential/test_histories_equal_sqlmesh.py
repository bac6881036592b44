"""The same comparison where more than one plan came before, for random projects, and by command."""

from __future__ import annotations

import pytest

from tests.soaking import sampled, trials

from . import subject
from .checking import compare
from .generated import scenario as generated
from .scenarios import SCENARIOS, WITH_HISTORY
from .workspace import Workspace

SEEDS = trials((*range(8), 47), range(100))
"""In 47 the plan misses intervals of which the apply finds that they are there."""

BY_COMMAND = (
    "several changes at once",
    "two choices",
    "select with children",
    "restate in prod",
    "nothing changes for a new environment",
)
"""The scenarios that also go through the real command, an engine of its own for each."""


@pytest.mark.parametrize("name", sampled(WITH_HISTORY))
def test_engine_plans_like_sqlmesh(name: str, workspace: Workspace) -> None:
    found = compare(WITH_HISTORY[name], workspace, subject.plan_document)

    assert found.outcome is WITH_HISTORY[name].outcome, found.reason


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_plans_random_projects_like_sqlmesh(seed: int, workspace: Workspace) -> None:
    compare(generated(seed), workspace, subject.plan_document)


@pytest.mark.parametrize("name", sampled(BY_COMMAND))
def test_command_plans_like_sqlmesh(name: str, workspace: Workspace) -> None:
    compare(SCENARIOS[name], workspace, subject.command_document)
