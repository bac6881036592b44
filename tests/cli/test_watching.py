from __future__ import annotations

import json
from pathlib import Path

import pytest

from plan_tui.contract import routes
from plan_tui.contract.events import ApplyStarted, EngineChanged
from plan_tui.contract.fold import fold
from plan_tui.contract.locations import ProjectKey, files_of
from plan_tui.contract.state import SessionState
from tests.cli import samples
from tests.cli.conftest import Run
from tests.cli.fake_engine import FakeEngine

KEYS = {
    "interrupted",
    "engine_pid",
    "socket",
    "state",
    "environment",
    "plan_id",
    "since",
    "project_state",
    "stage",
    "stage_done",
    "stage_total",
    "batches_done",
    "batches_total",
    "remaining",
    "cancelling",
    "log",
}


def play(engine: FakeEngine, *events: object) -> None:
    for event in events:
        engine.state = fold(engine.state, event)  # type: ignore[arg-type]


def test_status_without_an_engine_starts_none(run: Run, key: ProjectKey) -> None:
    done = run("status", "--json")
    status = json.loads(done.stdout)
    assert (done.exit_code, set(status)) == (0, KEYS)
    assert (status["engine_pid"], status["socket"], status["state"]) == (None, None, "idle")
    assert not files_of(key).lock.exists()
    assert run("status").stdout.startswith("No engine runs")


def test_status_of_an_idle_engine(run: Run, engine: FakeEngine) -> None:
    status = json.loads(run("status", "--json").stdout)
    assert set(status) == KEYS
    assert (status["engine_pid"], status["socket"]) == (4711, str(engine.socket))
    assert (status["state"], status["since"]) == ("idle", samples.START)
    assert run("status").stdout.splitlines() == [
        "The engine (process 4711) is idle since 2024-01-01 UTC",
        "  project shop, 3 models",
        "  log: /tmp/stub.log",
    ]


def test_status_names_every_project_that_the_engine_reads(run: Run, engine: FakeEngine) -> None:
    assert engine.state.info is not None
    info = engine.state.info.model_copy(update={"paths": ("/work/shop", "/work/items")})
    play(engine, EngineChanged(info=info))
    assert "  projects shop and items, 3 models" in run("status").stdout.splitlines()


def test_status_of_an_apply(run: Run, engine: FakeEngine) -> None:
    play(engine, *samples.built(), *samples.apply_started(), samples.batch(0))
    status = json.loads(run("status", "--json").stdout)
    assert (status["state"], status["environment"], status["plan_id"]) == ("applying", "dev", "p1")
    assert (status["stage"], status["stage_total"]) == ("backfill", 2)
    assert (status["batches_done"], status["batches_total"]) == (1, 2)
    assert status["cancelling"] is False
    assert "1 of 2 batches" in run("status").stdout


def test_status_of_planning_and_of_a_review(run: Run, engine: FakeEngine) -> None:
    events = samples.built()
    play(engine, *events[:2])
    status = json.loads(run("status", "--json").stdout)
    assert (status["state"], status["environment"], status["plan_id"]) == ("planning", "dev", None)
    play(engine, *events[2:])
    status = json.loads(run("status", "--json").stdout)
    assert (status["state"], status["environment"], status["plan_id"]) == ("review", "dev", "p1")


def test_cancel_without_an_engine(run: Run) -> None:
    done = run("cancel")
    assert done.exit_code == 0
    assert "nothing to cancel" in done.stdout


@pytest.mark.parametrize(("flags", "mode"), [((), "graceful"), (("--interrupt",), "interrupt")])
def test_cancel_trips_the_breaker(
    run: Run, engine: FakeEngine, flags: tuple[str, ...], mode: str
) -> None:
    play(engine, *samples.apply_started())
    engine.scripts[routes.CANCEL] = [samples.cancel_reported()]
    done = run("cancel", *flags)
    assert (done.exit_code, done.stdout) == (0, "Running batches finish.\n")
    assert engine.commands == [(routes.CANCEL, {"mode": mode})]


@pytest.mark.parametrize(("state", "code"), [(SessionState.APPLYING, 1), (SessionState.REVIEW, 0)])
def test_cancel_that_is_refused(
    run: Run, engine: FakeEngine, state: SessionState, code: int
) -> None:
    engine.state = engine.state.model_copy(update={"state": state})
    engine.scripts[routes.CANCEL] = [samples.cancel_reported(done=True, success=False)]
    assert run("cancel").exit_code == code


def test_the_log_is_shown_without_an_engine(run: Run, key: ProjectKey) -> None:
    assert run("engine", "log").exit_code == 1
    files_of(key).log.write_text("one\ntwo\x1b[2J\nthree\n")
    assert run("engine", "log").stdout == "one\ntwo<U+001B>[2J\nthree\n"
    assert run("engine", "log", "-n", "1").stdout == "three\n"


def test_stopping_without_an_engine(run: Run) -> None:
    assert run("engine", "stop").stdout == "No engine runs for this project.\n"


def test_stopping_an_engine_that_applies_does_not_wait(run: Run, engine: FakeEngine) -> None:
    started = samples.apply_started()
    assert isinstance(started[1], ApplyStarted)
    play(engine, *started)
    done = run("engine", "stop")
    assert done.exit_code == 0
    assert "leaves when that is done" in done.stdout
    assert engine.commands == [(routes.STOP, None)]


def test_starting_finds_the_engine_that_runs(run: Run, engine: FakeEngine) -> None:
    assert "process 4711" in run("engine", "start").stdout


@pytest.mark.parametrize("command", ["status", "cancel"])
def test_a_planted_socket_is_refused(
    run: Run, key: ProjectKey, tmp_path: Path, command: str
) -> None:
    files_of(key).socket.symlink_to(tmp_path)
    done = run(command)
    assert done.exit_code == 1
    assert "not safe" in done.stderr
