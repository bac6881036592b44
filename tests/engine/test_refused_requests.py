"""Requests that make no sense are refused in words, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemAnswer, ProblemCode

from .hosting import hosted, short_directory
from .projects import Project
from .talking import Engine


@pytest.fixture(scope="module")
def engine(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    project = template.copied_to(tmp_path_factory.mktemp("refused") / "shop")
    with short_directory() as directory, hosted(project, directory) as engine:
        yield engine


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (
            {"plan_options": {"skip_tests": True, "test_changed_only": True}},
            ("--test-changed-only", "--skip-tests"),
        ),
        (
            {"plan_options": {"skip_backfill": True, "empty_backfill": True}},
            ("--skip-backfill", "--empty-backfill"),
        ),
        (
            {"plan_options": {"effective_from": "2024-01-05"}},
            ("--effective-from", "--forward-only"),
        ),
        ({"plan_options": {"ignore_cron": True}}, ("--ignore-cron", "--run")),
        (
            {"environment": "prod", "plan_dates": {"start": "2024-01-05"}},
            ("--start", "prod", "--restate-model"),
        ),
        (
            {"environment": "prod", "plan_dates": {"end": "2024-01-05"}},
            ("--end", "prod", "--restate-model"),
        ),
    ],
)
def test_options_that_exclude_each_other_are_named(
    engine: Engine, body: dict[str, Any], named: tuple[str, ...]
) -> None:
    seq = engine.state.seq
    problem = engine.refused(routes.PLAN, {"environment": "dev", **body}, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert [name for name in named if name not in problem.message] == []
    assert engine.state.planning is None or engine.state.seq == seq


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (routes.PLAN, {"enviroment": "dev"}, "enviroment"),
        (routes.PLAN, {"plan_options": {"skip_test": True}}, "plan_options.skip_test"),
        (routes.PLAN, {"plan_dates": {"start": True}}, "plan_dates.start"),
        (routes.PLAN, {"plan_options": {"min_intervals": -1}}, "min_intervals"),
        (routes.PLAN, {"categories": {"a.b": "FORWARD_ONLY"}}, "categories"),
        (routes.PLAN, {"categories": {"a.b": 1}}, "categories"),
        (routes.PLAN, [], "body"),
        (routes.APPLY, {}, "plan_id"),
        (routes.CATEGORIES, {"categories": None}, "categories"),
        (routes.CANCEL, {"mode": "softly"}, "mode"),
    ],
)
def test_a_field_that_is_not_understood_is_named(
    engine: Engine, path: str, body: Any, field: str
) -> None:
    problem = engine.refused(path, body, 422)
    assert problem.code is ProblemCode.BAD_REQUEST
    assert field in problem.message


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b'{"environment": "\xff"}', 400)])
def test_a_body_that_is_no_json_is_refused(engine: Engine, body: bytes, status: int) -> None:
    answer = engine.http.post(
        routes.PLAN, content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == status
    assert ProblemAnswer.model_validate_json(answer.content).problem.message


def test_a_huge_body_is_not_read(engine: Engine) -> None:
    answer = engine.http.post(routes.PLAN, content=b" " * (4 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert ProblemAnswer.model_validate_json(answer.content).problem.hint


def test_a_body_of_unknown_length_is_not_read(engine: Engine) -> None:
    answer = engine.http.post(routes.PLAN, content=iter([b"{", b"}"]))
    assert answer.status_code == 411
    assert ProblemAnswer.model_validate_json(answer.content).problem.hint


@pytest.mark.parametrize(
    "body",
    [
        rb'{"environment": "\ud800"}',
        rb'{"plan_options": {"select_models": ["a\udc00"]}}',
        rb'{"categories": {"\ud800": "BREAKING"}}',
    ],
)
def test_half_a_character_is_refused_and_nothing_is_spoiled(engine: Engine, body: bytes) -> None:
    answer = engine.http.post(
        routes.PLAN, content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "half a character" in ProblemAnswer.model_validate_json(answer.content).problem.message
    assert engine.get(routes.STATE).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/nothing"), ("DELETE", routes.PLAN)])
def test_what_the_engine_does_not_know_is_answered_in_words(
    engine: Engine, method: str, path: str
) -> None:
    answer = engine.http.request(method, path)
    assert answer.status_code in (404, 405)
    problem = ProblemAnswer.model_validate_json(answer.content).problem
    assert f"{method} {path}" in problem.title


def test_a_number_of_an_event_that_is_none_is_left_aside(engine: Engine) -> None:
    header = {b"last-event-id": b"\xb2"}
    with engine.http.stream("GET", routes.EVENTS, headers=header) as response:
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (routes.CATEGORIES, {"categories": {"shop.daily": "BREAKING"}}),
        (routes.APPLY, {"plan_id": "x"}),
    ],
)
def test_without_a_plan_there_is_nothing_to_do_it_to(
    engine: Engine, path: str, body: dict[str, Any]
) -> None:
    problem = engine.refused(path, body, 404)
    assert problem.code is ProblemCode.NO_PLAN


def test_without_a_plan_there_is_nothing_to_look_at(engine: Engine) -> None:
    engine.get(routes.PROJECT)
    for path in (routes.PLAN, routes.MODEL.format(name="shop.daily")):
        answer = engine.get(path)
        assert answer.status_code == 404
        problem = ProblemAnswer.model_validate_json(answer.content).problem
        assert problem.code is ProblemCode.NO_PLAN
