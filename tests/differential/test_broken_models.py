"""A plan with broken files says of all others what SQLMesh says once these are mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.soaking import SOAKING

from . import subject
from .comparing import difference
from .oracle import Document, Expectation, expect
from .scenario import Outcome, Scenario
from .scenarios import SCENARIOS
from .workspace import Workspace

FEW = ("several changes at once",)
CHANGED_FROM_OUTSIDE = "macro changes"
"""Files without an edit hold models that change: broken, their own change is not shown."""
MANY = tuple(
    name
    for name, scenario in SCENARIOS.items()
    if scenario.outcome is not Outcome.REFUSED
    and not scenario.apply_fails
    and name != CHANGED_FROM_OUTSIDE
)


def _untouched(scenario: Scenario, project: Path) -> list[Path]:
    """Files whose models are as they are deployed; a seed's rows are part of its model."""
    before = scenario.project(len(scenario.history) - 1).files(project) if scenario.history else {}
    after = scenario.project().files(project)
    changed = {Path(path).stem for path, text in after.items() if before.get(path) != text}
    return sorted(
        project / path
        for path in after
        if path.startswith("models/") and Path(path).stem not in changed
    )


@contextmanager
def _broken(files: list[Path]) -> Iterator[None]:
    texts = {file: file.read_text() for file in files}
    for file, text in texts.items():
        wrong = "\ndef broken(:\n" if file.suffix == ".py" else "\n;\nSELECT x FROM (\n"
        file.write_text(text + wrong)
    try:
        yield
    finally:
        for file, text in texts.items():
            file.write_text(text)


@pytest.mark.timeout(900 if SOAKING else 120)
@pytest.mark.parametrize("name", MANY if SOAKING else FEW)
def test_the_rest_of_a_plan_is_that_of_the_mended_project(name: str, workspace: Workspace) -> None:
    scenario = SCENARIOS[name]
    expected = expect(workspace.copy(scenario, "sqlmesh"), scenario)
    if expected.outcome is Outcome.REFUSED:
        pytest.skip("SQLMesh builds no such plan")
    project = workspace.copy(scenario, "plan_tui")
    files = _untouched(scenario, project)
    assert len(files) > 5
    with subject.replanned(project, scenario) as plan:
        singles = files if SOAKING else files[:: len(files) // 3]
        for chosen in [[file] for file in singles] + [files]:
            with _broken(chosen):
                printed = plan()
            _check(printed, expected, {str(file.relative_to(project)) for file in chosen})
        assert not [each for each in plan()["dangers"] if each["rule"] == "broken_model"]


def _check(printed: Document, expected: Expectation, broken: set[str]) -> None:
    told = [each for each in printed["dangers"] if each["rule"] == "broken_model"]
    assert {each["path"] for each in told} == broken
    assert all(each["severity"] == "blocks" and each["line"] for each in told), told
    assert not [each for each in printed["dangers"] if each["rule"] == "not_planned"]
    # Unit tests of broken models do not run.
    wanted = {key: value for key, value in expected.document.items() if key != "validation"}
    assert not difference(wanted, printed), (broken, printed["changes"])
