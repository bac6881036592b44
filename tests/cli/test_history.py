"""``plan-tui history``, on a journal and without an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from journal.runs import Telling

from plan_tui.cli import cli
from plan_tui.contract.history import History, RecordedDetail
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import RunOutcome
from plan_tui.journal.store import journal_path

Run = Callable[..., Result]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Telling:
    """A journal of this test's own, to be closed before it is read."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "shop").mkdir()
    return Telling(journal_path(), key=ProjectKey.of((str(tmp_path / "shop"),)))


@pytest.fixture
def history(told: Telling) -> Run:
    def run(*arguments: str) -> Result:
        told.journal.close()
        paths = ("-p", told.key.paths[0])
        return CliRunner().invoke(cli, [*paths, "history", *arguments], standalone_mode=True)

    return run


def test_it_lists_the_newest_first(told: Telling, history: Run) -> None:
    told.run("1")
    told.begins("2")
    told.ends("2", RunOutcome.CANCELLED)
    done = history()
    assert done.exit_code == 0
    first, second = done.output.splitlines()
    assert first.split()[0] == "2"
    assert "cancelled" in first
    assert "not promoted" in first
    assert second.split()[0] == "1"
    assert "3 of 3 batches" in second


def test_a_limit_says_what_it_leaves_out(told: Telling, history: Run) -> None:
    for number in range(1, 6):
        told.run(str(number))
    done = history("--limit", "2")
    assert done.output.splitlines()[-1] == "3 older runs not shown; see --limit."


def test_plans_are_listed_when_they_are_asked_for(told: Telling, history: Run) -> None:
    told.run("1")
    assert "plan" not in history().output
    assert "p1" in history("--plans").output


def test_json_is_the_contract(told: Telling, history: Run) -> None:
    told.run("1")
    found = History.model_validate(json.loads(history("--json").output), strict=False)
    assert [run.run_id for run in found.runs] == ["1"]
    assert found.total == 1
    detail = RecordedDetail.model_validate(json.loads(history("1", "--json").output))
    assert detail.run == found.runs[0]
    assert [batch.index for batch in detail.batches] == [0, 1, 2]


def test_one_run_is_printed_whole(told: Telling, history: Run) -> None:
    told.run("1", lines=1)
    output = history("1").output
    assert output.startswith("apply of dev: succeeded\n")
    assert "shop.orders" in output
    assert "line 0" in output


def test_a_run_that_is_not_there(told: Telling, history: Run) -> None:
    told.run("1")
    done = history("nine")
    assert done.exit_code == 3
    assert "The history of this project has no run nine." in done.output


def test_nothing_was_recorded_yet(history: Run) -> None:
    done = history()
    assert done.exit_code == 0
    assert "Nothing was recorded of this project yet" in done.output
    assert json.loads(history("--json").output)["runs"] == []


def test_a_damaged_journal_says_what_to_do(told: Telling, history: Run) -> None:
    told.run("1")
    told.journal.close()
    journal_path().write_bytes(b"this is no database " * 500)
    done = history()
    assert done.exit_code == 1
    assert "The history can't be read." in done.output
    assert "sets the damaged file aside" in done.output
