"""What a connection was not given is named where it lets nobody in."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.unset_settings import unset_settings, with_unset

from .hosting import engine_process
from .projects import Project

PG = """\
gateways:
  pg:
    connection:
      type: postgres
      host: 127.0.0.1
      port: 1
      user: ann
      password: "{{ env_var('NO_SUCH_VARIABLE') }}"
      database: shop
  other:
    connection: {type: duckdb, token: "{{ env_var('NO_SUCH_VARIABLE') }}"}
default_gateway: pg
model_defaults: {dialect: postgres, start: '2024-01-01'}
"""


def problem(code: ProblemCode, hint: str = "Look.") -> Problem:
    return Problem(code=code, title="No.", message="refused", hint=hint)


def test_settings_that_are_none_are_named_once_whatever_holds_them() -> None:
    connection = {"host": "db", "password": "None", "port": None, "nested": {"token": "None"}}
    assert unset_settings([connection, {"password": "None"}]) == ("password", "token")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (ProblemCode.MISSING_CREDENTIALS, 'In the config a, b are "None", {} Look.'),
        (ProblemCode.UNREACHABLE_WAREHOUSE, 'Look. In the config a, b are "None", {}'),
        (ProblemCode.BROKEN_PROJECT, "Look."),
    ],
)
def test_what_a_connection_lacks_is_said_where_it_may_matter(code: ProblemCode, hint: str) -> None:
    rest = "as of a variable that is not set: set it, or name a file that has it with --dotenv."
    assert with_unset(problem(code), ("a", "b")).hint == hint.format(rest)


def test_it_is_said_once() -> None:
    told = problem(ProblemCode.MISSING_CREDENTIALS, 'So it became "None".')
    assert with_unset(told, ("host",)) == told
    assert with_unset(problem(ProblemCode.MISSING_CREDENTIALS), ()).hint == "Look."


def test_a_plan_names_the_password_that_its_own_gateway_lacks(
    tmp_path: Path, runtime: Path
) -> None:
    shop = Project.make(tmp_path / "shop", {"models/a.sql": "MODEL (name s.a); SELECT 1 AS x"})
    shop.write("config.yaml", PG)
    with engine_process(shop, runtime) as engine:
        failure = engine.plan().failure
    assert failure.code is ProblemCode.UNREACHABLE_WAREHOUSE
    assert 'In the config password is "None"' in failure.hint
