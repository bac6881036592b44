"""The engine as a process: its lock, its socket, its signals, its end, and what it prints."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import RunOutcome, SessionState

from .conftest import Start
from .hosting import STOP_DEADLINE, EngineProcess, files_in
from .projects import ENDLESS, Gate, Project, gated_batches, gated_file

NOISY_MODEL = """\
import os
import sys
import pandas as pd
from sqlmesh import model

print("loaded, says print")
sys.stdout.write("loaded, says stdout\\n")


@model("shop.noisy", kind="FULL", columns={"x": "int"})
def execute(context, start, end, execution_time, **kwargs):
    print("executed, says print")
    os.system("echo executed, says a child")
    return pd.DataFrame({"x": [1]})
"""
NOISY_MACRO = """\
from sqlmesh import macro


@macro()
def noisy(evaluator):
    print("rendered, says print")
    return 1
"""


def wait_for_end(engine: EngineProcess, seconds: float = STOP_DEADLINE) -> int:
    """The exit code, once the process is gone."""
    return engine.process.wait(seconds)


def children_of(pid: int) -> list[int]:
    """Processes whose parent this is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def assert_gone(engine: EngineProcess) -> None:
    assert not engine.files.socket.exists()
    # Nobody holds its lock any more.
    subprocess.run(["flock", "-n", str(engine.files.lock), "true"], check=True, timeout=10)


def test_a_day_in_the_life(start_engine: Start, shop: Project, runtime: Path) -> None:
    # A dead engine's socket is in its place.
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(files_in(runtime).socket))
    dead.close()
    shop.write("models/noisy.py", NOISY_MODEL)
    shop.write("macros/noisy.py", NOISY_MACRO)
    shop.write("models/loud.sql", "MODEL (name shop.loud, kind FULL); SELECT @noisy()::INT AS x")
    engine = start_engine(shop)

    # Its files are this user's alone.
    mode = engine.files.socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(engine.files.lock.stat().st_mode) == 0o600
    assert engine.files.lock.read_text() == f"{engine.process.pid}\n"
    assert engine.get(routes.META).json()["pid"] == engine.process.pid

    # A second engine finds the lock and leaves; the first one's socket stays.
    second = EngineProcess(shop, runtime)
    assert wait_for_end(second) == 0
    second.close()
    assert engine.get(routes.META).status_code == 200
    assert engine.files.lock.read_text() == f"{engine.process.pid}\n"

    # The terminal goes, the engine stays.
    engine.process.send_signal(signal.SIGHUP)
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert engine.process.poll() is None
    assert os.getsid(engine.process.pid) == engine.process.pid

    # It forks nobody who could hold its socket.
    assert children_of(engine.process.pid) == []

    # What the project itself prints goes where its log goes, and does no harm.
    printed = engine.stdout.read_text()
    for what in ("loaded, says print", "rendered, says print", "executed, says a child"):
        assert what in printed

    # It is told to leave, and is gone.
    assert engine.post(routes.STOP).status_code == 204
    assert wait_for_end(engine) == 0
    assert_gone(engine)


def test_it_leaves_when_nobody_needs_it_and_not_before(
    start_engine: Start, shop: Project, gate: Gate
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    engine = start_engine(shop, grace=0.5)
    with engine.listen() as ear:
        engine.plan()
        with pytest.raises(subprocess.TimeoutExpired):
            wait_for_end(engine, 1.5)  # Somebody listens.
        engine.start_apply()
        ear.until(ev.ApplyStarted)
    gate.wait()
    with pytest.raises(subprocess.TimeoutExpired):
        wait_for_end(engine, 1.5)  # Nobody listens, but it applies.
    gate.open()
    assert wait_for_end(engine) == 0
    assert_gone(engine)
    assert shop.plan_id("dev") is not None


def test_a_signal_while_it_applies_lets_the_batch_finish(
    start_engine: Start, shop: Project, gate: Gate
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    engine = start_engine(shop)
    engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        gate.wait()
        engine.process.send_signal(signal.SIGTERM)
        reported = ear.until(ev.CancelReported)
        assert reported.reason == "shutdown"
        assert engine.state.state is SessionState.APPLYING
        refusal = engine.refused(routes.PLAN, {"environment": "dev"}, 409)
        assert refusal.code is ProblemCode.BUSY
        gate.open()
        ended = ear.until(ev.ApplyEnded)
    assert ended.outcome is RunOutcome.CANCELLED
    assert ended.summary.batches_done == 1
    assert wait_for_end(engine) == 0
    assert_gone(engine)
    assert shop.plan_id("dev") is None
    # Nothing that SQLMesh says is printed.
    assert engine.stdout.read_bytes() == b""
    # What was done is kept.
    another = start_engine(shop)
    (left,) = another.plan().plan.backfills.models
    assert left.batches == 2


def test_a_signal_while_it_plans(start_engine: Start, shop: Project, gate: Gate) -> None:
    engine = start_engine(shop)
    engine.get(routes.PROJECT)
    with engine.listen() as ear:
        shop.write("models/held.py", gated_file(gate))
        engine.post(routes.PLAN, {"environment": "dev"})
        gate.wait()
        engine.process.send_signal(signal.SIGTERM)
        ended = ear.until(ev.PlanningEnded)
    assert ended.outcome is RunOutcome.CANCELLED
    assert wait_for_end(engine) == 0
    gate.open()
    assert_gone(engine)


def test_an_engine_that_is_killed_leaves_a_place_for_the_next(
    start_engine: Start, shop: Project
) -> None:
    shop.write("models/endless.sql", ENDLESS)
    engine = start_engine(shop)
    engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        ear.until(ev.ApplyProgressed, lambda event: any(m.running for m in event.models))
        engine.process.kill()
        # The stream breaks at once: no child of the engine holds the connection.
        with pytest.raises(httpx.RemoteProtocolError):
            ear.until(ev.ApplyEnded)
    assert wait_for_end(engine) == -signal.SIGKILL
    assert engine.files.socket.exists()
    shop.write("models/endless.sql", "MODEL (name shop.endless, kind FULL); SELECT 1::INT AS x")
    another = start_engine(shop)
    assert another.plan().outcome is RunOutcome.SUCCEEDED
    assert another.apply().outcome is RunOutcome.SUCCEEDED


def test_a_file_that_changes_is_seen_at_once(start_engine: Start, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine = start_engine(shop)
    run = engine.plan()
    with engine.listen() as ear:
        shop.write("models/new.sql", "MODEL (name shop.new, kind VIEW); SELECT 1::INT AS x")
        stale = ear.until(ev.PlanWentStale)
        assert stale.plan_id == run.plan_id
        assert stale.problem.path == "models/new.sql"
        # The project is read again in the background.
        loaded = ear.until(ev.EngineChanged, lambda event: event.info.models == 5)
    assert loaded.info.problem is None
    assert engine.state.state is SessionState.REVIEW
    problem = engine.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
    assert problem.code is ProblemCode.STALE_PLAN
    engine.process.send_signal(signal.SIGINT)
    assert wait_for_end(engine) == 0
    assert_gone(engine)


@pytest.mark.parametrize(("size", "kept"), [(1024, True), (17 * 1024 * 1024, False)])
def test_a_log_does_not_grow_for_ever(
    start_engine: Start, bare_shop: Project, runtime: Path, size: int, kept: bool
) -> None:
    with files_in(runtime).log.open("wb") as log:
        log.truncate(size)
    engine = start_engine(bare_shop)
    assert engine.log_text.startswith("\0") is kept
    assert engine.files.log.stat().st_size < 1024 * 1024
