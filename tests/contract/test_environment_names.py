from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_tui.contract.environment_names import name_problem, renamed, sanitize


@pytest.mark.parametrize("name", ["dev", "feature_x_2", "prod", "2024", "größe"])
def test_a_name_that_sqlmesh_keeps_has_no_problem(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "called"), [("Dev", "dev"), ("feature-x", "feature_x"), ("a b!", "a_b_")]
)
def test_a_name_that_sqlmesh_changes_says_into_what(name: str, called: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert f"call it {called}:" in problem


def test_no_name_says_what_to_type() -> None:
    assert name_problem("") == "Type a name: letters, digits and underscores."


def test_a_name_that_leads_elsewhere_says_where() -> None:
    assert renamed(None) is None
    assert renamed("dev") is None
    assert (renamed("de v") or "").startswith("SQLMesh names this environment de_v, not de v:")


@given(st.text(min_size=1))
@settings(deadline=None)
def test_the_rule_is_that_of_sqlmesh(name: str) -> None:
    from sqlmesh.core.environment import EnvironmentNamingInfo

    assert sanitize(name) == EnvironmentNamingInfo.sanitize_name(name)
