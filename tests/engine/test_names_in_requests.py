"""How models are named in requests, and what is said to a name that no model has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import RunOutcome, SessionState
from plan_tui.engine.names import NameFinder, UnknownModelError

from .hosting import hosted, short_directory
from .projects import DAY, JAN_1, Project
from .talking import Engine

DAILY, EVENTS, STORES, TOTALS = (
    '"lake"."shop"."daily"',
    '"lake"."raw"."events"',
    '"lake"."shop"."stores"',
    '"lake"."shop"."totals"',
)


@pytest.fixture(scope="module")
def engine(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on the shop with changes pending; no test applies anything."""
    project = template.copied_to(tmp_path_factory.mktemp("names") / "shop")
    project.edit("models/stores.sql", "'north'", "'south'")
    project.edit("models/events.sql", "(i * 10)", "(i * 20)")
    with short_directory() as directory, hosted(project, directory) as engine:
        yield engine


def categories_of(plan: PlanOverviewStageTracker) -> dict[str, str | None]:
    return {change.name: change.change_category for change in plan.changes.modified.direct}


@pytest.mark.parametrize(
    "written", ["shop.stores", STORES, "lake.shop.stores", "SHOP.Stores", '"shop"."stores"']
)
def test_categories_take_names_as_people_write_them(engine: Engine, written: str) -> None:
    run = engine.plan(categories={written: "NON_BREAKING", "raw.events": "BREAKING"})
    assert run.outcome is RunOutcome.SUCCEEDED
    assert categories_of(run.plan) == {STORES: "NON_BREAKING", EVENTS: "BREAKING"}


@pytest.mark.parametrize(
    "written",
    [
        ["raw.events"],
        [EVENTS],
        "raw.events",
        " raw.events , shop.stores ",
        ["raw.events", "shop.stores"],
    ],
)
def test_restated_models_are_a_list_or_text_with_commas(engine: Engine, written: Any) -> None:
    run = engine.plan("prod", restate_models=written)
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    named = {EVENTS, STORES} if "shop.stores" in written or "," in written else {EVENTS}
    assert set(run.plan.restatements) == named | {DAILY, TOTALS}


def test_a_restated_model_may_be_written_as_its_environment_shows_it(engine: Engine) -> None:
    run = engine.plan("prod", restate_models=["raw__prod.events"])
    assert (run.outcome, run.problem) == (RunOutcome.SUCCEEDED, None)
    assert set(run.plan.restatements) == {EVENTS, DAILY, TOTALS}


def test_restating_takes_selectors(engine: Engine) -> None:
    run = engine.plan("prod", restate_models=["tag:places"])
    assert set(run.plan.restatements) == {STORES}


@pytest.mark.parametrize(
    ("body", "unknown", "nearest"),
    [
        ({"categories": {"shop.store": "BREAKING"}}, "shop.store", "shop.stores"),
        ({"categories": {'"lake"."shop"."dayly"': "BREAKING"}}, "dayly", "shop.daily"),
        ({"plan_options": {"restate_models": "raw.event"}}, "raw.event", "raw.events"),
        ({"plan_options": {"restate_models": ["shop.stores", "daily"]}}, "daily", "shop.daily"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    engine: Engine, body: dict[str, Any], unknown: str, nearest: str
) -> None:
    before = engine.plan()
    problem = engine.refused(routes.PLAN, {"environment": "dev", **body}, 422)
    assert problem.code is ProblemCode.UNKNOWN_MODEL
    assert unknown in problem.title
    assert problem.nearest[0] == nearest
    assert nearest in problem.message
    state = engine.state
    assert state.state is SessionState.REVIEW
    assert state.facts == before.state.facts


def test_a_name_like_nothing_still_has_its_nearest(engine: Engine) -> None:
    body = {"environment": "dev", "categories": {"zzzzzz": "BREAKING"}}
    problem = engine.refused(routes.PLAN, body, 422)
    assert len(problem.nearest) == 3
    assert problem.nearest[0] in problem.message
    assert problem.hint


NAMED = (
    "restate_models",
    "select_models",
    "backfill_models",
    "allow_destructive_models",
    "allow_additive_models",
)


@pytest.mark.parametrize("field", NAMED)
@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("shop.store", "shop.stores"),
        ("+shop.store+", "shop.stores"),
        ("shop.storz*", "shop.stores"),
        ("tag:place", "tag:places"),
        ("qqqq", ""),
    ],
)
def test_a_selector_that_matches_nothing_is_refused_with_the_nearest(
    engine: Engine, field: str, written: str, nearest: str
) -> None:
    options = {field: ["raw.events", written]}
    problem = engine.refused(routes.PLAN, {"environment": "dev", "plan_options": options}, 422)
    assert problem.code is ProblemCode.UNKNOWN_MODEL
    assert written in problem.title
    assert problem.nearest[0].startswith(nearest)


@pytest.mark.parametrize("field", NAMED)
@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("^x&(", "SQLMesh expects a model's name after ^x&(."),
        ("((", "SQLMesh expects a model's name after ((."),
        ("&&", "SQLMesh expects a model's name where it begins."),
        ("raw.* & shop.* & shop.x", "SQLMesh expects an operator or its end after raw.* & shop.*."),
        ("raw.*) & shop.daily", "A parenthesis closes after raw.* that was not opened."),
        ("resource_type:nothing", "SQLMesh says: Unsupported resource type: nothing"),
        ("git:main", "The project is not in a git repository."),
        ("+git:main", "The project is not in a git repository."),
    ],
)
def test_a_selector_that_can_not_be_read_is_bad_input(
    engine: Engine, field: str, written: str, why: str
) -> None:
    options = {field: ["raw.events", written]}
    problem = engine.refused(routes.PLAN, {"environment": "dev", "plan_options": options}, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert written in problem.title
    assert problem.message == why
    assert problem.hint


@pytest.mark.parametrize("field", NAMED)
def test_selectors_pass_as_sqlmesh_takes_them(engine: Engine, field: str) -> None:
    written = ["*", "tag:places", "+shop.daily+", "shop.*", "(raw.events | shop.daily)", "^shop.*"]
    run = engine.plan("prod", **{field: [*written, "RAW.Events", "raw__prod.events", EVENTS]})
    assert (run.outcome, run.problem) == (RunOutcome.SUCCEEDED, None)


def test_a_choice_that_nobody_has_is_left_out_with_a_warning(engine: Engine) -> None:
    run = engine.plan(categories={"shop.totals": "BREAKING"})
    assert run.outcome is RunOutcome.SUCCEEDED
    (warning,) = run.plan.warnings
    assert "shop__dev.totals" in warning


def test_categories_of_the_reviewed_plan_take_the_same_names(engine: Engine) -> None:
    engine.plan()
    body = {"categories": {"shop.stores": "NON_BREAKING", EVENTS: "BREAKING"}}
    assert engine.post(routes.CATEGORIES, body).status_code == 204
    document = engine.get(routes.PLAN).json()
    revised = PlanOverviewStageTracker.model_validate(document)
    assert categories_of(revised) == {STORES: "NON_BREAKING", EVENTS: "BREAKING"}
    state = engine.state
    assert state.plan is not None
    assert categories_of(state.plan) == categories_of(revised)
    assert state.plan.backfills == revised.backfills


def test_a_changed_category_moves_intervals_and_totals(engine: Engine) -> None:
    breaking = engine.plan(categories={EVENTS: "BREAKING"})
    assert {model.name for model in breaking.plan.backfills.models} >= {EVENTS, DAILY, TOTALS}
    engine.post(routes.CATEGORIES, {"categories": {EVENTS: "NON_BREAKING"}})
    state = engine.state
    assert state.plan is not None
    assert state.facts is not None
    names = {model.name for model in state.plan.backfills.models}
    assert DAILY not in names
    assert state.facts.models == len(names)
    assert state.facts.batches == sum(model.batches for model in state.plan.backfills.models)
    again = engine.plan(categories={EVENTS: "NON_BREAKING"})
    assert again.plan.backfills.models == state.plan.backfills.models
    assert again.plan.changes.modified == state.plan.changes.modified


@pytest.mark.parametrize(
    ("categories", "code"),
    [
        ({"shop.nothing": "BREAKING"}, ProblemCode.UNKNOWN_MODEL),
        ({"shop.totals": "BREAKING"}, ProblemCode.BAD_REQUEST),
        ({"shop.daily": "BREAKING"}, ProblemCode.BAD_REQUEST),
        ({"shop.stores": "FORWARD_ONLY"}, ProblemCode.BAD_REQUEST),
    ],
)
def test_a_choice_that_can_not_be_made_is_refused(
    engine: Engine, categories: dict[str, str], code: ProblemCode
) -> None:
    before = engine.plan()
    problem = engine.refused(routes.CATEGORIES, {"categories": categories}, 422)
    assert problem.code is code
    assert engine.state.plan == before.state.plan


def test_a_category_that_follows_from_the_parents_is_said_so(engine: Engine) -> None:
    engine.plan()
    wanted = {"categories": {"shop.daily": "BREAKING"}}
    problem = engine.refused(routes.CATEGORIES, wanted, 422)
    assert "shop__dev.daily is changed only indirectly" in problem.message
    assert "follows from its parents" in problem.message
    assert "An apply" not in problem.message


@pytest.mark.parametrize("written", ["raw.events", EVENTS, "lake.raw.events", "raw__dev.events"])
def test_a_model_is_looked_at_by_any_of_its_names(engine: Engine, written: str) -> None:
    engine.plan()
    answer = engine.get(routes.MODEL.format(name=written))
    assert answer.status_code == 200, answer.text
    detail = ModelDetail.model_validate_json(answer.content)
    assert detail.model.name == EVENTS
    assert detail.change == "direct"
    assert "* 20" in detail.diff
    assert '"i" * 20' in detail.sql
    assert [each.name for each in detail.indirect] == [DAILY, TOTALS]
    assert detail.batch_count == len(detail.batches) == 2
    (interval,) = detail.intervals
    assert interval == (JAN_1, JAN_1 + 10 * DAY)


def test_a_model_that_is_not_there_is_a_404(engine: Engine) -> None:
    engine.plan()
    answer = engine.get(routes.MODEL.format(name="shop.dail"))
    assert answer.status_code == 404
    assert answer.json()["problem"]["nearest"][0] == "shop.daily"


def test_a_project_without_models_says_so() -> None:
    finder = NameFinder([], "lake")
    with pytest.raises(UnknownModelError) as raised:
        finder.find("shop.daily")
    problem = raised.value.problem
    assert problem.title == "There is no model called shop.daily."
    assert problem.message == "The project has no models."
