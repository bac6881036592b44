"""Sentences for exceptions that no project of the suite can raise: other warehouses' words."""

from __future__ import annotations

import pytest
from sqlmesh.utils.errors import ConfigError, PlanError, SQLMeshError

from plan_tui.contract.errors import ProblemCode
from plan_tui.engine.names import NameFinder, UnknownModelError
from plan_tui.engine.problems import from_loading, from_planning, internal, sentence_of

ROOTS = ("/srv/project",)


class OperationalError(Exception):
    """As drivers raise it."""

    __module__ = "psycopg2"


class DatabaseError(Exception):
    """As Snowflake's driver raises it."""

    __module__ = "snowflake.connector.errors"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            OperationalError('connection to server at "db" failed: Connection refused'),
            ProblemCode.UNREACHABLE_WAREHOUSE,
        ),
        (
            OperationalError('could not translate host name "nowhere" to address'),
            ProblemCode.UNREACHABLE_WAREHOUSE,
        ),
        (TimeoutError("timed out"), ProblemCode.UNREACHABLE_WAREHOUSE),
        (
            OperationalError('password authentication failed for user "ann"'),
            ProblemCode.MISSING_CREDENTIALS,
        ),
        (DatabaseError("250001: Incorrect username or password"), ProblemCode.MISSING_CREDENTIALS),
        (ConfigError("env_var 'PASSWORD' is not set"), ProblemCode.MISSING_CREDENTIALS),
        (
            OSError('IO Error: Could not set lock on file "/data/lake.duckdb": held by PID 7'),
            ProblemCode.LOCKED_DATABASE,
        ),
        (
            SQLMeshError("SQLMesh (local) is behind. Please run `sqlmesh migrate`."),
            ProblemCode.MIGRATION_NEEDED,
        ),
        (ConfigError("SQLMesh project config could not be found."), ProblemCode.NO_PROJECT),
        (ConfigError("something else"), ProblemCode.BROKEN_PROJECT),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_a_project_fails_with_while_it_loads(
    error: Exception, code: ProblemCode, wrapped: bool
) -> None:
    if wrapped and not isinstance(error, SQLMeshError):
        try:
            raise SQLMeshError("The state can't be read") from error
        except SQLMeshError as outer:
            error = outer
    problem = from_loading(error, ROOTS)
    assert problem.code is code
    assert problem.title
    assert problem.message
    assert problem.hint


def test_a_model_with_a_column_called_password_is_no_missing_credential() -> None:
    error = ConfigError("Column 'password' is not set at '/srv/project/models/users.sql'")
    problem = from_loading(error, ROOTS)
    assert problem.code is ProblemCode.BROKEN_PROJECT
    assert problem.path == "models/users.sql"


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("Bad at '/srv/project/models/a.sql'", "models/a.sql", None),
        ("Bad at '/srv/project/models/a.sql':12", "models/a.sql", 12),
        ("Bad at '/srv/project/models/a.sql', line 12", "models/a.sql", 12),
        ("Token line: 1, col: 1. Line 4, Col: 2. '/srv/project/a.sql'", "a.sql", 4),
        ("Bad in /elsewhere/b.py: no", "/elsewhere/b.py", None),
        ("Nothing is known", None, None),
    ],
)
def test_places(text: str, path: str | None, line: int | None) -> None:
    problem = from_loading(ConfigError(text), ROOTS)
    assert problem.path == path
    assert problem.line == (line if path else problem.line)
    if path:
        assert path in problem.title


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PlanError("No, says SQLMesh"), ProblemCode.INVALID_PLAN),
        (ValueError("No such thing"), ProblemCode.INVALID_PLAN),
        (ConfigError("Bad"), ProblemCode.BROKEN_PROJECT),
        (ZeroDivisionError("division by zero"), ProblemCode.INTERNAL),
        (OperationalError("Connection refused"), ProblemCode.UNREACHABLE_WAREHOUSE),
    ],
)
def test_what_a_plan_fails_with(error: Exception, code: ProblemCode) -> None:
    problem = from_planning(error, ROOTS)
    assert problem.code is code
    assert problem.hint


def test_an_exception_without_words_is_named_and_colours_go() -> None:
    assert sentence_of(KeyError()) == "KeyError"
    assert sentence_of(ValueError("\x1b[4mred\x1b[0m")) == "red"
    assert internal(RuntimeError("x")).message == "RuntimeError: x"


class TestNames:
    finder = NameFinder(
        ['"lake"."shop"."orders"', '"lake"."shop"."Order Items"', '"other"."shop"."orders"'],
        "lake",
        "dev",
    )

    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("shop.orders", '"lake"."shop"."orders"'),
            ("lake.shop.orders", '"lake"."shop"."orders"'),
            ("other.shop.orders", '"other"."shop"."orders"'),
            ('"lake"."shop"."orders"', '"lake"."shop"."orders"'),
            ("`shop`.`orders`", '"lake"."shop"."orders"'),
            ("[shop].[orders]", '"lake"."shop"."orders"'),
            ("SHOP.ORDERS ", '"lake"."shop"."orders"'),
            ("shop.order items", '"lake"."shop"."Order Items"'),
            ("shop__dev.orders", '"lake"."shop"."orders"'),
        ],
    )
    def test_found(self, written: str, found: str) -> None:
        assert self.finder.find(written) == found

    @pytest.mark.parametrize("name", ['"lake"."shop"."A"', '"lake"."shop"."a"'])
    def test_a_snapshot_name_is_itself_where_another_differs_in_case_alone(self, name: str) -> None:
        assert NameFinder(['"lake"."shop"."A"', '"lake"."shop"."a"'], "lake").find(name) == name

    @pytest.mark.parametrize("written", ["orders", "shop.order", "", "shop__prod.orders", "*"])
    def test_not_found(self, written: str) -> None:
        with pytest.raises(UnknownModelError) as caught:
            self.finder.find(written)
        assert caught.value.problem.code is ProblemCode.UNKNOWN_MODEL
        assert caught.value.problem.model == written

    def test_the_nearest_are_named_however_far(self) -> None:
        assert self.finder.nearest("shop.odrers")[0] == "shop.orders"
        assert len(self.finder.nearest("zzzzzz")) == 3
        assert NameFinder([], "lake").nearest("zzzzzz") == ()


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("Failed to read '/srv/project/models/a.sql':7", "models/a.sql", 7),
        ("/srv/project/models/a b.py:3: no", "models/a b.py", 3),
        ("For more see https://errors.pydantic.dev/2.14/v/extra_forbidden", None, None),
        ("For more see https://docs.example.com/guides/model.py", None, None),
        ("The path /srv/project/models/notes.sqlite is strange", None, None),
    ],
)
def test_a_file_that_an_error_names_is_found(text: str, path: str | None, line: int | None) -> None:
    problem = from_loading(ConfigError(text), ROOTS)
    assert (problem.path, problem.line) == (path, line)


def test_a_driver_that_is_missing_is_named_as_it_is_installed_here() -> None:
    error = ConfigError(
        "Failed to import the 'postgres' engine library. Please ensure the required dependency is "
        'installed by running: `pip install "sqlmesh[postgres]"`.'
    )
    problem = from_loading(error, ROOTS)
    assert 'pip install "plan-tui[postgres]"' in problem.hint
    assert "Correct" not in problem.hint
