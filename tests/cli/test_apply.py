from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Sequence

import pytest

from plan_tui.client.errors import ClientError
from plan_tui.commands.apply_end import unheard
from plan_tui.commands.event_lines import EventLines, never_asked
from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.fold import fold
from plan_tui.contract.state import EngineState, RunOutcome, SessionState
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine
from tests.client.stub_engine import refusal


@pytest.fixture
def planned(engine: FakeEngine) -> FakeEngine:
    engine.scripts[routes.PLAN] = samples.built()
    return engine


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_nothing_is_applied_without_a_yes(
    run: Run, planned: FakeEngine, arguments: tuple[str, ...]
) -> None:
    done = run("apply", "dev", *arguments)
    assert (done.exit_code, done.stdout, planned.commands) == (3, "", [])
    assert "--yes" in done.stderr


def test_read_only_applies_nothing(run: Run, planned: FakeEngine) -> None:
    done = run("--read-only", "apply", "dev", "--yes")
    assert (done.exit_code, planned.commands) == (3, [])
    assert "--read-only" in done.stderr


def test_an_environment_is_named(run: Run) -> None:
    assert run("apply", "--yes").exit_code == 3


def test_the_text_tells_stages_and_batches(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [
        *samples.apply_started(),
        samples.batch(0),
        samples.batch(1, rows=None, audits_failed=1, duration=None),
        *samples.apply_ended(),
    ]
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Applying to dev: 2 batches of 1 model, 0 tables to create.",
        "backfill started",
        "  shop.orders 1 of 2: 2024-01-01, 1,204 rows, 2 audits passed, 1.4 s",
        "  shop.orders 2 of 2: 2024-01-01, 2 audits passed, 1 failed, failed",
        "Applied: dev, 2 of 2 batches, 1 table created, 3 views updated, in 12 s.",
    ]
    assert planned.commands[1] == (routes.APPLY, {"plan_id": "p1"})


def test_each_batch_that_fails_says_why(run: Run, planned: FakeEngine) -> None:
    day = (samples.START + samples.DAY, samples.START + 2 * samples.DAY)
    later = samples.BAD_SQL.model_copy(update={"interval": day, "message": "No\x1b room.\nAt all."})
    (first,) = samples.batch(0, duration=None, rows=None, audits_passed=0).batches
    second = first.model_copy(update={"index": 1, "interval": day})
    told = samples.failed()
    planned.scripts[routes.APPLY] = [
        *samples.apply_started(),
        ev.ErrorReported(problem=samples.BAD_SQL),
        ev.ErrorReported(problem=later),
        told.model_copy(update={"batches": (first, second)}),
        *samples.apply_ended(RunOutcome.FAILED, samples.BAD_SQL, done=0),
    ]
    lines = run("apply", "dev", "--yes").stdout.splitlines()
    assert lines[2:6] == [
        "  shop.orders 1 of 2: 2024-01-01, failed",
        "  shop.orders 2 of 2: 2024-01-02, failed",
        "    A batch of shop.orders failed. No<U+001B> room.",
        "  shop.orders failed: A batch of shop.orders failed.",
    ]


def test_a_failure_is_told_whole(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [
        *samples.apply_started(),
        samples.failed(),
        samples.failed(),
        *samples.apply_ended(RunOutcome.FAILED, samples.BAD_SQL, done=1),
    ]
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[2:] == [
        "  shop.orders failed: A batch of shop.orders failed.",
        "    Conversion Error: no number: 'x<U+001B>[2J'",
        "    interval 2024-01-01",
        "  shop.revenue skipped, because shop.orders failed",
        "Failed: dev, 1 of 2 batches, 1 table created, 3 views updated, in 12 s.",
        "  failed (2024-01-01): A batch of shop.orders failed. Conversion Error: no number: "
        "'x<U+001B>[2J'",
        "  skipped because shop.orders failed: shop.revenue",
        "The environment is as it was. What was done is kept; 1 batch left: the next plan "
        "shows the rest.",
    ]
    warnings, _, error = done.stderr.partition("Error: ")
    assert warnings == "Warnings of the plan:\n  ! Mind the gap.\n    It is wide.\n"
    assert error.splitlines() == [
        "A batch of shop.orders failed.",
        "  Conversion Error: no number: 'x<U+001B>[2J'",
        "  interval 2024-01-01",
        "  the statement that failed:",
        "    SELECT CAST('x' AS INT)",
        "    FROM raw.orders",
    ]


def test_each_failure_is_told_whole_and_once(run: Run, planned: FakeEngine) -> None:
    other = samples.BAD_SQL.model_copy(
        update={
            "title": "A batch of shop.stores failed.",
            "model": "shop.stores",
            "sql": "SELECT 2",
        }
    )
    both = samples.BAD_SQL.model_copy(update={"title": "Batches of 2 models failed."})
    planned.scripts[routes.APPLY] = [
        *samples.apply_started(),
        samples.failed(),
        samples.failed(other, "shop.stores"),
        *samples.apply_ended(RunOutcome.FAILED, both, done=0),
    ]
    done = run("apply", "dev", "--yes")
    assert "SELECT" not in done.stdout
    assert [done.stderr.count(sql) for sql in ("SELECT CAST", "SELECT 2")] == [1, 1]
    titles = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert titles == [f"Error: {both.title}", f"Error: {other.title}"]


def test_json_is_one_event_a_line_and_the_last_is_terminal(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [
        *samples.apply_started(),
        samples.batch(0),
        *samples.apply_ended(),
    ]
    done = run("apply", "dev", "--yes", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [event["kind"] for event in events] == [
        "session_moved",
        "planning_started",
        "plan_built",
        "session_moved",
        "planning_ended",
        "session_moved",
        "apply_started",
        "stage_reported",
        "apply_progressed",
        "session_moved",
        "apply_ended",
    ]
    assert [event["seq"] for event in events] == list(range(2, 13))
    assert events[-1]["outcome"] == "succeeded"


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_nothing_to_apply_is_no_failure(
    run: Run, engine: FakeEngine, arguments: tuple[str, ...]
) -> None:
    engine.scripts[routes.PLAN] = samples.built(samples.facts(samples.UP_TO_DATE))
    done = run("apply", "dev", "--yes", *arguments)
    assert done.exit_code == 0
    assert "There is nothing to do." in done.output
    assert [path for path, _ in engine.commands] == [routes.PLAN]
    if arguments:
        assert json.loads(done.stdout.splitlines()[-1])["kind"] == "planning_ended"


def test_models_without_a_category_are_listed(run: Run, engine: FakeEngine) -> None:
    missing = ('"db"."shop"."orders"',)
    engine.scripts[routes.PLAN] = samples.built(samples.facts(samples.UNCATEGORIZED, missing))
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 1
    assert "  db.shop.orders\n" in done.stderr
    assert "--category MODEL=BREAKING" in done.stderr
    assert [path for path, _ in engine.commands] == [routes.PLAN]


@pytest.mark.parametrize(("outcome", "code"), [(RunOutcome.FAILED, 1), (RunOutcome.CANCELLED, 4)])
def test_json_ends_with_planning_where_no_plan_was_built(
    run: Run, engine: FakeEngine, outcome: RunOutcome, code: int
) -> None:
    problem = Problem(code=ProblemCode.FAILED_LINT, title="No.")
    engine.scripts[routes.PLAN] = [
        samples.planning_started(),
        *samples.planning_ended(outcome, problem if code == 1 else None),
    ]
    done = run("apply", "dev", "--yes", "--json")
    assert done.exit_code == code
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["kind"], last["outcome"]) == ("planning_ended", outcome.value)


def test_a_stale_plan_is_refused(run: Run, planned: FakeEngine) -> None:
    planned.refusals[routes.APPLY] = (409, refusal(ProblemCode.STALE_PLAN, "It is stale."))
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 1
    assert done.stderr.endswith("Error: It is stale.\n")


def test_one_press_cancels_and_a_second_interrupts(run: Run, planned: FakeEngine) -> None:
    modes = iter(
        [[samples.cancel_reported(), interrupt], samples.apply_ended(RunOutcome.CANCELLED)]
    )

    class Cancels(dict[str, object]):
        """The script of a cancel is another one each time."""

        def get(self, path: str, default: object = None) -> object:
            return next(modes) if path == routes.CANCEL else super().get(path, default)

    scripts = {**planned.scripts, routes.APPLY: [*samples.apply_started(), interrupt]}
    planned.scripts = Cancels(scripts)  # type: ignore[assignment]
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 4
    assert planned.commands[2:] == [
        (routes.CANCEL, {"mode": "graceful"}),
        (routes.CANCEL, {"mode": "interrupt"}),
    ]
    assert "cancel: Running batches finish." in done.stdout
    assert "Cancelled: dev" in done.stdout


def test_a_cancel_that_comes_too_late_is_a_success(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), interrupt]
    planned.scripts[routes.CANCEL] = samples.apply_ended()
    assert run("apply", "dev", "--yes").exit_code == 0


def test_a_press_before_anything_runs_ends_the_command(
    run: Run, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def press(*given: object, **named: object) -> None:
        interrupt()
        await asyncio.Event().wait()

    monkeypatch.setattr("plan_tui.client.api.ensure_engine", press)
    done = run("apply", "dev", "--yes")
    assert (done.exit_code, engine.commands) == (4, [])
    assert (done.stdout, done.stderr) == ("", "Cancelled.\n")
    done = run("apply", "dev", "--yes", "--json")
    (only,) = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, done.stderr) == (4, "Cancelled.\n")
    assert (only["kind"], only["outcome"]) == ("planning_ended", "cancelled")


def test_json_ends_with_why_no_engine_was_reached(
    run: Run, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*given: object, **named: object) -> None:
        raise ClientError(Problem(code=ProblemCode.ENGINE_START, title="No engine."))

    monkeypatch.setattr("plan_tui.client.api.ensure_engine", fail)
    done = run("apply", "dev", "--yes", "--json")
    (only,) = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, only["kind"], only["outcome"]) == (1, "planning_ended", "failed")
    assert only["problem"]["title"] == "No engine."


def test_a_cancel_between_plan_and_apply_ends_the_apply(run: Run, planned: FakeEngine) -> None:
    shown: list[str] = []
    lines = EventLines(shown.append)
    state = fold_all(lines, planned.state, samples.built())
    lines.fail(state, never_asked())
    lines.end(state)
    last = json.loads(shown[-1])
    assert (last["kind"], last["outcome"]) == ("apply_ended", "cancelled")
    assert [json.loads(line)["kind"] for line in shown].count("apply_ended") == 1


def fold_all(lines: EventLines, state: EngineState, events: Sequence[ev.Event]) -> EngineState:
    """Plays events to the lines as a command does."""
    for event in events:
        state = fold(state, event)
        lines.take(state, event)
    return state


@pytest.mark.parametrize("path", [routes.PLAN, routes.APPLY])
def test_a_cancel_before_the_work_began_is_told_as_one(
    run: Run, planned: FakeEngine, path: str
) -> None:
    title = "It was cancelled before it began."
    planned.refusals[path] = (409, refusal(ProblemCode.CANCELLED, title))
    done = run("apply", "dev", "--yes", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.exit_code, last["outcome"]) == (4, "cancelled")
    assert done.stderr == f"Cancelled: {title}\n"


def test_a_third_press_leaves_the_engine_to_its_work(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), interrupt]
    planned.scripts[routes.CANCEL] = [samples.cancel_reported(), interrupt]
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 4
    assert "goes on" in done.stderr


def test_an_engine_lost_while_it_applies_leaves_the_outcome_unknown(
    run: Run, planned: FakeEngine
) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), planned.lose]
    done = run("apply", "dev", "--yes")
    assert done.exit_code == 1
    assert "unknown" in done.stderr
    assert "/tmp/stub.log" in done.stderr


def test_a_run_of_before_is_not_told_as_the_end_of_one_that_was_refused(
    run: Run, planned: FakeEngine
) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), *samples.apply_ended()]
    assert run("apply", "dev", "--yes").exit_code == 0
    planned.refusals[routes.PLAN] = (422, refusal(ProblemCode.UNKNOWN_MODEL, "No such model."))
    planned.scripts[routes.PLAN] = []
    done = run("apply", "dev", "--yes", "--json")
    assert done.exit_code == 3
    [line] = done.stdout.splitlines()
    last = json.loads(line)
    assert (last["kind"], last["outcome"]) == ("planning_ended", "failed")
    assert last["problem"]["title"] == "No such model."


def test_an_apply_that_is_lost_is_not_told_as_a_plan_that_succeeded(
    run: Run, planned: FakeEngine
) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), planned.lose]
    done = run("apply", "dev", "--yes", "--json")
    assert done.exit_code == 1
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert kinds.count("planning_ended") == 1
    assert kinds[-1] == "error_reported"
    assert json.loads(done.stdout.splitlines()[-1])["problem"]["code"] == "engine_lost"


@pytest.mark.parametrize("path", [None, routes.APPLY])
def test_json_ends_with_why_nothing_was_applied(
    run: Run, engine: FakeEngine, path: str | None
) -> None:
    why = None if path else samples.UNCATEGORIZED
    engine.scripts[routes.PLAN] = samples.built(samples.facts(why))
    if path is not None:
        engine.refusals[path] = (409, refusal(ProblemCode.STALE_PLAN, "It is stale."))
    done = run("apply", "dev", "--yes", "--json")
    assert done.exit_code == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["kind"], last["outcome"], last["plan_id"]) == ("apply_ended", "failed", "p1")
    assert last["problem"]["code"] == ("stale_plan" if path else "uncategorized")


def test_a_category_that_nobody_can_choose_stops_the_apply(run: Run, planned: FakeEngine) -> None:
    said = refusal(ProblemCode.BAD_REQUEST, "There is no category to choose for shop.x.")
    planned.refusals[routes.CATEGORIES] = (422, said)
    done = run("apply", "dev", "--yes", "--category", "shop.x=BREAKING")
    assert done.exit_code == 3
    assert "no category to choose for shop.x" in done.stderr
    assert routes.APPLY not in [path for path, _ in planned.commands]


def test_a_closed_pipe_says_what_becomes_of_the_apply() -> None:
    state = EngineState(state=SessionState.APPLYING)
    assert "plan-tui -p x status shows how far it is" in unheard(state, "plan-tui -p x")
    assert unheard(EngineState(), "plan-tui").endswith("nothing was applied.")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BrokenPipeError(), "Nobody reads the output any more: nothing was applied."),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_output_that_can_not_be_written_is_said_on_stderr(
    run: Run,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    words: str,
) -> None:
    engine.scripts[routes.PLAN] = samples.built()

    def echo(text: str = "", err: bool = False, **given: object) -> None:
        if not err:
            raise error
        told.append(text)

    told: list[str] = []
    monkeypatch.setattr("click.echo", echo)
    done = run("apply", "dev", "--yes", "--json")
    assert done.exit_code == 1
    assert words in "\n".join(told)
    assert "did not expect" not in "\n".join(told)
