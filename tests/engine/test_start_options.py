"""A gateway or a configuration that does not exist is bad input, not a broken project."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmesh.core.config.loader import load_configs

from plan_tui.commands.failures import exit_code
from plan_tui.contract.errors import ProblemCode
from plan_tui.engine.context import EngineContext
from plan_tui.engine.problems import from_loading, from_planning
from plan_tui.engine.refused import Refused
from plan_tui.engine.start_options import check_gateway, unknown_config

YAML = """\
gateways:
  local: {connection: {type: duckdb}}
  Warehouse: {connection: {type: duckdb}}
model_defaults: {dialect: duckdb}
"""
PYTHON = """\
from sqlmesh.core.config import Config, ModelDefaultsConfig
config = Config(model_defaults=ModelDefaultsConfig(dialect="duckdb"))
"""


def test_an_unknown_gateway_is_named_with_those_that_exist(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(YAML)
    configs = load_configs(None, EngineContext.CONFIG_TYPE, [tmp_path]).values()
    for known in (None, "local", "LOCAL", "warehouse"):
        check_gateway(known, configs)
    with pytest.raises(Refused) as caught:
        check_gateway("lokal", configs)
    problem = caught.value.problem
    assert problem.code is ProblemCode.UNKNOWN_CONFIG
    assert problem.title == "There is no gateway called lokal."
    assert problem.message == "The project has local, warehouse."
    assert problem.nearest[0] == "local"
    assert from_loading(caught.value, ()) == from_planning(caught.value, ()) == problem
    assert exit_code(problem) == 3


def test_an_unknown_configuration_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(PYTHON)
    with pytest.raises(Exception, match="not found") as caught:
        load_configs("other", EngineContext.CONFIG_TYPE, [tmp_path])
    refused = unknown_config("other", caught.value)
    assert refused is not None
    assert exit_code(refused.problem) == 3
    assert "other" in refused.problem.title
    assert unknown_config(None, caught.value) is None
    assert unknown_config("other", ValueError("something else")) is None
