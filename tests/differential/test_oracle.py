"""The comparison itself: what it covers, that it sees differences, and figures made by hand."""

from __future__ import annotations

import copy

import pytest

from plan_tui.contract.plan import PlanDates, PlanOptions

from .comparing import difference, missing_warnings
from .oracle import UNSAID, Document, expect
from .projects import shop
from .scenario import Outcome
from .scenarios import SCENARIOS
from .spec import Kind
from .workspace import Workspace

DOCUMENT: Document = {
    "start": 1,
    "restatements": {'"a"': [1, 2]},
    "changes": {"added": [{"name": '"a"', "choices": ["BREAKING"], "kind": UNSAID}]},
    "backfills": {"models": [{"name": '"a"', "batches": 2, "intervals": [[1, 2], [3, 4]]}]},
}

BY_HAND = {
    "first plan of all in dev": {
        "raw.stores": (14, 1),
        "shop.events": (14, 3),
        "shop.lagged": (14, 5),
        "shop.summary": (14, 1),
        "shop.report": (14, 1),
    },
    "hourly model changes": {"shop.clicks": (48, 4)},
    "start and end": {"shop.lagged": (6, 2), "shop.weekly": (6, 1)},
    "restate hours": {"shop.clicks": (17, 2)},
    "skip backfill": {},
    "rest of a failed plan": {"shop.fragile": (2, 1), "shop.reader": (14, 1)},
}
"""Intervals and batches of each model, as counted from the dates and batch sizes."""


@pytest.mark.parametrize("name", BY_HAND)
def test_oracle_counts_what_a_person_counts(name: str, workspace: Workspace) -> None:
    scenario = SCENARIOS[name]

    found = expect(workspace.copy(scenario, "sqlmesh"), scenario).document

    counted = {
        ".".join(part.strip('"') for part in model["name"].split(".")[1:]): (
            model["interval_count"],
            model["batches"],
        )
        for model in found["backfills"]["models"]
    }
    assert counted == BY_HAND[name]


def test_scenarios_use_every_option_and_kind() -> None:
    options = {name for s in SCENARIOS.values() for name in s.ask.options}
    dates = {name for s in SCENARIOS.values() for name in s.ask.dates}
    assert options == set(PlanOptions.model_fields)
    assert dates == set(PlanDates.model_fields)
    assert {model.kind for model in shop().models.values()} == set(Kind)
    assert {s.outcome for s in SCENARIOS.values()} == set(Outcome)


def test_equal_documents_do_not_differ() -> None:
    printed = copy.deepcopy(DOCUMENT)
    printed["changes"]["added"][0]["kind"] = "VIEW"
    printed["meta"] = {"status": "success"}

    assert difference(DOCUMENT, printed) == ""


@pytest.mark.parametrize(
    "path",
    [
        ("start",),
        ("restatements", '"a"'),
        ("restatements", '"b"'),
        ("changes", "added", 0, "choices"),
        ("backfills", "models", 0, "batches"),
        ("backfills", "models", 0, "intervals"),
        ("backfills", "models"),
    ],
)
def test_a_difference_is_seen(path: tuple[str | int, ...]) -> None:
    printed = copy.deepcopy(DOCUMENT)
    place = printed
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]
    place[path[-1]] = []  # type: ignore[index]

    assert difference(DOCUMENT, printed)


def test_an_entry_that_comes_twice_is_seen() -> None:
    printed = copy.deepcopy(DOCUMENT)
    printed["backfills"]["models"] *= 2

    assert "#2" in difference(DOCUMENT, printed)


def test_an_entry_that_nobody_expects_is_seen() -> None:
    printed = copy.deepcopy(DOCUMENT)
    printed["changes"]["added"].append({"name": '"b"'})

    assert difference(DOCUMENT, printed)


def test_a_warning_is_found_whatever_its_lines() -> None:
    assert missing_warnings(["two\nlines"], ["one", "two lines"]) == []
    assert missing_warnings(["another"], ["one"]) == ["another"]
