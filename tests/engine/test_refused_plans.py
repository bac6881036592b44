"""Plans that SQLMesh does not build, or builds with nothing in them."""

from __future__ import annotations

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.stages import PlanOverviewStageTracker, StageStatus
from plan_tui.contract.state import RunOutcome, SessionState, StageName

from .projects import DAY, JAN_1, Project
from .talking import Engine, Run

FAILING_TEST = """\
test_daily:
  model: shop.daily
  inputs:
    raw.events:
      rows:
        - {ds: 2024-01-01, id: 1, amount: 10}
        - {ds: 2024-01-01, id: 2, amount: 20}
  outputs:
    query:
      rows:
        - {ds: 2024-01-01, amount: 31}
"""
LINTER = """\
linter:
  enabled: true
  %s: [noselectstar]
"""


def failed_stage(run: Run) -> StageName | None:
    planning = run.state.planning
    assert planning is not None
    for stage in planning.stages:
        if stage.meta is not None and stage.meta.status is StageStatus.FAIL:
            return stage.name
    return None


def dangers(engine: Engine) -> tuple[Danger, ...]:
    """Those of the document of a plan that was not built."""
    answer = engine.get(routes.PLAN)
    return PlanOverviewStageTracker.model_validate_json(answer.content).dangers


def assert_idle(engine: Engine) -> None:
    state = engine.state
    assert state.state is SessionState.IDLE
    assert state.plan is None
    assert state.facts is None
    document = engine.get(routes.PLAN).json()
    assert (document["plan_id"], document["meta"]["status"]) == ("", "fail")
    assert document["changes"]["modified"]["direct"] == []


# Nothing to do


def test_an_environment_without_changes_is_a_document_with_a_warning(
    engine: Engine, shop: Project
) -> None:
    run = engine.plan("fresh")
    assert run.outcome is RunOutcome.SUCCEEDED
    plan = run.plan
    assert (plan.environment, plan.is_new_environment, plan.plan_id) == ("fresh", True, "")
    assert plan.changes.added == plan.changes.removed == ()
    assert plan.changes.modified.direct == ()
    assert plan.backfills.models == ()
    (warning,) = plan.warnings
    assert "--include-unmodified" in warning
    assert "include_unmodified" in warning
    facts = run.state.facts
    assert facts is not None
    assert facts.refusal is not None
    assert facts.refusal.code is ProblemCode.NOTHING_TO_DO
    for written, title in (
        ("shop.dayly", "There is no model called shop.dayly."),
        ("shop.daily", "lake.shop.daily is not part of this plan."),
    ):
        answer = engine.get("/api/looks/impact", name=written)
        assert (answer.status_code, answer.json()["problem"]["title"]) == (404, title)
    assert engine.get(routes.PLAN).json() == plan.model_dump(mode="json")
    assert engine.post(routes.APPLY, {"plan_id": ""}).status_code in (404, 409)
    restated = engine.plan("fresh", restate_models=["shop.daily"]).problem
    assert restated is not None
    assert restated.title == "There is no environment fresh to restate in."
    assert "without --restate-model" in restated.hint
    created = engine.plan("fresh", include_unmodified=True)
    assert created.state.facts is not None
    assert created.state.facts.refusal is None
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.plan_id("fresh") == created.plan_id


def test_nothing_to_do_is_a_plan_without_changes(engine: Engine) -> None:
    run = engine.plan("prod")
    assert run.outcome is RunOutcome.SUCCEEDED
    facts = run.state.facts
    assert facts is not None
    assert (facts.has_changes, facts.requires_backfill, facts.batches) == (False, False, 0)
    assert facts.refusal is not None
    assert facts.refusal.code is ProblemCode.NOTHING_TO_DO


# Checks


def test_a_failing_unit_test_fails_the_plan(engine: Engine, shop: Project) -> None:
    shop.write("tests/test_daily.yaml", FAILING_TEST)
    shop.edit("models/stores.sql", "'north'", "'south'")
    run = engine.plan(dates={"start": "2024-01-02", "end": "2024-01-03"})
    assert run.outcome is RunOutcome.FAILED
    document = engine.get(routes.PLAN).json()
    assert (document["plan_id"], document["is_new_environment"]) == ("", True)
    assert (document["start"], document["end"]) == (JAN_1 + DAY, JAN_1 + 3 * DAY)
    assert run.failure.code is ProblemCode.FAILED_TESTS
    assert "test_daily" in run.failure.message
    assert "--skip-tests" in run.failure.hint
    assert run.failure.path is not None
    assert run.failure.path.endswith("tests/test_daily.yaml")
    (reported,) = run.of(ev.TestsReported)
    assert (reported.tests.run, reported.tests.failed) == (1, 1)
    (failure,) = reported.tests.failures
    assert failure.name == "test_daily"
    assert failure.path == "tests/test_daily.yaml"
    assert "31" in failure.message
    assert run.state.tests == reported.tests
    assert failed_stage(run) is StageName.VALIDATION
    assert_idle(engine)
    (danger,) = dangers(engine)
    assert (danger.rule, danger.severity) == ("tests_failed", Severity.BLOCKS)
    assert "test_daily" in danger.details[0]
    assert engine.plan("prod").outcome is RunOutcome.FAILED
    assert engine.get(routes.PLAN).json()["is_new_environment"] is False
    assert engine.plan(skip_tests=True).outcome is RunOutcome.SUCCEEDED
    shop.edit("tests/test_daily.yaml", "31", "30")
    passed = engine.plan()
    assert passed.outcome is RunOutcome.SUCCEEDED
    tests = passed.plan.validation.tests
    assert (tests.run, tests.failed) == (1, 0)


def test_a_lint_error_fails_the_plan(engine: Engine, shop: Project) -> None:
    shop.write("config.yaml", (shop.root / "config.yaml").read_text() + LINTER % "rules")
    shop.write("models/star.sql", "MODEL (name shop.star, kind VIEW); SELECT * FROM shop.stores")
    run = engine.plan()
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is ProblemCode.FAILED_LINT
    (danger,) = dangers(engine)
    assert (danger.rule, danger.view_name) == ("lint_error", "shop.star")
    assert danger.severity is Severity.BLOCKS
    assert "--skip-linter" in run.failure.hint
    assert "shop.star" in run.failure.message
    assert "noselectstar" in run.failure.message
    assert failed_stage(run) is StageName.VALIDATION
    assert_idle(engine)
    assert engine.plan(skip_linter=True).outcome is RunOutcome.SUCCEEDED


def test_a_lint_warning_is_part_of_the_plan(engine: Engine, shop: Project) -> None:
    shop.write("config.yaml", (shop.root / "config.yaml").read_text() + LINTER % "warn_rules")
    shop.write("models/star.sql", "MODEL (name shop.star, kind VIEW); SELECT * FROM shop.stores")
    run = engine.plan()
    assert run.outcome is RunOutcome.SUCCEEDED
    (violation,) = run.plan.validation.lint
    assert (violation.rule, violation.severity) == ("noselectstar", "warning")
    assert "shop" in violation.model
    assert "star" in violation.model


# What SQLMesh itself refuses


@pytest.mark.parametrize(
    ("dates", "options", "word"),
    [
        ({}, {"create_from": "nowhere"}, "nowhere"),
        ({}, {"min_intervals": 2, "restate_models": ["shop.stores"]}, ""),
    ],
)
def test_what_sqlmesh_refuses_or_warns_of_is_told_in_words(
    engine: Engine, shop: Project, dates: dict[str, str], options: dict[str, object], word: str
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    run = engine.plan("dev", dates=dates, **options)
    said = f"{run.problem} {run.state.plan and run.state.plan.warnings}"
    assert run.problem is None or run.problem.code is ProblemCode.INVALID_PLAN
    assert word in said
    if run.problem is None and word:
        assert run.state.plan is not None
        assert sum(word in each for each in run.state.plan.warnings) == 1


@pytest.mark.parametrize("selector", ["((", "&&", "git:no_such_branch"])
def test_a_selector_that_makes_no_sense_is_no_broken_project(
    engine: Engine, shop: Project, selector: str
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    body = {"environment": "dev", "plan_options": {"select_models": [selector]}}
    problem = engine.refused(routes.PLAN, body, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert problem.path is None
    assert engine.plan().outcome is RunOutcome.SUCCEEDED


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2024-02-01", "2024-01-01"),
        ("2024-01-01 12:00:00", "2024-01-01"),
        ("yesterday", "1 week ago"),
    ],
)
def test_an_end_before_the_start_is_refused_at_the_door(
    engine: Engine, start: str, end: str
) -> None:
    body = {"environment": "dev", "plan_dates": {"start": start, "end": end}}
    problem = engine.refused(routes.PLAN, body, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert start in problem.title
    assert end in problem.title
    assert problem.message
    assert problem.hint


@pytest.mark.parametrize("field", ["start", "end", "execution_time"])
def test_a_date_that_is_none_is_refused_at_the_door(engine: Engine, field: str) -> None:
    body = {"environment": "dev", "plan_dates": {field: "one fine day"}}
    problem = engine.refused(routes.PLAN, body, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert "one fine day" in problem.title
    assert problem.hint
