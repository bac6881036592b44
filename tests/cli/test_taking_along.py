"""``inspect``, the forms of ``plan``, and saved plans, with a scripted engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from plan_tui.client.saved import read_plan
from plan_tui.contract import looks, routes
from plan_tui.contract.errors import Problem, ProblemAnswer, ProblemCode
from plan_tui.contract.impact import PlanEstimate, ReachCounts
from plan_tui.contract.origins import Label, Labels, Origins
from plan_tui.contract.plan import Category
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine
from tests.client import made_plans
from tests.ui.review_samples import detail

ORDERS = '"db"."shop"."orders"'
IMPACT = looks.ROUTE.format(path="impact")
LABELS = looks.ROUTE.format(path="labels")


@pytest.fixture
def reviewed(engine: FakeEngine) -> FakeEngine:
    """An engine that builds the sample plan and knows all of it."""
    engine.scripts[routes.PLAN] = samples.built()
    engine.answers |= {
        IMPACT: made_plans.impact(ORDERS, "shop.orders", "It is so.").model_copy(
            update={"plan_id": "p1"}
        ),
        LABELS: Labels(plan_id="p1", project="x", models={ORDERS: Label(change="c1")}),
        looks.ROUTE.format(path="reach-counts"): ReachCounts(plan_id="p1"),
        looks.ROUTE.format(path="estimate"): PlanEstimate(
            plan_id="p1", seconds=90.0, concurrency=4, known=1, unknown=0
        ),
        looks.ROUTE.format(path="origins"): Origins(plan_id="p1", against=None),
    }
    document = samples.document()
    changes, modified = document.changes, document.changes.modified
    for change in (*modified.direct, *modified.indirect, *modified.metadata, *changes.added,
                   *changes.removed):  # fmt: skip
        engine.answers[routes.MODEL.format(name=change.name)] = detail(plan_id="p1")
    return engine


def saved_by(run: Run, path: Path) -> None:
    assert run("plan", "dev", "--out", str(path)).exit_code == 0


# inspect


def test_inspect_prints_the_document_and_nothing_else(run: Run, reviewed: FakeEngine) -> None:
    done = run("inspect", "dev", "shop.orders", "-r", "a.b", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert list(document) == [
        "plan_id", "name", "view_name", "why_changed", "semantic_diff", "reach", "category",
        "what_if", "missing", "sql", "seed", "tests", "notes",
    ]  # fmt: skip
    assert document["reach"][1]["reads"] is None
    assert document["what_if"]["BREAKING"] == {
        "models": 1, "intervals": 2, "batches": 3, "seconds": None, "unknown": 0,
        "own": None, "difference": None,
    }  # fmt: skip
    [(_, request)] = reviewed.commands
    assert request["plan_options"]["restate_models"] == ["a.b"]


def test_inspect_says_all_of_it_to_people(run: Run, reviewed: FakeEngine) -> None:
    done = run("inspect", "dev", "shop.orders")
    assert done.exit_code == 0
    for words in (
        "shop.orders", "What it does", "column added shop.orders: It is so. -> shop.orders",
        "suggested: BREAKING", "NON_BREAKING: 1 model, 2 intervals, 3 batches, no history",
        "shop.orders unknown, counted as read", "Not known",
    ):  # fmt: skip
        assert words in done.stdout


def test_inspect_of_no_model_ends_with_3_and_the_nearest(run: Run, reviewed: FakeEngine) -> None:
    problem = Problem(
        code=ProblemCode.UNKNOWN_MODEL, title="There is no model called shop.order.",
        nearest=("shop.orders",),
    )  # fmt: skip
    reviewed.refusals[IMPACT] = (404, ProblemAnswer(problem=problem).model_dump_json().encode())
    done = run("inspect", "dev", "shop.order", "--json")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "nearest names: shop.orders" in done.stderr


# Forms


def test_the_forms_of_a_plan(run: Run, reviewed: FakeEngine) -> None:
    assert run("plan", "dev", "--format", "json").stdout == run("plan", "dev", "--json").stdout
    assert run("plan", "dev", "--format", "text").stdout == run("plan", "dev").stdout
    both = run("plan", "dev", "--format", "markdown", "--json")
    assert both.exit_code == 3
    assert "--json and --format markdown" in both.stderr


def test_markdown_is_all_that_is_printed(run: Run, reviewed: FakeEngine) -> None:
    done = run("plan", "dev", "--format", "markdown", "--detailed-exitcode")
    assert (done.exit_code, done.stderr) == (2, "")
    assert done.stdout.startswith("## SQLMesh plan for `dev`\n")
    assert "- **Backfill**: 1 model, 31 intervals, 2 batches, about 1 min 30 s\n" in done.stdout
    assert "`shop.orders` modified, **not categorized**, " in done.stdout
    assert "\x1b" not in done.stdout


# Saved plans


def test_a_plan_is_saved_beside_what_is_printed(
    run: Run, reviewed: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    done = run("plan", "dev", "--json", "--out", str(path), "--category", "shop.orders=breaking")
    assert (done.exit_code, json.loads(done.stdout)["plan_id"]) == (0, "p1")
    assert f"review {path} opens it" in done.stderr
    saved = read_plan(path)
    assert saved.plan == samples.document()
    assert saved.request.categories == {"shop.orders": Category.BREAKING}
    assert saved.looks["impact"][ORDERS]["why_changed"] == "It is so."  # type: ignore[index,call-overload]
    assert saved.looks["estimate"][""]["seconds"] == 90.0  # type: ignore[index,call-overload]


def test_a_plan_that_can_not_be_saved_is_not_built(
    run: Run, reviewed: FakeEngine, tmp_path: Path
) -> None:
    done = run("plan", "dev", "--out", str(tmp_path / "missing" / "plan.json"))
    assert done.exit_code == 3
    assert "missing or can't be written" in done.stderr
    assert reviewed.commands == []


def test_the_same_plan_is_applied(run: Run, reviewed: FakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    saved_by(run, path)
    reviewed.scripts[routes.APPLY] = [*samples.apply_started(), *samples.apply_ended()]
    done = run("apply", str(path), "--yes")
    assert done.exit_code == 0
    assert "Applied: dev" in done.stdout
    paths = [command for command, _ in reviewed.commands]
    assert paths == [routes.PLAN, routes.PLAN, routes.APPLY]
    assert reviewed.commands[1][1]["environment"] == "dev"


def test_another_plan_is_shown_and_not_applied(
    run: Run, reviewed: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    saved_by(run, path)
    reviewed.answers[LABELS] = Labels(
        plan_id="p1", project="y", models={ORDERS: Label(change="c2")}
    )
    done = run("apply", str(path), "--yes")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nothing was applied" in done.stderr
    assert "definition of shop.orders: it changed since" in done.stderr
    assert routes.APPLY not in [command for command, _ in reviewed.commands]


def test_time_that_passed_is_told_as_such(run: Run, reviewed: FakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    saved_by(run, path)
    text = path.read_text()
    path.write_text(re.sub(r'"interval_count": ?31', '"interval_count": 30', text))
    assert path.read_text() != text
    done = run("apply", str(path), "--yes")
    assert done.exit_code == 1
    assert "--execution-time" in done.stderr


@pytest.mark.parametrize("command", [("apply", "--yes"), ("review",)])
def test_what_is_no_saved_plan_ends_with_3(
    run: Run, engine: FakeEngine, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "plan.json"
    missing = run(command[0], str(path), *command[1:])
    path.write_text("{}")
    strange = run(command[0], str(path), *command[1:])
    assert (missing.exit_code, strange.exit_code) == (3, 3)
    assert "There is no file" in missing.stderr
    assert "is not a saved plan" in strange.stderr
    options = run(command[0], str(path), *command[1:], "--forward-only")
    assert options.exit_code == 3
    assert "leave out --forward-only" in options.stderr
    assert engine.commands == []


def test_a_saved_plan_needs_its_yes_too(run: Run, reviewed: FakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    saved_by(run, path)
    assert run("apply", str(path)).exit_code == 3
    assert run("--read-only", "apply", str(path), "--yes").exit_code == 3
