"""Changes of tables in place: all listed, blocking until each is allowed, SQLMesh the judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmesh.utils.errors import PlanError

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.dangers import Danger, Dangers, Severity
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.looks import DANGERS, ROUTE
from plan_tui.contract.stages import PlanOverviewStageTracker, StageStatus
from plan_tui.contract.state import RunOutcome

from .hosting import hosted, short_directory
from .projects import EVENTS, Project
from .talking import Engine, Run

LEDGER = """\
MODEL (
  name shop.%s,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, forward_only true%s),
  start '2024-01-01',
  end '2024-01-10'
);
SELECT ds, id%s FROM raw.events WHERE ds BETWEEN @start_ds AND @end_ds
"""
STRICT = ", on_additive_change error"
LENIENT = ", on_destructive_change warn"
COPY = """\
MODEL (
  name shop.copy,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds, forward_only true),
  start '2024-01-01',
  end '2024-01-10'
);
SELECT ds, id, extra FROM shop.wide WHERE ds BETWEEN @start_ds AND @end_ds
"""
WIDE = """\
MODEL (name shop.wide, kind VIEW);
SELECT ds, id, %s AS extra FROM raw.events
"""
EXTRA = ", 1::INT AS extra"


def write(shop: Project, name: str, columns: str, kind: str = "") -> None:
    shop.write(f"models/{name}.sql", LEDGER % (name, kind, columns))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Forward-only models of every setting, deployed to prod."""
    files = {"models/events.sql": EVENTS, "models/copy.sql": COPY, "models/wide.sql": WIDE % "1"}
    shop = Project.make(tmp_path_factory.mktemp("dangers") / "shop", files)
    write(shop, "ledger", ", amount, 1::INT AS extra")
    write(shop, "journal", ", amount, 1::INT AS extra")
    write(shop, "strict", EXTRA, STRICT)
    write(shop, "lenient", EXTRA, LENIENT)
    shop.deploy()
    return shop


@pytest.fixture
def shop(deployed: Project, tmp_path: Path) -> Project:
    """A copy of it; it is edited before its engine starts, which would load it meanwhile."""
    return deployed.copied_to(tmp_path / "shop")


def severities(run: Run) -> dict[str, str]:
    """How much the danger of each model weighs, by the model's own name."""
    return {each.view_name.split(".")[-1]: str(each.severity) for each in run.plan.dangers}


def refusal_code(engine: Engine) -> ProblemCode | None:
    facts = engine.state.facts
    assert facts is not None
    return facts.refusal.code if facts.refusal else None


def looked(engine: Engine) -> tuple[Danger, ...]:
    answer = engine.get(ROUTE.format(path=DANGERS.path))
    assert answer.status_code == 200, answer.text
    return Dangers.model_validate_json(answer.content).dangers


def document(engine: Engine) -> PlanOverviewStageTracker:
    return PlanOverviewStageTracker.model_validate_json(engine.get(routes.PLAN).content)


def allow(engine: Engine, **lists: list[str]) -> Run:
    with engine.listen() as ear:
        answer = engine.post(routes.ALLOW, lists)
        assert answer.status_code == 204, answer.text
        ear.until(ev.PlanRevised)
    return Run(ear.heard, RunOutcome.SUCCEEDED, None, engine.state)


def test_every_destructive_change_is_listed_and_blocks_until_each_is_allowed(
    shop: Project, runtime: Path
) -> None:
    write(shop, "ledger", ", amount")
    write(shop, "journal", ", amount")
    write(shop, "lenient", "", LENIENT)
    with hosted(shop, runtime) as engine:
        run = engine.plan("prod")
        assert run.outcome is RunOutcome.SUCCEEDED
        assert len(run.plan.changes.modified.direct) == 3
        assert severities(run) == {"journal": "blocks", "ledger": "blocks", "lenient": "warns"}
        assert [each for each in run.plan.warnings if "lenient" in each] != []
        journal, ledger, _ = run.plan.dangers
        assert (ledger.rule, ledger.allow, ledger.allowed) == (
            "destructive_change",
            "destructive",
            False,
        )
        (statement,) = ledger.details
        assert "ALTER TABLE" in statement
        assert "DROP COLUMN" in statement
        assert "extra" in statement
        assert "--allow-destructive-model shop.ledger" in ledger.hint
        problem = engine.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
        assert problem.code is ProblemCode.DESTRUCTIVE_CHANGE
        assert "--allow-destructive-model shop.journal" in problem.hint
        assert set(document(engine).dangers) == set(looked(engine)) >= {journal, ledger}
        assert run.plan.validation.meta.status is StageStatus.FAIL
        assert document(engine).validation.meta.status is StageStatus.FAIL

        one = allow(engine, allow_destructive_models=["shop.ledger"])
        assert one.plan_id == run.plan_id
        assert severities(one) == {"journal": "blocks", "ledger": "notes", "lenient": "warns"}
        assert refusal_code(engine) is ProblemCode.DESTRUCTIVE_CHANGE
        allow(engine, allow_destructive_models=["shop.ledger", "shop.journal"])
        taken = allow(engine, allow_destructive_models=["shop.journal"])
        assert severities(taken) == {"journal": "notes", "ledger": "blocks", "lenient": "warns"}
        problem = engine.refused(routes.ALLOW, {"allow_destructive_models": ["no.such"]}, 422)
        assert problem.code is ProblemCode.UNKNOWN_MODEL
        both = allow(engine, allow_destructive_models=["shop.ledger", "shop__prod.journal"])
        assert [each.allowed for each in both.plan.dangers] == [False, True, True]
        assert both.plan.validation.meta.status is StageStatus.SUCCESS
        assert refusal_code(engine) is None
        planning = engine.state.planning
        assert planning is not None
        options = planning.request.options
        assert options.allow_destructive_models == both.plan.plan_options.allow_destructive_models
        assert options.allow_destructive_models[0] == "shop.ledger"
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        assert engine.post(routes.ALLOW, {}).status_code == 404
    assert "extra" not in [row[0] for row in shop.rows("DESCRIBE shop.ledger")]


def test_a_change_both_ways_is_two_dangers(shop: Project, runtime: Path) -> None:
    write(shop, "strict", ", amount", STRICT)
    with hosted(shop, runtime) as engine:
        run = engine.plan()
        assert {each.rule: each.severity for each in run.plan.dangers} == {
            "additive_change": Severity.BLOCKS,
            "destructive_change": Severity.BLOCKS,
        }
        assert {each.rule: len(each.details) for each in run.plan.dangers} == {
            "additive_change": 1,
            "destructive_change": 1,
        }
        one = allow(engine, allow_destructive_models=["shop.strict"])
        assert {each.rule: each.severity for each in one.plan.dangers} == {
            "additive_change": Severity.BLOCKS,
            "destructive_change": Severity.NOTES,
        }
        assert refusal_code(engine) is ProblemCode.ADDITIVE_CHANGE
        facts = engine.state.facts
        assert facts is not None
        assert facts.refusal is not None
        assert "--allow-additive-model shop.strict" in facts.refusal.hint
        allow(engine, allow_additive_models=["shop.strict"])
        assert refusal_code(engine) is None


def test_what_sqlmesh_finds_only_while_it_applies_is_known_before(
    shop: Project, runtime: Path, tmp_path: Path
) -> None:
    shop.write("models/wide.sql", WIDE % "'x'")
    with hosted(shop, runtime) as engine:
        dev = engine.plan("dev")
        assert severities(dev) == {"copy": "warns"}
        assert "prod" in dev.plan.dangers[0].message
        assert refusal_code(engine) is None
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
        prod = engine.plan("prod")
        assert severities(prod) == {"copy": "blocks"}
        assert "upstream" in prod.plan.dangers[0].message
        assert refusal_code(engine) is ProblemCode.DESTRUCTIVE_CHANGE

    # SQLMesh builds this plan, and fails once prod's record is written.
    before = shop.plan_id("prod")
    with pytest.raises(PlanError):
        shop.deploy()
    assert shop.plan_id("prod") != before

    with short_directory() as other, hosted(shop, other) as engine:
        again = engine.plan("prod")
        assert severities(again) == {"copy": "blocks"}
        allow(engine, allow_destructive_models=["shop.copy"])
        assert engine.apply().outcome is RunOutcome.SUCCEEDED
    (kind,) = [row[1] for row in shop.rows("DESCRIBE shop.copy") if row[0] == "extra"]
    assert kind == "VARCHAR"
