"""Models that do not parse or render: told with their place, beside the plan of all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from plan_tui.contract import routes
from plan_tui.contract.changes import NodeRef
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import ProjectState, RunOutcome

from .hosting import HostedEngine, hosted, short_directory
from .projects import DAILY, STORES, TOTALS, Project
from .talking import Run

PYTHON_MODEL = """\
import pandas as pd
from sqlmesh import model


@model("shop.bad", kind="FULL", columns={"n": "int"})
def execute(context, start, end, execution_time, **kwargs):
    return pd.DataFrame({"n": [1]})
"""
RAISER = """\
from sqlmesh import macro


@macro()
def column_of(evaluator):
    if evaluator.columns_to_types("shop.stores").get("id"):
        raise ValueError("the columns are known")
    return "1"
"""
HEAD = "MODEL (name shop.bad, kind FULL);\n"
JINJA = f"{HEAD}\nJINJA_QUERY_BEGIN;\nSELECT 1 AS x,\n  %s AS y\nJINJA_END;\n"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a new model ``shop.bad``."""

    text: str
    line: int | None
    column: int | None
    words: str
    """What the message must say."""
    path: str = "models/bad.sql"


FAULTS = {
    "sql syntax": Fault(f"{HEAD}SELECT 1 AS x\nFROM (;\n", 3, 6, "Expected table name"),
    "open quote": Fault(f"{HEAD}SELECT\n  'x\n", 3, None, "Missing ' from 3"),
    "header cut off": Fault("MODEL (name shop.bad; SELECT", 1, 20, "Expecting )"),
    "header": Fault(
        "MODEL (\n  name shop.bad,\n  kind NONSENSE\n);\nSELECT 1 AS x\n", 3, 8, "NONSENSE"
    ),
    "property": Fault("MODEL (name shop.bad, nonsense 1);\nSELECT 1 AS x\n", 1, 23, "nonsense"),
    "unknown macro": Fault(
        f"{HEAD}-- not @no_such_macro\nSELECT\n  @NO_SUCH_MACRO(1) AS x\n",
        4, 3, "Macro 'NO_SUCH_MACRO' does not exist",
    ),
    "unknown variable": Fault(f"{HEAD}SELECT\n  1 AS a, @nothing AS x\n", 3, 11, "'nothing' is"),
    "macro that raises": Fault(
        f"{HEAD}SELECT\n  @column_of() AS x\nFROM shop.stores\n", 3, 3, "the columns are known"
    ),
    "unknown audit": Fault(
        "MODEL (name shop.bad, kind FULL,\n  audits (no_such_audit));\nSELECT 1::INT AS x\n",
        2, 11, "no_such_audit",
    ),
    "partition": Fault(
        "MODEL (name shop.bad, kind FULL,\n  partitioned_by (zz));\nSELECT 1::INT AS x\n",
        2, 19, "'zz'",
    ),
    "jinja name": Fault(JINJA % "{{ no_such(1) }}", 5, None, "'no_such'"),
    "jinja syntax": Fault(JINJA % "{% if %}", 5, None, "Expected an expression"),
    "jinja that makes no SQL": Fault(JINJA % "{{ 1 }} FROM (;", 4, None, "Expected table name"),
    "seed": Fault(
        "MODEL (name shop.bad,\n  kind SEED (path 'nowhere.csv'));\n", 2, 20, "'models/nowhere.csv'"
    ),
    "python syntax": Fault(
        PYTHON_MODEL.replace("(context,", "(context,,"), 6, 21, "invalid syntax", "models/bad.py"
    ),
    "python import": Fault(
        f"import no_such_package\n{PYTHON_MODEL}", 1, None, "no_such_package", "models/bad.py"
    ),
    "python name": Fault(f"{PYTHON_MODEL}\nnothing()\n", 9, None, "'nothing'", "models/bad.py"),
    "python columns": Fault(
        PYTHON_MODEL.replace(', columns={"n": "int"}', ""), None, None, "column schema",
        "models/bad.py",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[HostedEngine, Project]]:
    """One engine for all faults, on a project with one pending change."""
    project = template.copied_to(tmp_path_factory.mktemp("broken") / "shop")
    project.edit("models/stores.sql", "'north'", "'south'")
    project.write("macros/__init__.py", "")
    project.write("macros/raiser.py", RAISER)
    with short_directory() as directory, hosted(project, directory) as engine:
        yield engine, project


def _broken(run: Run) -> list[Danger]:
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    return [each for each in run.plan.dangers if each.rule == "broken_model"]


def _withheld(run: Run) -> list[str]:
    return [each.message for each in run.plan.dangers if each.rule == "not_planned"]


def _changes(run: Run) -> dict[str, list[str]]:
    changes = run.plan.changes
    by_kind: dict[str, tuple[NodeRef, ...]] = {
        "direct": changes.modified.direct,
        "indirect": changes.modified.indirect,
        "metadata": changes.modified.metadata,
        "added": changes.added,
        "removed": changes.removed,
    }
    return {
        kind: [each.view_name.replace("__dev", "") for each in nodes]
        for kind, nodes in by_kind.items()
        if nodes
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_new_model_is_told_with_its_place(
    engine: tuple[HostedEngine, Project], name: str
) -> None:
    client, project = engine
    fault = FAULTS[name]
    project.write(fault.path, fault.text)
    try:
        run = client.plan()
    finally:
        project.remove(fault.path)
    (danger,) = _broken(run)
    assert (danger.path, danger.line, danger.column) == (
        fault.path,
        fault.line or danger.line,
        fault.column,
    )
    assert fault.words in danger.message
    assert "shop.bad is broken" in danger.message
    assert f"line {danger.line}" in danger.message
    assert danger.severity is Severity.BLOCKS
    assert "leaves it out" in danger.hint
    assert danger.details
    said = "\n".join(danger.details)
    if "Col: " in said and danger.column is not None:
        assert f"Line {danger.line}, Col: {danger.column}." in said
    assert "\x1b" not in repr(danger)
    assert str(project.root) not in repr(danger)
    assert _changes(run) == {"direct": ["shop.stores"]}


def test_the_apply_is_refused_and_a_mended_file_is_planned(
    engine: tuple[HostedEngine, Project],
) -> None:
    client, project = engine
    project.write("models/bad.sql", FAULTS["sql syntax"].text)
    run = client.plan(categories={"shop.stores": "NON_BREAKING"})
    assert run.state.facts is not None
    refusal = client.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
    assert refusal == run.state.facts.refusal
    assert refusal.code is ProblemCode.BROKEN_MODEL
    assert (refusal.path, refusal.line, refusal.column) == ("models/bad.sql", 3, 6)
    assert "shop.bad is broken" in refusal.title
    info = run.state.info
    assert info is not None
    assert info.project_state is ProjectState.READY
    client.post(routes.CATEGORIES, {"categories": {"shop.stores": "BREAKING"}})
    (danger,) = [each for each in _dangers_now(client) if each.rule == "broken_model"]
    assert danger.path == "models/bad.sql"
    project.write("models/bad.sql", f"{HEAD}SELECT 1::INT AS x\n")
    mended = client.plan()
    project.remove("models/bad.sql")
    assert not _broken(mended)
    assert _changes(mended) == {"direct": ["shop.stores"], "added": ["shop.bad"]}


def _dangers_now(client: HostedEngine) -> tuple[Danger, ...]:
    state = client.state
    assert state.plan is not None
    assert state.facts is not None
    assert state.facts.refusal is not None
    assert state.facts.refusal.code is ProblemCode.BROKEN_MODEL
    return state.plan.dangers


def test_a_deployed_model_counts_as_unchanged_by_a_cold_engine(
    shop: Project, runtime: object
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.write("models/daily.sql", DAILY.replace("SUM(amount)", "SUM(amount"))
    with short_directory() as directory, hosted(shop, directory) as client:
        run = client.plan()
        (danger,) = _broken(run)
        assert danger.model == '"lake"."shop"."daily"'
        assert "as prod has it" in danger.hint
        assert _changes(run) == {"direct": ["shop.stores"]}
        # A model upstream changes too: the broken one follows, with all below it.
        shop.edit("models/events.sql", "i * 10", "i * 11")
        assert _changes(client.plan()) == {
            "direct": ["raw.events", "shop.stores"],
            "indirect": ["shop.daily", "shop.totals"],
        }


def test_two_at_once_and_a_name_that_is_not_told(engine: tuple[HostedEngine, Project]) -> None:
    client, project = engine
    project.write("models/daily.sql", "MODEL (nme shop.daily, kind FULL);\nSELECT FROM (")
    project.write("models/totals.sql", "not a model at all")
    try:
        run = client.plan()
    finally:
        project.write("models/daily.sql", DAILY)
        project.write("models/totals.sql", TOTALS)
    assert {each.path for each in _broken(run)} == {"models/daily.sql", "models/totals.sql"}
    assert _changes(run) == {"direct": ["shop.stores"]}
    refusal = run.state.facts and run.state.facts.refusal
    assert refusal
    assert "and 1 more" in refusal.title


def test_where_no_name_is_told_nothing_looks_removed(shop: Project) -> None:
    shop.remove("models/totals.sql")
    shop.write("models/renamed.sql", "MODEL kind VIEW; SELECT FROM (")
    with short_directory() as directory, hosted(shop, directory) as client:
        run = client.plan()
        (danger,) = _broken(run)
        assert "nothing of 1 model is shown as removed" in danger.hint
        assert run.plan.changes.is_empty
        shop.remove("models/renamed.sql")
        assert _changes(client.plan()) == {"removed": ["shop.totals"]}


def test_what_depends_on_a_new_broken_model_is_not_planned(
    engine: tuple[HostedEngine, Project],
) -> None:
    client, project = engine
    project.write("models/bad.sql", FAULTS["unknown macro"].text)
    project.write("models/child.sql", "MODEL (name shop.child); SELECT x FROM shop.bad")
    project.write("models/grandchild.sql", "MODEL (name shop.grandchild); SELECT x FROM shop.child")
    project.write(
        "models/totals.sql", TOTALS.replace("FROM shop.daily", "FROM shop.child, shop.daily")
    )
    try:
        run = client.plan()
    finally:
        for path in ("bad", "child", "grandchild"):
            project.remove(f"models/{path}.sql")
        project.write("models/totals.sql", TOTALS)
    assert len(_broken(run)) == 1
    assert _changes(run) == {"direct": ["shop.stores"]}
    assert _withheld(run) == [
        "shop.child is not planned: it depends on shop.bad, which is broken.",
        "shop.grandchild is not planned: it depends on shop.child, which is not planned either.",
        "shop.totals is not planned: it depends on shop.child, which is not planned either.",
    ]


def test_each_environment_has_its_own_version_stand_in(shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.deploy("dev")
    shop.write("models/stores.sql", f"{STORES}\nFROM (")
    with short_directory() as directory, hosted(shop, directory) as client:
        for environment in ("dev", "prod", "dev"):
            run = client.plan(environment)
            (danger,) = _broken(run)
            assert f"as {environment} has it" in danger.hint
            assert run.plan.changes.is_empty, environment
        nothing = client.plan("fresh")
        assert len(_broken(nothing)) == 1
        assert nothing.state.facts is not None
        assert nothing.state.facts.refusal is not None
        assert nothing.state.facts.refusal.code is ProblemCode.BROKEN_MODEL


def test_unit_tests_and_lint_pass_over_what_stands_in(shop: Project) -> None:
    shop.write(
        "tests/test_stores.yaml",
        "test_stores:\n  model: shop.stores\n  outputs:\n    query:\n      rows:\n"
        "        - id: 1\n          name: west\n",
    )
    shop.write(
        "config.yaml",
        (shop.root / "config.yaml").read_text()
        + "linter:\n  enabled: true\n  rules: [nomissingaudits]\n",
    )
    for path in ("daily", "totals"):
        shop.remove(f"models/{path}.sql")
    shop.write("models/stores.sql", STORES.replace("'north'", "@WEST()"))
    with short_directory() as directory, hosted(shop, directory) as client:
        run = client.plan()
        (danger,) = _broken(run)
        assert "unit tests (1) did not run" in danger.hint
        assert run.plan.validation.tests.run == 0
        assert not run.plan.validation.lint
        shop.write("models/stores.sql", STORES)
        assert client.plan().failure.code in (ProblemCode.FAILED_TESTS, ProblemCode.FAILED_LINT)
