"""What the journal records of plans and applies, on a real engine."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.history import History, RecordedDetail, RecordedRun, RunKind
from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.state import ModelStatus, RunOutcome, StageName
from plan_tui.engine import journal as engine_journal
from plan_tui.engine import recorded_diffs
from plan_tui.engine.recorded_diffs import diffs_of
from plan_tui.journal import store
from plan_tui.journal.reading import read_history, read_run
from plan_tui.journal.store import journal_path
from tests.soaking import long

from .hosting import HostedEngine, hosted
from .projects import DAY, JAN_1, Gate, Project, gated_batches
from .talking import Engine, Run

EVENTS, DAILY = '"lake"."raw"."events"', '"lake"."shop"."daily"'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own; asked for before the engine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return journal_path()


@pytest.fixture
def recorded(path: Path, shop: Project, runtime: Path) -> Iterator[HostedEngine]:
    """An engine that writes to this test's own journal."""
    with hosted(shop, runtime) as engine:
        yield engine


def runs(engine: HostedEngine, *kinds: RunKind) -> tuple[RecordedRun, ...]:
    return history(engine, *kinds).runs


def history(engine: HostedEngine, *kinds: RunKind) -> History:
    key = engine.session.key
    return read_history(journal_path(), key.digest, kinds or (RunKind.APPLY,), 100)


def detail(engine: HostedEngine, run_id: str) -> RecordedDetail:
    found = read_run(journal_path(), engine.session.key.digest, run_id)
    assert found is not None
    return found


def applied(engine: Engine, shop: Project) -> Run:
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    engine.plan()
    return engine.apply()


def test_an_apply_is_recorded_as_it_was_told(recorded: HostedEngine, shop: Project) -> None:
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    planned = recorded.plan(categories={"raw.events": "BREAKING"}, skip_tests=True)
    planned_state = planned.state
    document = PlanOverviewStageTracker.model_validate(recorded.get(routes.PLAN).json())
    run = recorded.apply()
    # The end of an apply is told once it is recorded.
    (found,) = runs(recorded)
    apply = run.apply
    assert found.run_id == apply.run_id
    assert (found.environment, found.plan_id) == ("dev", apply.plan_id)
    assert (found.outcome, found.running) == (RunOutcome.SUCCEEDED, False)
    assert (found.started, found.ended) == (apply.started, apply.ended)
    assert found.summary == apply.summary
    assert (found.batches_done, found.batches_failed) == (4, 0)
    assert found.paths == (str(shop.root),)
    assert found.user
    assert found.host
    whole = detail(recorded, found.run_id)
    assert whole.stages == apply.stages
    assert whole.models == apply.models
    assert whole.review is not None
    assert whole.review.changes == document.changes, "with the text diffs"
    assert "i * 20" in (whole.review.changes.modified.direct[0].diff or "")
    assert whole.diffs_left_out == 0
    bare = {"changes": planned.plan.changes}
    assert whole.review.model_copy(update=bare) == planned_state.plan
    assert whole.facts == planned_state.facts
    assert whole.request == planned_state.planning.request  # type: ignore[union-attr]
    told = [batch for event in run.of(ev.ApplyProgressed) for batch in event.batches]
    assert [(b.name, b.index, b.interval, b.duration, b.rows) for b in whole.batches] == [
        (b.name, b.index, b.interval, b.duration, b.rows) for b in told
    ]


def test_plans_are_recorded_with_their_review(recorded: HostedEngine) -> None:
    planned = recorded.plan("prod")
    recorded.session.journal.close()
    (found,) = runs(recorded, RunKind.PLAN)
    assert (found.environment, found.outcome) == ("prod", RunOutcome.SUCCEEDED)
    whole = detail(recorded, found.run_id)
    assert whole.review == planned.plan
    assert {stage.name for stage in whole.stages} >= {StageName.LOADING, StageName.CHANGES}
    assert all(stage.meta is not None and stage.meta.done for stage in whole.stages)
    assert runs(recorded) == ()


def test_a_failed_apply_is_recorded_with_its_failure(recorded: HostedEngine, shop: Project) -> None:
    shop.edit(
        "models/events.sql", "(i * 10)::INT", "IF(d = '2024-01-07', error('bad day'), i)::INT"
    )
    recorded.plan()
    run = recorded.apply()
    assert run.outcome is RunOutcome.FAILED
    (found,) = runs(recorded)
    assert (found.outcome, found.problem) == (RunOutcome.FAILED, run.problem)
    assert found.batches_failed == 1
    whole = detail(recorded, found.run_id)
    assert whole.models[EVENTS].status is ModelStatus.FAILED
    assert whole.models[EVENTS].failure == run.apply.models[EVENTS].failure
    assert whole.models[DAILY].skipped_because == "raw__dev.events"
    (lost,) = [batch for batch in whole.batches if batch.duration is None]
    assert lost.interval == (JAN_1 + 5 * DAY, JAN_1 + 10 * DAY)
    assert any("bad day" in line.text for line in whole.log if line.level == "error")


def _damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database " * 500)


def _full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = store.open_to_write

    def small(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(engine_journal, "open_to_write", small)


@long
@pytest.mark.parametrize(("trouble", "word"), [(_damaged, "damaged"), (_full, "full")])
def test_an_apply_is_none_the_worse_for_a_journal_that_is(
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
    word: str,
    path: Path,
    shop: Project,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble(path, monkeypatch)
    with hosted(shop, runtime) as engine:
        run = applied(engine, shop)
        assert run.outcome is RunOutcome.SUCCEEDED
        (said,) = [line for line in engine.state.log if "history may miss" in line.text]
        assert (said.level, word in said.text) == ("warning", True)
        if word == "damaged":
            (aside,) = path.parent.glob("*.corrupt-*")
            assert str(aside) in said.text
            assert [each.outcome for each in runs(engine)] == [RunOutcome.SUCCEEDED]


def test_a_journal_that_is_lost_in_an_apply_has_all_of_it(
    recorded: HostedEngine, shop: Project, path: Path, gate: Gate
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    shop.edit("models/daily.sql", "SUM(amount)", "MAX(amount)")
    planned = recorded.plan()
    document = PlanOverviewStageTracker.model_validate(recorded.get(routes.PLAN).json())
    with recorded.listen() as ear:
        recorded.start_apply()
        gate.wait()
        recorded.session.journal.settle()
        for file in path.parent.iterdir():
            file.write_bytes(b"this is no database " * 500)
        gate.open()
        run = recorded.ended(ear)
    assert run.outcome is RunOutcome.SUCCEEDED
    (found,) = runs(recorded)
    assert (found.outcome, found.summary) == (RunOutcome.SUCCEEDED, run.apply.summary)
    whole = detail(recorded, found.run_id)
    assert (whole.stages, whole.models) == (run.apply.stages, run.apply.models)
    told = [batch for event in run.of(ev.ApplyProgressed) for batch in event.batches]
    assert [(b.name, b.interval) for b in whole.batches] == [(b.name, b.interval) for b in told]
    assert whole.review is not None
    assert whole.review.changes == document.changes, "with the text diffs"
    assert whole.facts == planned.state.facts
    (said,) = [line for line in recorded.state.log if "recorded anew" in line.text]
    assert "damaged" in said.text


def test_only_this_user_can_read_it(recorded: HostedEngine, shop: Project, path: Path) -> None:
    applied(recorded, shop)
    recorded.session.journal.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_estimate_follows_from_what_was_recorded(recorded: HostedEngine, shop: Project) -> None:
    assert applied(recorded, shop).outcome is RunOutcome.SUCCEEDED
    taken = {
        batch.name: batch.duration for batch in detail(recorded, runs(recorded)[0].run_id).batches
    }
    shop.edit("models/daily.sql", "SUM(amount)", "MAX(amount)")
    recorded.plan()
    answer = recorded.get("/api/looks/estimate")
    found = PlanEstimate.model_validate_json(answer.content)
    assert (found.known, found.unknown) == (2, 0)
    names = (DAILY, '"lake"."shop"."totals"')
    expected = sum((taken[name] or 0) for name in names) / 1000
    assert found.seconds == pytest.approx(expected)
    assert found.critical_seconds == pytest.approx(expected)
    assert found.critical_path == ("shop__dev.daily", "shop__dev.totals")


def test_without_history_nothing_is_invented(recorded: HostedEngine, shop: Project) -> None:
    shop.edit("models/daily.sql", "SUM(amount)", "MAX(amount)")
    recorded.plan()
    answer = recorded.get("/api/looks/estimate")
    found = PlanEstimate.model_validate_json(answer.content)
    assert (found.seconds, found.known, found.unknown) == (None, 0, 2)
    assert (found.critical_path, found.critical_seconds) == ((), None)


def test_passwords_are_not_recorded(recorded: HostedEngine, shop: Project, path: Path) -> None:
    recorded.session.loading.secrets.learn([{"connection": {"password": 'p"ss,w\\rd'}}])
    log = recorded.session.log
    recorded.plan("prod")
    log.emit(ev.Logged(text='could not connect with p"ss,w\\rd'))
    log.emit(ev.Logged(text="postgresql://ann:hunter2@host/db and password=swordfish"))
    recorded.session.journal.close()
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert b"rd'" not in content
        assert b"hunter2" not in content
        assert b"swordfish" not in content


def test_diffs_are_bounded_by_size_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"m{number}" for number in range(5)]
    diff = SimpleNamespace(
        modified_snapshots=dict.fromkeys(names),
        directly_modified=lambda name: name != "m0",
        metadata_updated=lambda name: name == "m0",
        text_diff=lambda name: "+long" * 9 if name == "m2" else "+x",
    )
    built: Any = SimpleNamespace(plan=SimpleNamespace(context_diff=diff))
    assert diffs_of(built).left_out == 0
    assert list(diffs_of(built).diffs)[-1] == "m0", "directly changed ones first"
    monkeypatch.setattr(recorded_diffs, "MOST_CHARACTERS", 10)
    found = diffs_of(built)
    assert (set(found.diffs), found.left_out) == ({"m0", "m1", "m3", "m4"}, 1)
    moments = iter([0.0, 1.0, 1.5, 2.5])
    late = diffs_of(built, clock=lambda: next(moments))
    assert (list(late.diffs), late.left_out) == (["m1"], 4)
