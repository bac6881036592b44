"""What a client can send at all: names, dates, choices and bounds, and neither SQL nor code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from plan_tui.contract import looks, routes
from plan_tui.engine.server import make_app
from tests.engine.hosting import HostedEngine
from tests.engine.projects import Project
from tests.soaking import trials

from .talking import Engine

BODIES = {
    "PlanRequest": {"environment", "plan_dates", "plan_options", "categories"},
    "CategoriesRequest": {"categories"},
    "AllowRequest": {"allow_destructive_models", "allow_additive_models"},
    "ApplyRequest": {"plan_id"},
    "CancelRequest": {"mode"},
}
"""The fields of every body. A new one is looked at: may it reach a warehouse or an interpreter?"""
QUERIES = {
    routes.DATE: {"text", "execution_time"},
    routes.SELECTION: {"expression"},
    routes.EVENTS: {"after"},
    "/api/plan/models/{name}": {"name"},
}
"""The parameters of every route but look-ups; ``test_conditions.py`` is about the one of theirs."""
STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 1e308, 10**30, "", "x" * 5000, "'; DROP TABLE t; --", "__import__('os')"),
    *("\x00", "\x1b[2J", "\u202e", "@macro", "{{ jinja }}", "../../etc/passwd", "%00"),
    *([], [[]], {}, {"a": {"a": {}}}, ["a"] * 500),
)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_bodies_and_parameters_are_the_known_ones(engine: HostedEngine) -> None:
    document = make_app(engine.session, lambda: None).openapi()
    known = document["components"]["schemas"]
    bodies, queries = {}, {}
    for _, path, operation in operations(document):
        if names := {each["name"] for each in operation.get("parameters", ())}:
            queries[path] = names
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for option in schema.get("anyOf", [schema]):
                if name := option.get("$ref", "").rpartition("/")[2]:
                    bodies[name] = set(known[name]["properties"])
                    assert known[name]["additionalProperties"] is False
    assert bodies == BODIES
    assert queries == QUERIES


@pytest.mark.parametrize("planned", [bool(each) for each in trials([1], [0, 1])])
def test_nothing_strange_is_an_internal_error(engine: Engine, shop: Project, planned: bool) -> None:
    if planned:
        shop.edit("models/stores.sql", "'north'", "'south'")
        engine.plan("dev")
    wrong = []
    posts = {
        routes.PLAN: ("plan_dates", "plan_options", "categories"),
        routes.CATEGORIES: ("categories",),
        routes.ALLOW: ("allow_destructive_models",),
        routes.APPLY: ("plan_id",),
        routes.CANCEL: ("mode",),
    }
    for value in STRANGE:
        for path, fields in posts.items():
            for body in (value, *({field: value} for field in fields)):
                if path == routes.PLAN and not body:
                    continue
                answer = engine.post(path, body)
                if answer.status_code >= 500:
                    wrong.append((path, body, answer.text))
        text = str(value)
        gets = [(looks.ROUTE.format(path=each.path), {"name": text}) for each in looks.ALL]
        gets += [(routes.DATE, {"text": text}), (routes.SELECTION, {"expression": text})]
        for path, params in gets:
            answer = engine.get(path, **params)
            if answer.status_code >= 500:
                wrong.append((path, params, answer.text))
    assert wrong == []
