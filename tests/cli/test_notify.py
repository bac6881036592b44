"""``--notify``: a real process waits for the apply's end and runs the command once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from plan_tui.client.notifier import TIMED_OUT, wait_for_result
from plan_tui.client.notifier import run as run_command
from plan_tui.client.notify import NotifyJob
from plan_tui.contract import routes
from plan_tui.contract.history import RecordedDetail, RecordedRun, RunKind
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.result import recorded_result
from plan_tui.contract.state import RunOutcome
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine


@pytest.fixture
def planned(engine: FakeEngine) -> FakeEngine:
    engine.scripts[routes.PLAN] = samples.built()
    engine.scripts[routes.APPLY] = [
        *samples.apply_started(),
        samples.batch(0),
        samples.failed(),
        *samples.apply_ended(RunOutcome.FAILED),
    ]
    return engine


def test_the_command_gets_the_result(run: Run, planned: FakeEngine, tmp_path: Path) -> None:
    told = tmp_path / "it's told"
    done = run("apply", "dev", "--yes", "--notify", f'cat >> "{told}"')
    assert (done.exit_code, "--notify" in done.stderr) == (1, False)
    (line,) = told.read_text().splitlines()
    result = json.loads(line)
    apply = planned.state.apply
    assert apply is not None
    assert apply.ended is not None
    assert {key: result[key] for key in ("outcome", "environment", "plan_id", "seconds")} == {
        "outcome": "failed",
        "environment": "dev",
        "plan_id": apply.plan_id,
        "seconds": (apply.ended - apply.started) / 1000,
    }
    assert result["batches"]["total"] == result["batches"]["done"] + result["batches"]["left"]
    assert result["models"]["failed"] == len(result["failures"]) == 1
    assert result["failures"][0]["title"]


def test_a_command_that_fails_is_told_and_changes_nothing(run: Run, planned: FakeEngine) -> None:
    planned.scripts[routes.APPLY] = [*samples.apply_started(), *samples.apply_ended()]
    done = run("--notify", "echo no such bell >&2; exit 7", "apply", "dev", "--yes")
    assert done.exit_code == 0
    assert "--notify command ended with 7" in done.stderr
    log = Path(done.stderr.split("is in ")[1].split(".log")[0] + ".log")
    assert "no such bell" in log.read_text()


def test_nothing_is_run_where_nothing_is_applied(
    run: Run, planned: FakeEngine, tmp_path: Path
) -> None:
    planned.scripts[routes.PLAN] = samples.built(samples.facts(uncategorized=("a",)))
    planned.refusals[routes.APPLY] = (409, b"{}")
    told = tmp_path / "told"
    assert run("apply", "dev", "--yes", "--notify", f"cat > {told}").exit_code == 1
    assert not told.exists()


def test_of_a_lost_engine_what_is_known_is_told(engine: FakeEngine, key: ProjectKey) -> None:
    for event in (*samples.apply_started(), samples.batch(0)):
        asyncio.run(engine.emit(event))
    engine.hangs_up = True
    result = asyncio.run(wait_for_result(job_of(key)))
    assert result is not None
    assert (result.outcome, result.environment, result.promoted) == ("unknown", "dev", None)
    assert (result.batches.done, result.batches.left) == (1, 1)


def test_of_an_apply_that_nobody_knows_nothing_is_told(key: ProjectKey) -> None:
    assert asyncio.run(wait_for_result(job_of(key))) is None


def test_an_apply_is_told_as_the_journal_has_it() -> None:
    run = RecordedRun(
        run_id="a1",
        kind=RunKind.APPLY,
        environment="dev",
        started=1_000,
        ended=3_000,
        outcome=RunOutcome.CANCELLED,
        user="ann",
        host="here",
        project="shop",
    )
    result = recorded_result(RecordedDetail(run=run))
    assert (result.outcome, result.seconds, result.project) == ("cancelled", 2.0, "shop")


def test_a_command_that_takes_too_long_is_ended() -> None:
    result = recorded_result(
        RecordedDetail(
            run=RecordedRun(
                run_id="a1",
                kind=RunKind.APPLY,
                environment="dev",
                started=0,
                user="ann",
                host="here",
                project="shop",
            )
        )
    )
    assert run_command("sleep 60 & wait", result, patience=0.05) == TIMED_OUT


def job_of(key: ProjectKey) -> NotifyJob:
    return NotifyJob(
        paths=key.paths, gateway=None, config=None, dotenv=None, run_id="a1", command="true"
    )
