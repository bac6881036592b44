"""A project that can't be loaded: the file and the line, and a retry that works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemAnswer, ProblemCode
from plan_tui.contract.state import ProjectState, RunOutcome, SessionState

from .hosting import HostedEngine, hosted, short_directory
from .projects import DAILY, Project


@dataclass(frozen=True)
class Fault:
    """A file that breaks the project."""

    path: str
    text: str
    line: int | None
    words: tuple[str, ...]
    """What the message must name."""


EXTERNAL = "external_models.yaml"
FAULTS = {
    "same name twice": Fault("models/bad.sql", DAILY, None, ("shop.daily",)),
    "circle": Fault(
        "models/bad.sql",
        "MODEL (name shop.bad, kind FULL);\nSELECT x FROM shop.bad_too\n;",
        None,
        ("bad",),
    ),
    "macro syntax": Fault("macros/bad.py", "def broken(:\n    pass\n", 1, ("invalid syntax",)),
    "macro import": Fault(
        "macros/bad.py", "import os\nimport no_such_package\n", 2, ("no_such_package",)
    ),
    "audit syntax": Fault(
        "audits/bad.sql", "AUDIT (name bad);\nSELECT * FROM (;\n", 2, ("the end of the text",)
    ),
    "audit without name": Fault("audits/bad.sql", "\nAUDIT (dialect duckdb);\nSELECT 1\n", 2, ()),
    "test yaml": Fault("tests/test_bad.yaml", "test_bad:\n  model: [\n", 2, ()),
    "test without model": Fault(
        "tests/test_bad.yaml",
        "\ntest_bad:\n  inputs: {}\n  outputs: {query: []}\n",
        2,
        ("'model'",),
    ),
    "tests in a list": Fault("tests/test_bad.yaml", "# tests\n- a\n", 2, ("by its name",)),
    "external models yaml": Fault("external_models.yaml", "- name: a.b\n  x: {a\n- c: d\n", 3, ()),
    "external model without name": Fault(
        EXTERNAL, "- name: a.b\n- columns:\n    id: int\n", 2, ("no name",)
    ),
    "external models in no list": Fault(EXTERNAL, "name: a.b\n", 1, ("a list",)),
    "external model with a wrong field": Fault(
        EXTERNAL, "- name: a.b\n  colums: {id: int}\n", 2, ("colums",)
    ),
    "external model twice": Fault(
        EXTERNAL, "- name: a.b\n- name: 'A.b'\n", 1, (f"{EXTERNAL}, line 2",)
    ),
}
"""What no single model can be blamed for: there is no plan then."""


@pytest.fixture(scope="module")
def engine(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[HostedEngine, Project]]:
    """One engine for all faults: each is mended before the next comes."""
    project = template.copied_to(tmp_path_factory.mktemp("broken") / "shop")
    project.edit("models/stores.sql", "'north'", "'south'")
    with short_directory() as directory, hosted(project, directory) as engine:
        yield engine, project


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_placed_and_a_mended_file_is_planned(
    engine: tuple[HostedEngine, Project], name: str
) -> None:
    client, project = engine
    fault = FAULTS[name]
    if name == "circle":
        project.write(
            "models/bad_too.sql", "MODEL (name shop.bad_too, kind FULL); SELECT x FROM shop.bad"
        )
    reviewed = client.state.plan
    project.write(fault.path, fault.text)
    try:
        run = client.plan()
    finally:
        project.remove(fault.path)
        if name == "circle":
            project.remove("models/bad_too.sql")
    assert run.outcome is RunOutcome.FAILED
    problem = run.failure
    assert problem.code is ProblemCode.BROKEN_PROJECT, problem
    assert problem.hint
    said = f"{problem.title} {problem.message}".lower()
    assert [word for word in fault.words if word.lower() not in said] == []
    # Either of two files may be the second.
    either = {"circle": "models/bad_too.sql", "same name twice": "models/daily.sql"}
    assert problem.path in (fault.path, either.get(name))
    if name in either:
        assert problem.line == 1
        for path in (fault.path, either[name]):
            assert f"{path}, line 1" in problem.message
    if fault.line is not None:
        assert problem.line == fault.line
        assert f"line {fault.line}" in problem.title
    assert "\x1b" not in problem.message
    assert run.state.state is (SessionState.IDLE if reviewed is None else SessionState.REVIEW)
    (error,) = run.of(ev.ErrorReported)
    assert error.problem == problem
    assert "Failed to load model from file" not in problem.message
    with client.listen() as ear:
        again = client.plan()
        ready = ear.until(ev.EngineChanged, lambda e: e.info.project_state is ProjectState.READY)
    assert again.outcome is RunOutcome.SUCCEEDED, again.problem
    assert [each.view_name for each in again.plan.changes.modified.direct] == ["shop__dev.stores"]
    assert ready.info.problem is None


NOBODY = """\
test_nobody:
  model: shop.nobody
  inputs: {}
  outputs: {query: []}
"""


def test_a_unit_test_of_no_model_is_warned_of(engine: tuple[HostedEngine, Project]) -> None:
    client, project = engine
    project.write("tests/test_nobody.yaml", NOBODY)
    try:
        run = client.plan()
    finally:
        project.remove("tests/test_nobody.yaml")
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    assert run.plan.warnings == (
        "A unit test in tests/test_nobody.yaml is of lake.shop.nobody, a model that does not "
        "exist: it does not run. Correct the model's name there, or remove the test.",
    )


def test_broken_configuration_is_placed_and_mended(
    engine: tuple[HostedEngine, Project],
) -> None:
    client, project = engine
    config = (project.root / "config.yaml").read_text()
    project.write("config.yaml", config + "nonsense: [\n")
    run = client.plan()
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is ProblemCode.BROKEN_PROJECT
    assert run.failure.path == "config.yaml"
    project.write("config.yaml", config + "no_such_setting: 1\n")
    assert client.plan().failure.code is ProblemCode.BROKEN_PROJECT
    project.write("config.yaml", config)
    assert client.plan().outcome is RunOutcome.SUCCEEDED


def test_what_is_looked_at_says_that_the_project_is_broken(
    engine: tuple[HostedEngine, Project],
) -> None:
    client, project = engine
    project.write("macros/bad.py", FAULTS["macro syntax"].text)
    for path in (routes.PROJECT, routes.ENVIRONMENTS):
        answer = client.get(path)
        assert answer.status_code == 424
        problem = ProblemAnswer.model_validate_json(answer.content).problem
        assert problem.code is ProblemCode.BROKEN_PROJECT
        assert (problem.path, problem.line) == ("macros/bad.py", 1)
    info = client.state.info
    assert info is not None
    assert info.project_state is ProjectState.BROKEN
    assert info.problem == problem
    project.remove("macros/bad.py")
    assert client.get(routes.ENVIRONMENTS).status_code == 200
    info = client.state.info
    assert info is not None
    assert info.project_state is ProjectState.READY


def test_where_there_is_no_project_it_says_so(tmp_path: Path, runtime: Path) -> None:
    empty = Project(tmp_path)
    with hosted(empty, runtime) as client:
        run = client.plan()
        assert run.failure.code is ProblemCode.NO_PROJECT
        assert client.get(routes.ENVIRONMENTS).status_code == 424
        made = Project.make(empty.root, {"models/a.sql": "MODEL (name s.a); SELECT 1::INT AS x"})
        assert client.plan().outcome is RunOutcome.SUCCEEDED
        assert client.apply().outcome is RunOutcome.SUCCEEDED
        assert made.rows("SELECT x FROM s__dev.a") == [(1,)]


def test_an_engine_that_starts_on_a_broken_project_gets_well(shop: Project, runtime: Path) -> None:
    shop.write("macros/bad.py", FAULTS["macro syntax"].text)
    with hosted(shop, runtime) as client:
        with client.listen(after=0) as ear:
            told = ear.until(
                ev.EngineChanged, lambda event: event.info.project_state is ProjectState.BROKEN
            )
        assert told.info.problem is not None
        assert told.info.problem.path == "macros/bad.py"
        assert client.plan().outcome is RunOutcome.FAILED
        shop.remove("macros/bad.py")
        assert client.plan("prod").outcome is RunOutcome.SUCCEEDED


def test_a_plan_can_be_read_while_the_project_is_broken(
    engine: tuple[HostedEngine, Project],
) -> None:
    client, project = engine
    client.plan()
    project.write("macros/bad.py", FAULTS["macro syntax"].text)
    try:
        assert client.get(routes.PROJECT).status_code == 424
        assert client.get(routes.PLAN).status_code == 200
        assert client.get(routes.MODEL.format(name="shop.stores")).status_code == 200
    finally:
        project.remove("macros/bad.py")
    assert client.get(routes.PROJECT).status_code == 200


@pytest.mark.parametrize("path", ["macros/bad.py", "config.yaml"])
def test_the_last_review_is_kept_with_its_choices(
    engine: tuple[HostedEngine, Project], path: str
) -> None:
    client, project = engine
    before = client.plan(categories={"shop.stores": "BREAKING"})
    file = project.root / path
    text = file.read_text() if file.exists() else None
    project.write(path, "nonsense: [\n")
    with client.listen() as ear:
        run = client.plan()
        ear.until(ev.EngineChanged, lambda e: e.info.project_state is ProjectState.BROKEN)
    try:
        assert run.outcome is RunOutcome.FAILED
        assert run.failure.code is ProblemCode.BROKEN_PROJECT
        state = run.state
        assert state.state is SessionState.REVIEW
        assert state.plan is not None
        assert (state.plan.plan_id, state.facts) == (before.plan_id, before.state.facts)
        assert state.stale is not None
        assert state.stale.title.startswith(f"The project does not load: {path}")
        assert "choices are kept" in state.stale.hint
        model = routes.MODEL.format(name="shop.stores")
        assert client.get(model).status_code == 200
        refused = client.refused(routes.APPLY, {"plan_id": before.plan_id}, 409)
        assert refused.code is ProblemCode.STALE_PLAN
        again = client.plan()
        assert again.state.state is SessionState.REVIEW
        assert again.state.facts == before.state.facts
        client.post(routes.CATEGORIES, {"categories": {"shop.stores": "NON_BREAKING"}})
        facts = client.state.facts
        assert facts is not None
        assert [each.value for each in facts.chosen.values()] == ["NON_BREAKING"]
    finally:
        if text is None:
            project.remove(path)
        else:
            project.write(path, text)
    mended = client.plan(categories={"shop.stores": "NON_BREAKING"})
    assert mended.outcome is RunOutcome.SUCCEEDED
    assert mended.state.stale is None
