"""Two real engines apply to one environment of one state: exactly one of them wins."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.state import RunOutcome, SessionState
from plan_tui.engine.conflict_watch import LONGEST
from tests.engine.hosting import EngineProcess, engine_process, hosted, short_directory
from tests.engine.projects import Gate, Project, gated_batches
from tests.engine.talking import Run
from tests.faults.postgres import PostgresServer
from tests.soaking import long, trials

NUMBERS = """\
MODEL (name shop.numbers, kind FULL);
SELECT {value}::INT AS x
"""


@dataclass
class Side:
    """A checkout of the project, and its engine."""

    project: Project
    engine: EngineProcess
    value: int
    """What its version of the model writes."""

    def hold_up(self, gate: Gate) -> None:
        """Has each of three batches wait at a gate."""
        self.project.write("models/gated.py", gated_batches(gate))


@dataclass
class Place:
    """Two checkouts on one state and one warehouse."""

    server: PostgresServer
    one: Side
    other: Side

    def value_in(self, environment: str) -> int:
        ((value,),) = self.server.rows(f"SELECT x FROM shop__{environment}.numbers")
        return int(value)

    def batches_in(self, environment: str) -> list[tuple[str, int]]:
        query = f"SELECT ds::TEXT, COUNT(*) FROM shop__{environment}.gated GROUP BY 1 ORDER BY 1"
        return [(day, count) for day, count in self.server.rows(query)]


@pytest.fixture(scope="module")
def place(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    server = postgres_server.with_new_database()
    root = tmp_path_factory.mktemp("two")
    with ExitStack() as stack:
        sides = []
        for value in (1, 2):
            files = {"models/numbers.sql": NUMBERS.format(value=value)}
            project = server.project(root / str(value), files, tasks=1)
            if value == 1:
                project.write("models/numbers.sql", NUMBERS.format(value=0))
                project.deploy()
                project.write("models/numbers.sql", files["models/numbers.sql"])
            directory = stack.enter_context(short_directory())
            sides.append(
                Side(project, stack.enter_context(engine_process(project, directory)), value)
            )
        yield Place(server, *sides)


def assert_told(run: Run) -> None:
    """It failed because somebody else was first, and the environment is not half anything."""
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is ProblemCode.CONFLICT
    assert "uild the plan again" in run.failure.hint
    assert run.apply.summary is not None
    assert not run.apply.summary.promoted


def batches_started(run: Run, model: str) -> set[int]:
    """The batches of a model that were ever at work."""
    return {
        batch.index
        for event in run.of(ev.ApplyProgressed)
        for moved in event.models
        if model in moved.name
        for batch in moved.running
    }


def test_the_second_is_told_before_its_first_batch(place: Place, gate: Gate) -> None:
    one, other = place.one, place.other
    one.hold_up(gate)
    one.engine.plan("held")
    other.engine.plan("held")
    with one.engine.listen() as ear:
        one.engine.start_apply()
        gate.wait()
        second = other.engine.apply()
        assert_told(second)
        assert "applying to held right now" in second.failure.title
        assert batches_started(second, "numbers") == set()
        assert one.engine.state.state is SessionState.APPLYING
        gate.open()
        assert one.engine.ended(ear).outcome is RunOutcome.SUCCEEDED
    assert place.value_in("held") == 1
    assert place.batches_in("held") == [(f"2024-01-0{day}", 1) for day in (1, 2, 3)]
    # What the loser does next starts from there, and nothing holds the environment any more.
    other.engine.plan("held")
    assert other.engine.apply().outcome is RunOutcome.SUCCEEDED
    assert place.value_in("held") == 2
    one.project.remove("models/gated.py")


def test_one_who_takes_no_lock_is_seen_within_one_batch(place: Place, gate: Gate) -> None:
    one, other = place.one, place.other
    one.hold_up(gate)
    one.engine.plan("moved")
    with one.engine.listen() as ear:
        one.engine.start_apply()
        gate.wait()
        held = time.monotonic()
        other.project.deploy("moved")
        # Short batches share a look: one that starts this long after the last makes its own.
        while time.monotonic() - held < LONGEST:
            assert one.engine.state.state is SessionState.APPLYING
        gate.open()
        run = one.engine.ended(ear)
    assert_told(run)
    assert run.failure.title.startswith("moved moved at ")
    # The batch at work came to its end, and no other one was started.
    (gated,) = [model for model in run.apply.models.values() if "gated" in model.name]
    assert (batches_started(run, "gated"), gated.done) == ({0}, 1)
    assert place.value_in("moved") == 2
    one.project.remove("models/gated.py")


@pytest.mark.parametrize("number", trials(range(1), range(30)))
def test_of_two_that_start_at_once_one_wins(place: Place, number: int) -> None:
    environment = f"race{number}"
    one, other = place.one, place.other
    for side in (one, other):
        side.engine.plan(environment)
    first, second = (one, other) if number % 2 else (other, one)
    with first.engine.listen() as ear, second.engine.listen() as another:
        first.engine.start_apply()
        refusal = second.engine.post("/api/commands/apply", {"plan_id": _plan_of(second)})
        runs = {first.value: first.engine.ended(ear)}
        if refusal.status_code == 204:
            runs[second.value] = second.engine.ended(another)
        else:
            # The first was through by then.
            assert refusal.json()["problem"]["code"] == ProblemCode.CONFLICT
    winners = [value for value, run in runs.items() if run.outcome is RunOutcome.SUCCEEDED]
    assert len(winners) == 1
    for value, run in runs.items():
        if value != winners[0]:
            assert_told(run)
    assert place.value_in(environment) == winners[0]
    rows = place.server.rows(
        f"SELECT plan_id FROM sqlmesh._environments WHERE name = '{environment}'"
    )
    assert rows == [(runs[winners[0]].apply.plan_id,)]


def test_a_killed_engine_keeps_nobody_out(place: Place, gate: Gate) -> None:
    one, other = place.one, place.other
    one.hold_up(gate)
    one.engine.plan("killed")
    one.engine.start_apply()
    gate.wait()
    one.engine.process.send_signal(signal.SIGKILL)
    one.engine.process.wait(30)
    other.engine.plan("killed")
    assert other.engine.apply().outcome is RunOutcome.SUCCEEDED
    assert place.value_in("killed") == 2


@long
def test_a_duckdb_file_lets_one_of_two_apply(tmp_path: Path, runtime: Path, gate: Gate) -> None:
    files = {"models/numbers.sql": NUMBERS.format(value=1), "models/gated.py": gated_batches(gate)}
    mine = Project.make(tmp_path / "mine", files)
    theirs = mine.twin(tmp_path / "theirs")
    theirs.write("models/numbers.sql", NUMBERS.format(value=2))
    theirs.remove("models/gated.py")
    with (
        short_directory() as directory,
        engine_process(theirs, directory) as other,
        hosted(mine, runtime) as engine,
    ):
        engine.plan()
        late = other.plan().plan_id
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            shut_out = other.refused(routes.APPLY, {"plan_id": late}, 409)
            assert shut_out.code is ProblemCode.LOCKED_DATABASE
            assert f"process {os.getpid()}" in shut_out.title
            gate.open()
            assert engine.ended(ear).outcome is RunOutcome.SUCCEEDED
        # The file is free again, and the plan that was reviewed meanwhile is told to be old.
        overtaken = other.refused(routes.APPLY, {"plan_id": late}, 409)
        assert overtaken.code is ProblemCode.CONFLICT
        assert overtaken.title.startswith("dev moved at ")
        assert mine.rows("SELECT x FROM shop__dev.numbers") == [(1,)]
        other.plan()
        assert other.apply().outcome is RunOutcome.SUCCEEDED
        assert mine.rows("SELECT x FROM shop__dev.numbers") == [(2,)]


def _plan_of(side: Side) -> str:
    facts = side.engine.state.facts
    assert facts is not None
    return facts.plan_id
