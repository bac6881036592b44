"""What the categorizer is said to have found is the category that SQLMesh's plan has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_tui.contract.plan import Category
from plan_tui.engine.impact.categories import category_reason
from plan_tui.engine.planner import BuiltPlan, set_choices
from tests.soaking import trials

from . import edits as e
from .generated import scenario as generated
from .scenario import Ask, Edit, Outcome, Scenario
from .scenarios.changes import SCENARIOS as CHANGES
from .subject import planned
from .workspace import Workspace

SEEDS = trials(range(3), range(30))
MODES = ("full", "semi", "off")
PLANNED = [each for each in CHANGES if each.outcome is Outcome.PLAN]


def check(scenario: Scenario, workspace: Workspace) -> None:
    unchosen = replace(scenario, ask=replace(scenario.ask, categories={}))
    with planned(workspace.copy(unchosen, "plan_tui"), unchosen) as backend:
        if backend is None or backend.built is None:
            return
        built = backend.built
        said = {name: category_reason(built, name, ()) for name in built.categories()}
        expected = built.categories()
        assert {name: each.found for name, each in said.items()} == expected
        assert all(each.reason for each in said.values())
        _check_choosing_changes_nothing(built, backend.project.context, said)


def _check_choosing_changes_nothing(built: BuiltPlan, context: object, said: object) -> None:
    """What was found of a model stays so whatever is chosen for it."""
    snapshots = built.plan.context_diff.snapshots_by_name
    direct = [name for name in built.categories() if built.view.choices(snapshots[name])]
    found = {name: category_reason(built, name, ()).found for name in direct}
    set_choices(built.builder, context, dict.fromkeys(direct, Category.NON_BREAKING))  # type: ignore[arg-type]
    assert {name: category_reason(built, name, ()).found for name in direct} == found


@pytest.mark.parametrize("scenario", PLANNED[::9], ids=lambda each: each.name)
def test_found_is_what_sqlmesh_finds(scenario: Scenario, workspace: Workspace) -> None:
    check(scenario, workspace)


@pytest.mark.parametrize("seed", SEEDS)
def test_found_is_what_sqlmesh_finds_in_random_projects(seed: int, workspace: Workspace) -> None:
    check(generated(seed), workspace)


OF_ALL_TYPES = e.all_of(
    e.column("shop.events", "two", "2::INT"),
    e.column("shop.summary", "amount", "(t.amount + 1)::BIGINT"),
    e.kind_prop("shop.lagged", "lookback", "4"),
    e.rows("raw.stores", "3,west,2024-01-03 00:00:00"),
    e.kind_prop("shop.scores", "score", "2"),
    e.column("ext.payments", "paid_at", "DATE"),
)


@pytest.mark.parametrize("mode", MODES)
def test_found_is_what_sqlmesh_finds_by_mode(mode: str, workspace: Workspace) -> None:
    modes = dict.fromkeys(("sql", "python", "seed", "external"), mode)
    edit = e.all_of(OF_ALL_TYPES, e.config(plan={"auto_categorize_changes": modes}))
    check(Scenario(f"categories {mode}", edit), workspace)


def test_found_is_nothing_without_automatic_categories(workspace: Workspace) -> None:
    ask = Ask(options={"no_auto_categorization": True})
    check(Scenario("no categories", OF_ALL_TYPES, ask), workspace)


SUGGESTED: list[tuple[str, Edit, str, Category | None, str]] = [
    ("column at the end", e.column("shop.summary", "two", "2::INT"), "shop.summary",
     Category.NON_BREAKING, "only the column two came, at the end"),
    ("filter", e.filters("shop.report", "WHERE id > 1"), "shop.report",
     Category.BREAKING, "a filter changed"),
    ("expression", e.column("shop.summary", "amount", "(t.amount + 1)::BIGINT"), "shop.summary",
     Category.BREAKING, "the column amount is computed differently"),
    ("seed row", e.rows("raw.stores", "3,west,2024-01-03 00:00:00"), "raw.stores",
     Category.BREAKING, "rows of the seed were added, removed or changed"),
    ("python", e.kind_prop("shop.scores", "score", "2"), "shop.scores",
     None, "what Python code does can't be compared. plan_tui suggests neither"),
    ("lookback", e.kind_prop("shop.lagged", "lookback", "4"), "shop.lagged",
     None, "the lookback changes from 2 to 4"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "edit", "model", "suggestion", "words"), SUGGESTED, ids=[s[0] for s in SUGGESTED]
)
def test_what_is_seen_and_suggested(
    name: str,
    edit: Edit,
    model: str,
    suggestion: Category | None,
    words: str,
    workspace: Workspace,
) -> None:
    scenario = Scenario(f"suggested: {name}", edit)
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        assert backend is not None
        built = backend.built
        assert built is not None
        names = {s.model.name: s.name for s in built.plan.snapshots.values() if s.is_model}
        before = built.categories()
        found = category_reason(built, names[model], ())
        assert words in found.reason
        assert found.suggestion == suggestion
        assert set(found.choices) == set(Category)
        assert built.categories() == before, "a suggestion is never applied by itself"
