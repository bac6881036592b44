"""A project that can't be loaded, and an error that quotes a password of its connections."""

from __future__ import annotations

from pathlib import Path

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import ProjectState, RunOutcome
from plan_tui.engine.secrets import HIDDEN

from .hosting import engine_process
from .projects import CONFIG, Project

PASSWORD = "tr0ub4dor-and-three"
ANY = "MODEL (name s.a); SELECT 1::INT AS x"
SPEAKS = f"""\
raise ValueError("no answer from ann with {PASSWORD}")
"""


def test_a_password_is_known_before_the_project_is_loaded(tmp_path: Path, runtime: Path) -> None:
    shop = Project.make(tmp_path / "shop", {"macros/bad.py": SPEAKS})
    lake = f"  lake:\n    connection:\n      type: duckdb\n      token: {PASSWORD}\n"
    config = CONFIG.format(database=shop.database).replace(
        "default_gateway", f"{lake}default_gateway"
    )
    shop.write("config.yaml", config)
    with engine_process(shop, runtime) as engine:
        with engine.listen(after=0) as ear:
            told = ear.until(
                ev.EngineChanged, lambda event: event.info.project_state is ProjectState.BROKEN
            )
        run = engine.plan()
        assert run.outcome is RunOutcome.FAILED
        assert run.failure.code is ProblemCode.BROKEN_PROJECT
        for problem in (run.failure, told.info.problem):
            assert problem is not None
            assert f"no answer from ann with {HIDDEN}" in problem.message
        assert PASSWORD not in engine.get(routes.STATE).text
        assert PASSWORD not in engine.get(routes.ENVIRONMENTS).text
        assert PASSWORD not in engine.log_text
        assert f"no answer from ann with {HIDDEN}" in engine.log_text
