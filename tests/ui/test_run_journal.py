"""The batches and lines that the client keeps of a run."""

from __future__ import annotations

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.fold import fold
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import EngineState, LogLine
from plan_tui.ui.run_journal import KEPT_LINES, UNTIMED, RunJournal, batch_words

from . import run_samples as runs
from .record import load


def test_batches_are_kept_by_model() -> None:
    journal = RunJournal()
    first, second = runs.record("orders", 0), runs.record("orders", 1)
    journal.note(runs.progressed(records=(first,)))
    journal.note(runs.progressed(records=(second, runs.record("items", 0))))
    assert journal.batches(runs.name("orders")) == [first, second]
    assert list(journal.batches(runs.name("unheard_of"))) == []


def test_a_finished_batch_is_a_line_and_a_failed_one_is_not() -> None:
    journal = RunJournal()
    journal.note(
        runs.progressed(records=(runs.record("orders", 0), runs.record("orders", 1, None)))
    )
    (line,) = journal.lines
    assert line.text.startswith("shop__dev.orders 2025-10-31 .. 11-29: 31,204 rows in 3.9s")
    assert len(journal.batches(runs.name("orders"))) == 2


def test_messages_are_lines_in_their_order() -> None:
    journal = RunJournal()
    for event in runs.LOG:
        journal.note(event)
    assert [line.level for line in journal.lines] == ["info", "warning", "error"]
    assert journal.told == 3


def test_a_state_that_was_fetched_brings_its_batches_between_the_lines_around_them() -> None:
    records = (runs.record("orders", 0), runs.record("orders", 1, None))
    events = (runs.started(), runs.progressed(records=records))
    state = EngineState()
    for seq, event in enumerate(events, 1):
        state = fold(state, event.model_copy(update={"seq": seq}))
    log = (
        LogLine(at=runs.STARTED - 1, level="info", text="planned"),
        LogLine(at=runs.STARTED + 1, level="warning", text="applying"),
    )
    journal = RunJournal()
    journal.restart(state.model_copy(update={"log": log}))
    assert [line.text.partition(":")[0] for line in journal.lines] == [
        "planned", "shop__dev.orders 2025-10-31 .. 11-29", "applying",
    ]  # fmt: skip
    assert [line.at for line in journal.lines][1] == UNTIMED
    assert len(journal.batches(runs.name("orders"))) == 2
    assert journal.told == 3


def test_batches_of_before_have_their_times_among_the_lines() -> None:
    first, second = (
        runs.record("orders", index).model_copy(update={"ended": runs.STARTED + at})
        for index, at in ((0, 10), (1, 30))
    )
    state = EngineState()
    events = (runs.started(), runs.progressed(records=(first, second)))
    for seq, event in enumerate(events, 1):
        state = fold(state, event.model_copy(update={"seq": seq}))
    log = (LogLine(at=runs.STARTED + 20, level="warning", text="between"),)
    journal = RunJournal()
    journal.restart(state.model_copy(update={"log": log}))
    assert [line.at - runs.STARTED for line in journal.lines] == [10, 20, 30]


def test_a_state_without_a_run_brings_its_lines_and_no_batches() -> None:
    journal = RunJournal()
    journal.note(runs.progressed(records=(runs.record("orders", 0),)))
    generation = journal.generation
    journal.restart(EngineState(log=(LogLine(at=1, level="info", text="earlier"),)))
    assert [line.text for line in journal.lines] == ["earlier"]
    assert list(journal.batches(runs.name("orders"))) == []
    assert journal.generation > generation


def test_another_plan_begins_with_an_empty_log_and_another_apply_without_batches() -> None:
    journal = RunJournal()
    journal.note(runs.progressed(records=(runs.record("orders", 0),)))
    journal.note(runs.started())
    assert list(journal.batches(runs.name("orders"))) == []
    assert len(journal.lines) == 1
    journal.note(
        ev.PlanningStarted(run_id="r", environment="dev", request=PlanRequest(), stages=())
    )
    assert list(journal.lines) == []


def test_the_log_has_an_end() -> None:
    journal = RunJournal()
    for at in range(KEPT_LINES + 3):
        journal.note(ev.Logged(at=at, text=""))
    assert len(journal.lines) == KEPT_LINES
    assert journal.told == KEPT_LINES + 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rows": None, "audits_passed": 0}, "3.9s"),
        ({"rows": 1, "audits_passed": 0}, "1 row in 3.9s"),
        (
            {"duration": None, "rows": None, "audits_passed": 0, "audits_failed": 1},
            ", 1 audit failed",
        ),
        ({"duration": None, "rows": None, "audits_passed": 0}, ""),
    ],
)
def test_a_batch_in_words(changed: dict[str, object], words: str) -> None:
    record = runs.record("orders", 0).model_copy(update=changed)
    lead = "shop__dev.orders 2025-10-31 .. 11-29"
    assert batch_words(record) == (f"{lead}: {words}" if words else lead)


@pytest.mark.parametrize("name", ["applied", "failed", "cancelled"])
def test_a_recorded_run_has_as_many_batches_as_its_summary_says(name: str) -> None:
    state, events = load(name)
    journal = RunJournal()
    journal.restart(state)
    for event in events:
        journal.note(event)
    end = events[-1]
    assert isinstance(end, ev.ApplyEnded)
    done = sum(
        batch.duration is not None
        for event in events
        if isinstance(event, ev.ApplyStarted)
        for model in event.apply.models
        for batch in journal.batches(model)
    )
    assert done == end.summary.batches_done
