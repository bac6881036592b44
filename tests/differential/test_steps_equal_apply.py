"""The SQL that the steps promise, beside the SQL that SQLMesh executes when it applies the plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlglot
from sqlglot import exp
from sqlmesh.core.engine_adapter import EngineAdapter

from plan_tui.engine.backend import Backend
from plan_tui.engine.impact import step_batches
from plan_tui.engine.impact.step_recording import PYTHON_ROWS
from plan_tui.engine.impact.step_sql import step_sql_of
from plan_tui.engine.impact.steps import planned_steps
from plan_tui.engine.looking import Asked

from .generated import scenario as generated
from .scenario import Scenario
from .scenarios import SCENARIOS
from .subject import planned
from .workspace import Workspace

SEEDS = (0, 3)
NAMES = (
    "several changes at once in prod",
    "forward-only plan of all kinds",
    "forward-only dev goes to prod, later",
    "environment statements change",
    "restate what depends on its past",
    "rest of a failed plan in prod",
)
WRITES = (
    *(exp.Create, exp.Insert, exp.Delete, exp.Merge),
    *(exp.Drop, exp.Alter, exp.Update, exp.TruncateTable),
)
CORRELATION = re.compile(r"^/\* .*? \*/ ")
RANDOM = re.compile(r"__temp_([a-z0-9_]+?)_[a-z0-9]{8}\b")


@contextmanager
def executed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that any adapter executes meanwhile."""
    found: list[str] = []
    execute = EngineAdapter._execute

    def listening(self: EngineAdapter, sql: str, *args: object, **kwargs: object) -> None:
        found.append(sql)
        execute(self, sql, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(EngineAdapter, "_execute", listening)
        yield found


def writes(statements: list[str]) -> Counter[str]:
    """What changes tables and views of the warehouse, written alike; the state's own left out."""
    found: Counter[str] = Counter()
    for statement in statements:
        text = CORRELATION.sub("", statement)
        if PYTHON_ROWS in text or '"df"' in text:
            continue
        if text.startswith("COMMENT ON"):  # sqlglot does not read all that it writes
            found[" ".join(text.split())] += 1
            continue
        for tree in sqlglot.parse(text, dialect="duckdb"):
            if tree is None or not isinstance(tree, (*WRITES, exp.Select)):
                continue
            tables = list(tree.find_all(exp.Table))
            if any(t.db == "sqlmesh" or t.name.startswith("_") for t in tables):
                continue
            if isinstance(tree, exp.Select) and not (is_audit(tree) or is_dry_run(tree)):
                continue
            sql = RANDOM.sub(r"__temp_\1_x", tree.sql(dialect="duckdb", comments=False))
            found[sql] += 1
    for sql in found:
        if sql.startswith("CREATE SCHEMA"):
            found[sql] = 1
    return found


def is_audit(query: exp.Select) -> bool:
    source = query.args.get("from_") or query.args.get("from")
    return source is not None and source.this.alias == "audit"


def is_dry_run(query: exp.Select) -> bool:
    limit = query.args.get("limit")
    return limit is not None and limit.expression.name == "0"


def promised(backend: Backend) -> list[str]:
    """The statements of all steps, with no step that can't be shown."""
    built = backend.built
    assert built is not None
    found = []
    for each in planned_steps(built, lambda: None)[0]:
        asked = Asked(backend, built, params={"step": each.step.id})
        shown = step_sql_of(asked)
        assert not [note for note in shown.notes if note.startswith("The rest")], (each, shown)
        assert each.step.has_sql or not shown.statements
        found += [statement.sql for statement in shown.statements]
    return found


def check(scenario: Scenario, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> int:
    """Compares a scenario; returns how many statements are promised."""
    monkeypatch.setattr(step_batches, "MOST_BATCHES", 10_000)
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        if backend is None or backend.built is None or backend.built.plan.uncategorized:
            return 0
        with executed(monkeypatch) as looked:
            will = writes(promised(backend))
        assert not writes(looked), "looking at a step changes nothing"
        with executed(monkeypatch) as ran:
            backend.project.context.apply(backend.built.plan)
        did = writes(ran)
        assert (did - will, will - did) == (Counter(), Counter())
        return sum(will.values())


@pytest.mark.parametrize("name", NAMES)
def test_steps_promise_what_sqlmesh_executes(
    name: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(SCENARIOS[name], workspace, monkeypatch)


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_of_random_projects_promise_what_sqlmesh_executes(
    seed: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(generated(seed), workspace, monkeypatch)
