"""The semantic diff accounts for what SQLMesh hashes: a moved hash is told, and nothing else."""

from __future__ import annotations

import pytest

from plan_tui.contract.change_kinds import ChangeKind
from plan_tui.engine.impact.semantic import semantic_diff
from plan_tui.engine.planner import BuiltPlan

from .generated import scenario as generated
from .scenario import Outcome
from .scenarios import SCENARIOS
from .scenarios.changes import SCENARIOS as CHANGES
from .subject import planned
from .workspace import Workspace

SEEDS = range(20, 24)
NAMES = [each.name for each in CHANGES if each.outcome is Outcome.PLAN]


def check(built: BuiltPlan) -> None:
    """Holds the semantic diff of each modified model against both of its own hashes."""
    for name, (new, old) in built.plan.context_diff.modified_snapshots.items():
        found = semantic_diff(built, name)
        was, now = old.fingerprint, new.fingerprint
        moved = (was.data_hash, was.metadata_hash) != (now.data_hash, now.metadata_hash)
        assert bool(found) == moved, (name, found)
        assert ChangeKind.UNEXPLAINED not in {change.kind for change in found}, name


@pytest.mark.parametrize("name", NAMES[3::8])
def test_what_moved_a_hash_is_told(name: str, workspace: Workspace) -> None:
    with planned(workspace.copy(SCENARIOS[name], "plan_tui"), SCENARIOS[name]) as backend:
        assert backend is not None
        assert backend.built is not None
        check(backend.built)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_moved_a_hash_of_a_random_project_is_told(seed: int, workspace: Workspace) -> None:
    scenario = generated(seed)
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        if backend is not None and backend.built is not None:
            check(backend.built)
