"""What a change does to a model, on a real project: nothing left out, nothing made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmesh import Context
from sqlmesh.core.model.common import ParsableSql
from sqlmesh.utils.metaprogramming import Executable

from plan_tui.contract.change_kinds import RENDERED
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import ModelImpact, SemanticChange
from plan_tui.contract.looks import IMPACT, ROUTE
from plan_tui.contract.plan import PlanRequest
from plan_tui.engine.impact.seed_diff import compare_rows
from plan_tui.engine.impact.semantic import compare, semantic_diff
from plan_tui.engine.impact.sql_diff import SqlDiff
from plan_tui.engine.mapping import PlanView
from plan_tui.engine.planner import BuiltPlan

from .hosting import hosted, short_directory
from .projects import CONFIG, Project

FILES = {
    "macros/__init__.py": "",
    "macros/tax.py": """\
from sqlmesh import macro

RATE = 2

@macro()
def net(evaluator, amount):
    return f"({amount.sql()} / {rate()})"

def rate():
    return RATE
""",
    "macros/money.sql": "{% macro euros(cents) %}({{ cents }} / 100){% endmacro %}\n",
    "audits/positive.sql": "AUDIT (name positive);\nSELECT * FROM @this_model WHERE amount <= 0\n",
    "audits/alone.sql": """\
AUDIT (name alone, standalone true);
SELECT * FROM shop.orders WHERE id = 1
""",
    "models/orders.sql": """\
MODEL (
  name shop.orders,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, batch_size 5),
  owner ann,
  tags (core),
  audits (positive, not_null(columns := (id)))
);
SELECT
  ds, /* the day */
  id,
  @net(amount)::INT AS amount,
FROM (SELECT '2024-01-01'::DATE AS ds, 7 AS id, 20 AS amount) AS made
WHERE
  ds BETWEEN @start_ds AND @end_ds
""",
    "models/totals.sql": """\
MODEL (name shop.totals, kind FULL, physical_properties (a = 1, b = 2));
SELECT id, @net(SUM(amount))::INT AS total, @VAR('factor')::INT AS factor FROM shop.orders
GROUP BY id
""",
    "models/all_of_it.sql": "MODEL (name shop.all_of_it, kind VIEW);\nSELECT * FROM shop.totals\n",
    "models/in_jinja.sql": """\
MODEL (name shop.in_jinja, kind FULL);
JINJA_QUERY_BEGIN;
SELECT id, {{ euros('amount') }}::INT AS euros FROM shop.orders
JINJA_END;
""",
    "models/people.py": """\
import pandas as pd
from sqlmesh import model

MOST = 3

@model("shop.people", kind="FULL", columns={"id": "int", "name": "text"})
def execute(context, start, end, execution_time, **kwargs):
    return made(MOST)

def made(most):
    return pd.DataFrame({"id": range(most), "name": ["x"] * most})
""",
    "models/colors.sql": """\
MODEL (name shop.colors, kind SEED (path '../seeds/colors.csv'), grain id,
  columns (id INT, name TEXT, share DOUBLE));
""",
    "seeds/colors.csv": "id,name,share\n1,red,0.5\n2,green,0.25\n3,blue,0.25\n",
    "models/loose.sql": "MODEL (name shop.loose, kind SEED (path '../seeds/loose.csv'));\n",
    "seeds/loose.csv": "a,b\n1,x\n1,x\n2,y\n",
}
VARIABLES = "variables:\n  factor: 2\n"
Edit = tuple[str, str, str]
Found = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("semantic") / "shop", FILES)
    project.write("config.yaml", CONFIG.format(database=project.database) + VARIABLES)
    project.deploy()
    return project


@pytest.fixture
def project(deployed: Project, tmp_path: Path) -> Project:
    copy = deployed.copied_to(tmp_path / "shop")
    copy.write("config.yaml", CONFIG.format(database=copy.database) + VARIABLES)
    return copy


@contextmanager
def planned(project: Project) -> Iterator[tuple[BuiltPlan, Context]]:
    """The plan of what a project's files have become."""
    with project.context() as context:
        builder = context.plan_builder("prod", skip_tests=True)
        plan = builder.build()
        view = PlanView(plan, context.default_catalog, context.default_dialect)
        request = PlanRequest(environment="prod")
        yield BuiltPlan(builder, plan, view, None, (), None, request), context  # type: ignore[arg-type]


def diffs(project: Project) -> dict[str, tuple[SemanticChange, ...]]:
    """What the plan does, by short names of the models that it changes themselves."""
    with planned(project) as (built, context):
        diff = built.plan.context_diff
        return {
            name.replace('"', "").removeprefix("lake."): _with_rows(built, name, context)
            for name in diff.modified_snapshots
            if diff.directly_modified(name) or diff.metadata_updated(name)
        }


def _with_rows(built: BuiltPlan, name: str, context: Context) -> tuple[SemanticChange, ...]:
    """The difference of a model; that of a seed as it is once its rows were asked for."""
    found = semantic_diff(built, name)
    new, old = built.plan.context_diff.modified_snapshots[name]
    if not any(each.kind == Kind.VALUES_CHANGED for each in found):
        return found
    rows = compare_rows(context.engine_adapter, old, new)
    return (*rows, *(each for each in found if each.kind != Kind.VALUES_CHANGED))


def told(changes: tuple[SemanticChange, ...]) -> list[tuple[object, ...]]:
    """Kind, what it is of, before and after."""
    return [(each.kind, each.column or each.subject, each.before, each.after) for each in changes]


CASES: dict[str, tuple[list[Edit], str, list[tuple[object, ...]]]] = {
    "a column": (
        [("models/orders.sql", "  id,\n", "  id,\n  id + 1 AS next_id,\n")], "shop.orders",
        [(Kind.COLUMN_ADDED, "next_id", None, "id + 1")],
    ),
    "layout": (
        [("models/orders.sql", "  id,\n", "  ID  ,\n")], "shop.orders",
        [(Kind.FORMATTING_ONLY, None, None, None)],
    ),
    "a comment": (
        [("models/orders.sql", "  ds BETWEEN", "  /* made up */ ds BETWEEN")], "shop.orders",
        [(Kind.COMMENTS_ONLY, None, None, "made up")],
    ),
    "a column's description": (
        [("models/orders.sql", "/* the day */", "/* that day */")], "shop.orders",
        [(Kind.COMMENTS_ONLY, None, "the day", "that day"),
         (Kind.DESCRIPTION_CHANGED, "ds", "the day", "that day")],
    ),
    "properties": (
        [("models/orders.sql", "owner ann,\n  tags (core),",
          "owner bob,\n  tags (core, new),\n  cron '@weekly',\n  start '2024-01-02',\n"
          "  grains (id, ds),\n  description 'Orders.',\n  partitioned_by (ds, id),"),
         ("models/orders.sql", "batch_size 5", "batch_size 9, lookback 2")], "shop.orders",
        [(Kind.PROPERTY_CHANGED, "batch_size", "5", "9"),
         (Kind.PROPERTY_CHANGED, "lookback", None, "2"),
         (Kind.PROPERTY_CHANGED, "description", None, "Orders."),
         (Kind.PROPERTY_CHANGED, "owner", "ann", "bob"),
         (Kind.PROPERTY_CHANGED, "start", "2024-01-01", "2024-01-02"),
         (Kind.PROPERTY_CHANGED, "cron", "@daily", "@weekly"),
         (Kind.PROPERTY_CHANGED, "tags", "core", "core, new"),
         (Kind.PROPERTY_CHANGED, "partitioned_by", None, '"ds", "id"'),
         (Kind.PROPERTY_CHANGED, "grains", None, "id, ds")],
    ),
    "a forward-only kind": (
        [("models/orders.sql", "batch_size 5",
          "batch_size 5, forward_only true, on_destructive_change warn")], "shop.orders",
        [(Kind.PROPERTY_CHANGED, "on_destructive_change", "ERROR", "WARN"),
         (Kind.PROPERTY_CHANGED, "forward_only", "false", "true")],
    ),
    "a kind": (
        [("models/totals.sql", "kind FULL", "kind VIEW")], "shop.totals",
        [(Kind.PROPERTY_CHANGED, "kind", "FULL", "VIEW (materialized FALSE)")],
    ),
    "physical properties": (
        [("models/totals.sql", "(a = 1, b = 2)", "(a = 3, c = 2)")], "shop.totals",
        [(Kind.PROPERTY_CHANGED, "physical_properties.a", "1", "3"),
         (Kind.PROPERTY_CHANGED, "physical_properties.b", "2", None),
         (Kind.PROPERTY_CHANGED, "physical_properties.c", None, "2")],
    ),
    "audits": (
        [("models/orders.sql", "not_null(columns := (id))", "not_null(columns := (id, ds)), "
          "unique_values(columns := (id))")], "shop.orders",
        [(Kind.AUDIT_CHANGED, "not_null", "not_null(columns := (id))",
          "not_null(columns := (id, ds))"),
         (Kind.AUDIT_ADDED, "unique_values", None, "unique_values(columns := (id))")],
    ),
    "an audit's query": (
        [("audits/positive.sql", "<= 0", "< 0")], "shop.orders",
        [(Kind.AUDIT_CHANGED, "positive", "SELECT * FROM @this_model WHERE amount <= 0",
          "SELECT * FROM @this_model WHERE amount < 0")],
    ),
    "an audit on its own": (
        [("audits/alone.sql", "id = 1", "id = 2"), ("audits/alone.sql", "standalone true",
          "standalone true, owner ann")], "alone",
        [(Kind.FILTER_CHANGED, None, "id = 1", "id = 2"),
         (Kind.PROPERTY_CHANGED, "owner", None, "ann")],
    ),
    "statements": (
        [("models/totals.sql", "SELECT id", "DROP TABLE IF EXISTS a;\nSELECT id"),
         ("models/totals.sql", "GROUP BY id\n", "GROUP BY id;\nDROP TABLE IF EXISTS b;\n"
          "ON_VIRTUAL_UPDATE_BEGIN;\nDROP TABLE IF EXISTS c;\nON_VIRTUAL_UPDATE_END;\n")],
        "shop.totals",
        [(Kind.STATEMENT_ADDED, "pre-statement", None, "DROP TABLE IF EXISTS a"),
         (Kind.STATEMENT_ADDED, "post-statement", None, "DROP TABLE IF EXISTS b"),
         (Kind.STATEMENT_ADDED, "on-virtual-update statement", None, "DROP TABLE IF EXISTS c")],
    ),
    "a variable": (
        [("config.yaml", "factor: 2", "factor: 3")], "shop.totals",
        [(Kind.VARIABLE_CHANGED, "factor", "2", "3"),
         (Kind.COLUMN_CHANGED, "factor", "CAST(2 AS INT)", "CAST(3 AS INT)")],
    ),
    "Jinja": (
        [("models/in_jinja.sql", "AS euros", "AS euros, 1 AS one")], "shop.in_jinja",
        [(Kind.COLUMN_ADDED, "one", None, "1")],
    ),
    "Python": (
        [("models/people.py", "MOST = 3", "MOST = 4"),
         ("models/people.py", "def made(most)", "def made(most, sign='x')"),
         ("models/people.py", '["x"]', "[sign]"),
         ("models/people.py", '"name": "text"', '"name": "text", "age": "int"'),
         ("models/people.py", "range(most)", 'range(most), "age": 1')], "shop.people",
        [(Kind.SIGNATURE_CHANGED, "made", "def made(most)", "def made(most, sign='x')"),
         (Kind.FUNCTION_CHANGED, "made",
          "def made(most):\n    return pd.DataFrame({'id': range(most), 'name': ['x'] * most})",
          "def made(most, sign='x'):\n    return pd.DataFrame({'id': range(most), 'age': 1, "
          "'name': [sign] * most})"),
         (Kind.VARIABLE_CHANGED, "MOST", "3", "4"), (Kind.COLUMN_ADDED, "age", None, "INT")],
    ),
    "a seed's rows": (
        [("seeds/colors.csv", "2,green,0.25\n3,blue,0.25", "2,green,0.3\n4,pink,0.2")],
        "shop.colors",
        [(Kind.ROWS_ADDED, "1 row", None, "id 4, name pink, share 0.2"),
         (Kind.ROWS_REMOVED, "1 row", "id 3, name blue, share 0.25", None),
         (Kind.ROWS_CHANGED, "share", "id 2: 0.25", "id 2: 0.3")],
    ),
    "a seed's columns": (
        [("seeds/loose.csv", "a,b\n1,x\n1,x\n2,y", "a,c\n1,x\n1,x\n3,y")], "shop.loose",
        [(Kind.ROWS_ADDED, "1 row", None, "a 3"), (Kind.ROWS_REMOVED, "1 row", "a 2", None),
         (Kind.COLUMN_ADDED, "c", None, None), (Kind.COLUMN_REMOVED, "b", None, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_told_and_nothing_else(project: Project, case: str) -> None:
    edits, model, expected = CASES[case]
    for edit in edits:
        project.edit(*edit)
    assert told(diffs(project)[model]) == expected


def test_a_macro_is_named_with_all_models_that_it_reaches(project: Project) -> None:
    project.edit("macros/tax.py", "amount.sql()} / ", "amount.sql()} * ")
    found = diffs(project)
    assert set(found) == {"shop.orders", "shop.totals"}
    for model, column in (("shop.orders", "amount"), ("shop.totals", "total")):
        macro, rendered = found[model]
        assert (macro.kind, macro.subject) == (Kind.MACRO_CHANGED, "net")
        assert macro.models == ("shop.orders", "shop.totals")
        assert (rendered.kind, rendered.column) == (Kind.COLUMN_CHANGED, column)
        assert rendered.place == RENDERED


def test_what_a_macro_calls_counts_as_the_macro(project: Project) -> None:
    project.edit("macros/tax.py", "RATE = 2", "RATE = 4")
    changes = diffs(project)["shop.orders"]
    assert told(changes)[0] == (Kind.VARIABLE_CHANGED, "RATE", "2", "4")
    assert changes[1].place == RENDERED


def test_a_jinja_macro_is_named_too(project: Project) -> None:
    project.edit("macros/money.sql", "/ 100", "/ 1000")
    macro, rendered = diffs(project)["shop.in_jinja"]
    assert (macro.kind, macro.subject) == (Kind.MACRO_CHANGED, "euros")
    assert macro.models == ("shop.in_jinja",)
    assert (rendered.kind, rendered.column, rendered.place) == (
        Kind.COLUMN_CHANGED, "euros", RENDERED,
    )  # fmt: skip


def test_a_star_tells_what_came_from_upstream(project: Project) -> None:
    project.edit("models/totals.sql", "AS factor", "AS factor, 1 AS one")
    with planned(project) as (built, _):
        name = '"lake"."shop"."all_of_it"'
        found = semantic_diff(built, name)
    assert [(each.kind, each.column, each.place) for each in found] == [
        (Kind.COLUMN_ADDED, "one", RENDERED),
        (Kind.UPSTREAM_CHANGED, "one", None),
    ]


def test_versions_that_are_the_same_have_no_differences(deployed: Project) -> None:
    with deployed.context() as context:
        local = {each.snapshot_id: each for each in context.snapshots.values()}
        stored = context.state_reader.get_snapshots(local.values())
        assert len(stored) == len(local) == len(FILES) - 6
        for snapshot_id, snapshot in stored.items():
            assert compare(snapshot, local[snapshot_id]) == []


def test_rows_that_nobody_asked_for_leave_what_the_hashes_tell(project: Project) -> None:
    project.edit("seeds/colors.csv", "green", "lime")
    with planned(project) as (built, _):
        found = semantic_diff(built, '"lake"."shop"."colors"')
    assert told(found) == [(Kind.VALUES_CHANGED, "name", None, None)]


def test_a_version_that_does_not_parse_is_shown_with_the_place(deployed: Project) -> None:
    with deployed.context() as context:
        model = context.get_model("shop.totals")
        broken = model.copy(update={"query_": ParsableSql(sql="SELECT 1,\n  2 FROM (")})
        sql = SqlDiff(model, broken)
        (query,) = sql.changes()
        assert (query.kind, query.after) == (Kind.QUERY_CHANGED, "SELECT 1,\n  2 FROM (")
        (note,) = sql.unread
        assert (note.kind, note.subject) == (Kind.NOT_READ, "the new version")
        assert (note.place or "").startswith("line 2, column ")
        assert note.after


def test_a_version_that_does_not_render_is_shown_with_the_reason(deployed: Project) -> None:
    raising = Executable(payload="def net(evaluator, amount):\n    raise ValueError('no tax')")
    with deployed.context() as context:
        model = context.get_model("shop.totals")
        broken = model.copy(update={"python_env": {**model.python_env, "net": raising}})
        sql = SqlDiff(model, broken)
        assert [*sql.changes(), *sql.rendered_changes()] == []
        (note,) = sql.unread
    assert (note.kind, note.subject) == (Kind.NOT_READ, "the new version")
    assert "no tax" in (note.after or "")


def test_the_engine_tells_it_when_it_is_looked_at(project: Project) -> None:
    project.edit("models/orders.sql", "WHERE\n", "WHERE id > 1 AND\n")
    with short_directory() as directory, hosted(project, directory) as engine:
        engine.plan("dev")
        answer = engine.get(ROUTE.format(path=IMPACT.path), name="shop.orders")
        assert answer.status_code == 200, answer.text
        found = ModelImpact.model_validate_json(answer.content)
    assert told(found.semantic_diff) == [(Kind.FILTER_ADDED, None, None, "id > 1")]
    assert not [note for note in found.notes if "semantic" in note]
