"""DuckDB lets one process in: who is kept out says so, and an idle engine keeps nobody out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import looks, routes
from plan_tui.contract.errors import ProblemAnswer, ProblemCode
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import RunOutcome, SessionState, StageName
from plan_tui.contract.steps import PlannedSteps
from plan_tui.engine.locked import refuse_locked
from plan_tui.engine.refused import Refused

from .hosting import EngineProcess, engine_process, short_directory
from .projects import Gate, Project, gated_batches

HOLD = """\
import sys, time, duckdb
deadline = time.monotonic() + 30
while True:
    try:
        connection = duckdb.connect(sys.argv[1])
        break
    except duckdb.IOException:  # the engine reads on for a moment after it told of a plan
        if time.monotonic() > deadline:
            raise
connection.execute("CREATE OR REPLACE TABLE visitor AS SELECT 1 AS x")
print("in", flush=True)
sys.stdin.read()
connection.close()
"""


@contextmanager
def held_by_another(database: Path) -> Iterator[int]:
    """Another process has the file open for writing; its id."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            said = process.stdout.readline()
            assert said == "in\n", process.stderr.read()
            yield process.pid
        finally:
            process.stdin.close()
            process.wait(30)


def assert_free(database: Path) -> None:
    """Another process can write to the database."""
    with held_by_another(database):
        pass


@pytest.fixture(scope="module")
def place(
    template: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EngineProcess, Project]]:
    shop = template.copied_to(tmp_path_factory.mktemp("locked") / "shop")
    shop.edit("models/stores.sql", "'north'", "'south'")
    with short_directory() as directory, engine_process(shop, directory) as engine:
        yield engine, shop


Place = tuple[EngineProcess, Project]


def test_a_locked_file_fails_the_plan_until_it_is_free(place: Place) -> None:
    engine, shop = place
    with held_by_another(shop.database) as pid:
        run = engine.plan()
        assert run.outcome is RunOutcome.FAILED
        assert run.failure.code is ProblemCode.LOCKED_DATABASE
        assert f"lake.duckdb is in use by process {pid} (python" in run.failure.title
        assert f"process {pid}" in run.failure.hint
        # The next try ends before lint and tests run again.
        again = engine.plan()
        assert again.failure == run.failure
        assert StageName.VALIDATION not in {
            event.stage.name for event in again.of(ev.StageReported) if event.stage.meta
        }
        answer = engine.get(routes.ENVIRONMENTS)
        assert answer.status_code == 424
        problem = ProblemAnswer.model_validate_json(answer.content).problem
        assert problem.code is ProblemCode.LOCKED_DATABASE
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    assert engine.get(routes.ENVIRONMENTS).status_code == 200


def test_an_engine_at_review_locks_nothing(place: Place) -> None:
    engine, shop = place
    engine.plan()
    assert_free(shop.database)
    engine.get(routes.ENVIRONMENTS)
    assert_free(shop.database)
    engine.get(routes.MODEL.format(name="shop.stores"))
    engine.get(routes.SELECTION, expression="+shop.daily")
    assert_free(shop.database)
    body = {"categories": {"shop.stores": "NON_BREAKING"}}
    assert engine.post(routes.CATEGORIES, body).status_code == 204
    assert_free(shop.database)
    assert engine.state.state is SessionState.REVIEW


def until_let_go(engine: EngineProcess, database: Path, after: str) -> None:
    """Waits until the engine has no descriptor of the file, which is what locks it."""
    descriptors = Path("/proc") / str(engine.process.pid) / "fd"
    deadline = time.monotonic() + 10
    while any(database.name in opened for opened in _targets(descriptors)):
        assert time.monotonic() < deadline, f"after {after} the file is still open"


def _targets(descriptors: Path) -> Iterator[str]:
    for descriptor in descriptors.iterdir():
        with suppress(FileNotFoundError):
            yield os.readlink(descriptor)


def test_no_look_keeps_the_file(place: Place) -> None:
    engine, shop = place
    engine.plan(include_unmodified=True)
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    until_let_go(engine, shop.database, "an apply")
    shop.edit("models/stores.sql", "1::INT AS id", "2::INT AS id")
    engine.plan()
    until_let_go(engine, shop.database, "a plan")
    steps = PlannedSteps.model_validate_json(
        engine.get(looks.ROUTE.format(path=looks.STEPS.path)).content
    )
    params = {"name": "shop.stores", "step": steps.steps[0].id, "on": "name"}
    answered = set()
    for look in looks.ALL:
        answer = engine.get(looks.ROUTE.format(path=look.path), **params)
        answered |= {look.path} if answer.status_code == 200 else set()
        until_let_go(engine, shop.database, look.path)
    assert answered >= {each.path for each in looks.ALL} - {looks.SEED_ROWS.path}
    for path in (routes.PLAN, routes.PROJECT, routes.META, routes.DATE, routes.ENVIRONMENTS):
        engine.get(path, expression="1 week ago")
        until_let_go(engine, shop.database, path)
    # To another process that means that it may write.
    assert_free(shop.database)
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    # The tests below plan a change again.
    shop.edit("models/stores.sql", "2::INT AS id", "3::INT AS id")


def test_choices_are_made_while_another_has_the_file(place: Place) -> None:
    engine, shop = place
    engine.plan(categories={"shop.stores": "BREAKING"})
    until_let_go(engine, shop.database, "the plan")
    with held_by_another(shop.database):
        assert (
            engine.post(
                routes.CATEGORIES, {"categories": {"shop.stores": "NON_BREAKING"}}
            ).status_code
            == 204
        )
        assert (
            engine.post(routes.ALLOW, {"allow_destructive_models": ["shop.stores"]}).status_code
            == 204
        )
        engine.get(routes.PLAN)
    state = engine.state
    assert state.stale is None
    assert state.plan is not None
    assert [each.change_category for each in state.plan.changes.modified.direct] == ["NON_BREAKING"]
    assert state.plan.plan_options.allow_destructive_models == ("shop.stores",)
    assert_free(shop.database)


@pytest.mark.parametrize("was_read", [False, True], ids=["not read", "asks a signal"])
def test_a_plan_that_needs_the_file_takes_no_choice_while_another_has_it(was_read: bool) -> None:
    words = 'IO Error: Could not set lock on file "/x/s.db": Conflicting lock is held in python'

    def locked(environment: str) -> None:
        raise duckdb.IOException(words)

    known: Future[object] = Future()
    if was_read:
        known.set_result(None)
    else:
        known.set_exception(OSError("not read"))
    asking = SimpleNamespace(is_model=True, model=SimpleNamespace(signals=[("landed", {})]))
    backend = SimpleNamespace(
        project=SimpleNamespace(
            state_file="/x/s.db",
            key=SimpleNamespace(paths=("/x",)),
            context=SimpleNamespace(state_sync=SimpleNamespace(get_environment=locked)),
        ),
        built=SimpleNamespace(
            known=known,
            plan=SimpleNamespace(
                environment_naming_info=SimpleNamespace(name="dev"), snapshots={"a": asking}
            ),
        ),
    )
    with pytest.raises(Refused) as refused:
        refuse_locked(backend)  # type: ignore[arg-type]
    assert refused.value.problem.code is ProblemCode.LOCKED_DATABASE


def test_a_locked_file_refuses_the_apply_and_the_plan_stays(place: Place) -> None:
    engine, shop = place
    plan_id = engine.plan().plan_id
    with held_by_another(shop.database):
        problem = engine.refused(routes.APPLY, {"plan_id": plan_id}, 409)
        assert problem.code is ProblemCode.LOCKED_DATABASE
    assert engine.state.state is SessionState.REVIEW
    assert engine.apply(plan_id).outcome is RunOutcome.SUCCEEDED
    assert_free(shop.database)


def test_after_a_failed_and_a_cancelled_run_the_file_is_free(place: Place, tmp_path: Path) -> None:
    engine, shop = place
    shop.write("models/bad.sql", "MODEL (name shop.bad, kind FULL); SELECT ERROR('no')::INT AS x")
    engine.plan()
    assert engine.apply().outcome is RunOutcome.FAILED
    assert_free(shop.database)
    shop.remove("models/bad.sql")
    gate = Gate(tmp_path / "gate")
    shop.write("models/gated.py", gated_batches(gate))
    engine.plan()
    with engine.listen() as ear:
        engine.start_apply()
        gate.wait()
        engine.cancel(CancelMode.INTERRUPT)
        gate.open()
        assert engine.ended(ear).outcome is RunOutcome.CANCELLED
    assert_free(shop.database)
    gate.close()
    shop.remove("models/gated.py")
    shop.write("macros/broken.py", "def broken(:")
    assert engine.plan().outcome is RunOutcome.FAILED
    assert_free(shop.database)
    shop.remove("macros/broken.py")


def test_an_engine_that_starts_while_the_file_is_locked_gets_well(
    shop: Project, runtime: Path
) -> None:
    with ExitStack() as stack:
        with held_by_another(shop.database):
            engine = stack.enter_context(engine_process(shop, runtime))
            assert engine.plan("prod").failure.code is ProblemCode.LOCKED_DATABASE
        assert engine.plan("prod").outcome is RunOutcome.SUCCEEDED
