"""A gateway or a configuration that does not exist is bad input, not a broken project."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmesh.core.config.loader import load_configs

from plan_tui.commands.failures import exit_code
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import SessionState
from plan_tui.engine import serving
from plan_tui.engine.context import EngineContext
from plan_tui.engine.event_log import EventLog
from plan_tui.engine.plan_run import PlanRun
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


def test_a_configuration_of_a_yaml_file_has_no_name(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("model_defaults:\n  dialect: duckdb\n")
    with pytest.raises(Exception, match="multiple configs") as caught:
        load_configs("other", EngineContext.CONFIG_TYPE, [tmp_path])
    refused = unknown_config("other", caught.value)
    assert refused is not None
    assert exit_code(refused.problem) == 3
    assert "Leave out --config" in refused.problem.hint


@pytest.mark.parametrize(
    ("code", "leaves"),
    [
        (ProblemCode.UNKNOWN_CONFIG, True),
        (ProblemCode.NO_PROJECT, True),
        (ProblemCode.BROKEN_PROJECT, False),
    ],
)
async def test_an_engine_that_no_other_command_can_use_leaves_soon(
    monkeypatch: pytest.MonkeyPatch, code: ProblemCode, leaves: bool
) -> None:
    monkeypatch.setattr(serving, "LOOK", 0.01)
    monkeypatch.setattr(serving, "UNUSABLE_GRACE", 0.05)
    session: Any = SimpleNamespace(
        working=False,
        state=SessionState.IDLE,
        log=SimpleNamespace(is_telling=False, clients=0),
        last_used=time.monotonic(),
        info=SimpleNamespace(problem=Problem(code=code, title="No.")),
    )
    waiting = asyncio.ensure_future(serving._until_unused(session, asyncio.Event(), 900.0, None))
    done, _ = await asyncio.wait({waiting}, timeout=10 if leaves else 0.3)
    assert bool(done) is leaves
    waiting.cancel()


def test_a_plan_says_which_environment_a_name_leads_to() -> None:
    log = EventLog()
    told: list[ev.Event] = []
    log.listen(lambda event, _: told.append(event))
    run = PlanRun(log, "r", "De v", PlanRequest(environment="De v"))
    run.begin()
    assert run.environment == "de_v"
    assert [each.environment for each in told if isinstance(each, ev.PlanningStarted)] == ["de_v"]
    assert "names this environment de_v, not De v" in run.warnings[0]
    assert [each.message for each in told if isinstance(each, ev.Warned)] == run.warnings
