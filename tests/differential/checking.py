"""Compares what plan_tui prints with what SQLMesh says, for one scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .comparing import difference, missing_warnings
from .oracle import Document, Expectation, expect
from .scenario import Outcome, Scenario
from .subject import Refused
from .workspace import Workspace

COLUMNS = "change to a forward-only model"
"""What SQLMesh says of a plan that alters tables in a way that is not allowed."""
Subject = Callable[[Path, Scenario], Document]


def compare(scenario: Scenario, workspace: Workspace, subject: Subject) -> Expectation:
    """Fails where the two differ; returns what SQLMesh says."""
    expected = expect(workspace.copy(scenario, "sqlmesh"), scenario)
    project = workspace.copy(scenario, "plan_tui")
    if COLUMNS in expected.reason:
        # SQLMesh stops at the first such model; plan_tui lists them all, and applies none.
        assert blocking(subject(project, scenario)), expected.reason
    elif expected.outcome is Outcome.REFUSED:
        with pytest.raises(Refused):
            subject(project, scenario)
    else:
        check(subject(project, scenario), expected)
    return expected


def blocking(printed: Document) -> list[str]:
    """What keeps a plan from being applied."""
    return [each["message"] for each in printed["dangers"] if each["severity"] == "blocks"]


def check(printed: Document, expected: Expectation) -> None:
    """Fails with a diff of the documents where they differ."""
    if found := difference(expected.document, printed):
        pytest.fail(found, pytrace=False)
    assert not blocking(printed), "SQLMesh applied it"
    warnings = printed["warnings"]
    assert not missing_warnings(expected.warnings, warnings)
    for name in expected.left_out:
        short = name.split(".")[-1]
        assert any(short in warning for warning in warnings), f"nothing is said of {name}"
    if expected.outcome is Outcome.NO_CHANGES:
        assert "include_unmodified" in " ".join(warnings)
