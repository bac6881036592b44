from __future__ import annotations

import json
import re

import pytest

from plan_tui.commands import plan_run
from plan_tui.commands.failures import problem_details
from plan_tui.commands.plan_document import printed_document
from plan_tui.commands.plan_text import plan_text
from plan_tui.contract import looks, routes
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.events import TestsReported
from plan_tui.contract.impact import ReachCount, ReachCounts
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import BackfillsStage, ModelTestFailure, ModelTests
from plan_tui.contract.state import RunOutcome
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine
from tests.client.stub_engine import refusal

SHAPE = [
    "plan_id",
    "environment",
    "start",
    "end",
    "execution_time",
    "is_new_environment",
    "plan_options",
    "meta",
    "validation",
    "changes",
    "backfills",
    "restatements",
    "warnings",
    "steps",
    "dangers",
]
CHANGES = ["meta", "added", "removed", "modified", "requirements", "environment_statements"]
DIRECT = [
    "name",
    "view_name",
    "node_type",
    "kind",
    "diff",
    "change_category",
    "choices",
    "parents",
    "direct",
    "indirect",
]

BACKFILL = ["name", "view_name", "kind", "intervals", "interval_count", "batches", "label"]


def test_the_json_is_the_document_and_nothing_else(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    done = run("plan", "dev", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert sorted(document) == sorted(SHAPE)
    assert sorted(document["changes"]) == sorted(CHANGES)
    assert sorted(document["changes"]["modified"]["direct"][0]) == sorted(DIRECT)
    lint, backfills = document["validation"]["lint"], document["backfills"]["models"]
    assert {tuple(sorted(each)) for each in lint} == {("message", "model", "rule", "severity")}
    assert {tuple(sorted(each)) for each in backfills} == {tuple(sorted(BACKFILL))}
    notes = document["warnings"][len(samples.document().warnings) :]
    assert notes == list(samples.document().steps_notes)


def test_options_travel_as_they_were_given(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    run(
        *("plan", "dev", "-s", "2024-01-01", "-e", "yesterday", "-r", "a.b", "-r", "c.d"),
        *("--select-model", "tag:x", "--skip-tests", "--dry-run", "--min-intervals", "3"),
        *("--category", "a.b=breaking", "--category", "c.d=NON_BREAKING", "--json"),
    )
    [(_, request)] = engine.commands
    given = {
        key: value for key, value in request["plan_options"].items() if value not in (False, [])
    }
    assert request["environment"] == "dev"
    assert request["plan_dates"] == {"start": "2024-01-01", "end": "yesterday"}
    assert request["categories"] == {"a.b": "BREAKING", "c.d": "NON_BREAKING"}
    assert given == {
        "restate_models": ["a.b", "c.d"],
        "select_models": ["tag:x"],
        "skip_tests": True,
        "skip_backfill": True,
        "min_intervals": 3,
    }


def test_the_text_is_whole(run: Run, engine: FakeEngine, key: ProjectKey) -> None:
    missing = ('"db"."shop"."orders"',)
    engine.scripts[routes.PLAN] = samples.built(samples.facts(samples.UNCATEGORIZED, missing))
    done = run("plan", "dev", "--no-gaps")
    assert done.exit_code == 0
    assert done.stdout.split("\n") == [
        "Plan for dev (a new environment, created from prod)",
        "  range: 2024-01-01 to 2024-01-31 UTC",
        "  execution time: 2024-02-01 01:00 UTC",
        "  options: --no-gaps",
        "",
        "Validation",
        "  tests: 3 run, 0 failed, 0 skipped",
        "  lint: 0 errors, 1 warning",
        "    warning: r1: shop.x: m",
        "",
        "Changes",
        "  Directly modified (1)",
        "    shop.orders [FULL] not categorized",
        "      below changed (1): shop.stores",
        "      affects indirectly changed (1): shop.revenue",
        "      @@ -1 +1 @@",
        "      -old",
        "      +new <U+001B>]0;title<U+0007>",
        "       ",
        "  Added (1)",
        "    shop.<U+202E>gnp [VIEW] BREAKING",
        "  Removed (1)",
        "    shop.old",
        "  Indirectly modified (1)",
        "    shop.revenue [VIEW] INDIRECT_BREAKING",
        "      because of (1): shop.orders",
        "  Metadata only (1)",
        "    shop.stores [SEED]",
        "      -owner a",
        "      +owner b",
        "  Python requirements",
        "    - pandas==1",
        "    + pandas==2",
        "  Environment statements",
        "    + DELETE FROM x",
        "",
        "Backfills (1 model)",
        "  shop.orders [FULL]: 2024-01-01 - 2024-01-31",
        "    31 intervals in 2 batches",
        "",
        "Restatements (1 model)",
        "  shop.orders: 2024-01-01 is computed again",
        "",
        "Warnings",
        "  ! Mind the gap.",
        "    It is wide.",
        "",
        "In all: 4 models changed, 1 indirectly, 1 model to backfill, 31 intervals, 2 batches, "
        "1 not categorized.",
        "These models need a category before it can be applied:",
        "  db.shop.orders",
        "To apply it, with NON_BREAKING where that is meant: "
        f"plan-tui -p {key.paths[0]} apply dev --no-gaps --yes --category db.shop.orders=BREAKING",
        "",
    ]


def test_colours_are_for_terminals_that_want_them(
    run: Run, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    coloured = run("plan", "dev", color=True).stdout
    assert "\x1b[32m" in coloured
    # Without the colours no control character is left: none of the data's came through.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", plain)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("plan", "dev", color=True).stdout


@pytest.mark.parametrize(
    ("refused", "code"),
    [(None, 2), (samples.UNCATEGORIZED, 2), (samples.UP_TO_DATE, 0)],
)
def test_the_detailed_exit_code(
    run: Run, engine: FakeEngine, refused: Problem | None, code: int
) -> None:
    engine.scripts[routes.PLAN] = samples.built(samples.facts(refused))
    assert run("plan", "dev", "--json", "--detailed-exitcode").exit_code == code
    assert run("plan", "dev").exit_code == 0


def test_nothing_to_do_names_what_would_change_that(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built(samples.facts(samples.UP_TO_DATE))
    assert run("plan", "dev").stdout.endswith(
        "There is nothing to do.\nPlan with --restate-model.\n"
    )


@pytest.mark.parametrize(
    ("status", "problem", "code"),
    [(409, ProblemCode.BUSY, 1), (422, ProblemCode.UNKNOWN_MODEL, 3)],
)
def test_a_refused_request(
    run: Run, engine: FakeEngine, status: int, problem: ProblemCode, code: int
) -> None:
    engine.refusals[routes.PLAN] = (status, refusal(problem, "It can't be."))
    done = run("plan", "dev", "--json")
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr == "Error: It can't be.\n"


def test_a_failed_plan_says_what_why_where_and_what_to_do(run: Run, engine: FakeEngine) -> None:
    problem = Problem(
        code=ProblemCode.FAILED_TESTS,
        title="1 test failed.",
        message="because\nof this",
        hint="Mend it.",
        path="models/a.sql",
        line=7,
    )
    failure = ModelTestFailure(name="test_a", path="tests/a.yaml", message="expected 1\ngot 2")
    tests = TestsReported(tests=ModelTests(run=2, failed=1, failures=(failure,)))
    engine.scripts[routes.PLAN] = [
        samples.planning_started(),
        tests,
        *samples.planning_ended(RunOutcome.FAILED, problem),
    ]
    done = run("plan", "dev")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "Error: 1 test failed.",
        "  because",
        "  of this",
        "  in models/a.sql, line 7",
        "  Mend it.",
        "  tests: 2 run, 1 failed, 0 skipped",
        "    failed: test_a (tests/a.yaml)",
        "      expected 1",
        "      got 2",
    ]


def test_a_cancelled_plan(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = [
        samples.planning_started(),
        *samples.planning_ended(RunOutcome.CANCELLED),
    ]
    done = run("plan", "dev")
    assert done.exit_code == 4
    assert "nothing was changed" in done.stderr


@pytest.mark.parametrize("ended", [True, False])
def test_a_plan_that_another_client_replaces(run: Run, engine: FakeEngine, ended: bool) -> None:
    _, gave_way = samples.planning_ended(RunOutcome.CANCELLED)[1:]
    other = samples.planning_started().model_copy(update={"run_id": "r2"})
    engine.scripts[routes.PLAN] = [samples.planning_started(), gave_way if ended else other]
    done = run("plan", "dev")
    assert done.exit_code == 1
    assert "Another client" in done.stderr


def test_a_lost_engine(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = [samples.planning_started(), engine.lose]
    done = run("plan", "dev")
    assert done.exit_code == 1
    assert "The engine is gone." in done.stderr


def test_an_engine_that_ran_before_outlives_an_ephemeral_command(
    run: Run, engine: FakeEngine
) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    assert run("plan", "dev", "--ephemeral").exit_code == 0
    assert [path for path, _ in engine.commands] == [routes.PLAN]


def test_a_broken_model_is_told_beside_the_plan_of_the_rest(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built(samples.facts(samples.BROKEN))
    done = run("plan", "dev", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["changes"]["modified"]["direct"]
    assert "shop.bad is broken" in done.stderr
    assert "in models/bad.sql, line 3" in done.stderr
    assert run("plan", "dev", "--json", "--detailed-exitcode").exit_code == 1
    text = run("plan", "dev")
    assert text.exit_code == 1
    assert "Correct the file, then build the plan again." in text.stderr
    refused = run("apply", "dev", "--yes")
    assert refused.exit_code == 1
    assert "shop.bad is broken" in refused.stderr


def test_the_statements_of_a_danger_have_not_failed() -> None:
    drops = Problem(code=ProblemCode.DESTRUCTIVE_CHANGE, title="A danger blocks.", sql="ALTER x")
    assert problem_details(drops) == ["  what would run:", "    ALTER x"]
    failed = drops.model_copy(update={"code": ProblemCode.FAILED_BATCH})
    assert problem_details(failed)[0] == "  the statement that failed:"


def test_what_blocks_is_allowed_by_the_command_that_applies() -> None:
    drops = {"rule": "destructive_change", "severity": Severity.BLOCKS, "message": "Drops x."}
    dangers = (
        Danger(**drops, allow="destructive", option="shop.orders"),
        Danger(**drops, allow="additive", option="shop.new one"),
        Danger(rule="r", severity=Severity.WARNS, message="m", allow="additive", option="shop.w"),
    )
    asked = PlanRequest(environment="dev")
    allowing = "--yes --allow-destructive-model shop.orders --allow-additive-model 'shop.new one'"
    refused = Problem(code=ProblemCode.DESTRUCTIVE_CHANGE, title="2 dangers block the apply.")
    lines = list(plan_text(samples.document(dangers=dangers), samples.facts(refused), asked))
    assert lines[-1] == f"To allow that and apply it: plan-tui apply dev {allowing}"
    open_ = samples.facts(samples.UNCATEGORIZED, ('"db"."shop"."orders"',))
    last = list(plan_text(samples.document(dangers=dangers), open_, asked))[-1]
    assert f": plan-tui apply dev {allowing} --category" in last
    broken = Danger(rule="broken_model", severity=Severity.BLOCKS, message="Broken.")
    document = samples.document(dangers=(*dangers, broken))
    assert "apply dev" not in list(plan_text(document, samples.facts(samples.BROKEN), asked))[-1]


def test_a_name_that_sqlmesh_changes_is_told(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    done = run("plan", "De v", "--json")
    assert done.exit_code == 0
    assert done.stderr == (
        "SQLMesh names this environment de_v, not De v: it takes lower-case letters, digits and "
        "underscores.\n"
    )
    assert json.loads(done.stdout)["environment"] == "dev"


def test_the_text_counts_who_reads_a_change_as_the_app_does(run: Run, engine: FakeEngine) -> None:
    engine.scripts[routes.PLAN] = samples.built()
    counts = {'"db"."shop"."orders"': ReachCount(reached=14, reading=7)}
    path = looks.ROUTE.format(path="reach-counts")
    engine.answers[path] = ReachCounts(plan_id="p1", counts=counts)
    assert "      7 of 14 models below read what changed\n" in run("plan", "dev").stdout


def test_a_plan_does_not_wait_long_for_who_reads_it(
    run: Run, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_run, "REACH_PATIENCE", 0.0)
    engine.scripts[routes.PLAN] = samples.built()
    done = run("plan", "dev")
    assert (done.exit_code, "In all: " in done.stdout) == (0, True)
    assert "Who reads the changes is left out" in done.stderr


def test_a_preview_is_said_to_be_for_this_environment_alone() -> None:
    models = (samples.BACKFILL.model_copy(update={"preview": True}),)
    backfills = BackfillsStage(meta=samples.META, models=models)
    asked = PlanRequest(environment="dev")
    lines = list(plan_text(samples.document(backfills=backfills), samples.facts(), asked))
    assert "    preview: this data will not be reused in production" in lines


def test_why_there_are_no_steps_is_a_warning_of_the_printed_plan() -> None:
    plan = samples.document(warnings=("w",), steps_notes=("no steps yet",))
    printed = json.loads(printed_document(plan))
    assert printed["warnings"] == ["w", "no steps yet"]
    assert "steps_notes" not in printed


def test_what_blocks_and_what_is_open_are_told_at_once(run: Run, engine: FakeEngine) -> None:
    drops = Danger(
        rule="destructive_change", severity=Severity.BLOCKS, message="Drops x.", hint="Allow it."
    )
    open_ = samples.facts(samples.UNCATEGORIZED, ('"db"."shop"."orders"',))
    engine.scripts[routes.PLAN] = samples.built(open_, dangers=(drops,))
    printed = run("plan", "dev")
    assert printed.exit_code == 1
    assert "1 danger blocks the apply of this plan." in printed.stderr
    refused = run("apply", "dev", "--yes")
    assert refused.exit_code == 1
    for words in ("db.shop.orders", "Drops x.", "Allow it."):
        assert words in refused.stderr


def test_a_standalone_audit_is_counted_with_the_batches() -> None:
    facts = samples.facts().model_copy(update={"batches": 5, "audits": 1})
    lines = list(plan_text(samples.document(), facts, PlanRequest(environment="dev")))
    assert any("5 batches (1 standalone audit among them)" in line for line in lines)
