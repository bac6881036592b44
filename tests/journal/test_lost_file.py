"""The journal's file is lost while a run goes on: the run is written anew, from its begin."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.history import RecordedDetail, RecordedDiffs
from plan_tui.contract.state import RunOutcome
from plan_tui.engine import run_record
from plan_tui.journal import statements, store
from plan_tui.journal.reading import read_run
from plan_tui.journal.statements import Statement

from .runs import KEY, Telling, recorded, telling


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / store.NAME


def _overwritten(path: Path) -> None:
    for each in (path, path.with_name(f"{store.NAME}-wal")):
        if each.exists():
            each.write_bytes(b"this is no database " * 5_000)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _removed(path: Path) -> None:
    shutil.rmtree(path.parent)


def _moved_aside(path: Path) -> None:
    """As another engine does that finds it damaged, and makes a new one."""
    path.rename(path.with_name("journal.db.corrupt-1"))
    with telling(path) as other:
        other.run("7")


def _put_back(path: Path) -> None:
    """A copy of a minute ago, which has the run, but not all of it."""
    connection = sqlite3.connect(path)
    connection.execute(f"VACUUM INTO '{path}.copy'")
    connection.execute("DELETE FROM batch")
    connection.close()
    for side in ("-wal", "-shm"):
        Path(f"{path}{side}").unlink(missing_ok=True)
    Path(f"{path}.copy").replace(path)


def _emptied(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("DELETE FROM run")
    connection.close()


LOSSES = (_overwritten, _cut, _removed, _moved_aside, _put_back, _emptied)


@pytest.mark.parametrize("at_rest", [False, True], ids=["at_work", "at_rest"])
@pytest.mark.parametrize("lose", LOSSES, ids=lambda each: each.__name__[1:])
def test_a_file_that_is_lost_in_an_apply(
    lose: Callable[[Path], None], at_rest: bool, path: Path
) -> None:
    """Between two writes the writer has the file open; after a failure it has let it go."""
    with telling(path) as told:
        told.run("1", lines=30)
        told.begins("5")
        told.log.emit(ev.Logged(text="before"))
        told.batch(0)
        told.journal.settle()
        if at_rest:
            told.journal.note(lambda recorder: told.journal._let_go())
        lose(path)
        told.batch(1)
        told.log.emit(ev.Logged(text="after"))
        told.journal.settle()
        told.batch(2)
        told.ends("5")
        found = _found(path, "5")
    assert (found.run.outcome, found.run.batches_done) == (RunOutcome.SUCCEEDED, 3)
    assert [batch.index for batch in found.batches] == [0, 1, 2]
    assert [line.text for line in found.log][:2] == ["before", "after"]
    assert [stage.name.value for stage in found.stages] == ["backfill"]
    assert found.run.summary is not None
    (said,) = told.said
    assert "recorded anew" in said
    assert str(path) in said


def _found(path: Path, run: str) -> RecordedDetail:
    found = read_run(path, KEY.digest, run)
    assert found is not None
    return found


def test_the_reviewed_diffs_are_there_again(path: Path) -> None:
    """They stood in the file with the plan, which is gone."""
    diffs = RecordedDiffs(diffs={"a": "+b"})
    with telling(path) as told:
        told.begins("5")
        told.journal.note(lambda recorder: recorder.note_diffs("5", diffs))
        _removed(path)
        told.ends("5")
        connection = sqlite3.connect(path)
        kept = connection.execute("SELECT diffs IS NULL FROM run WHERE id = '5'").fetchall()
        connection.close()
    assert kept == [(0,)]


def test_what_is_kept_at_hand_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_record, "MOST_BATCHES", 2)
    with telling(path) as told:
        told.begins("5")
        for index in range(3):
            told.batch(index)
        told.journal.settle()
        _removed(path)
        told.ends("5")
        found = _found(path, "5")
    assert [batch.index for batch in found.batches] == [1, 2]
    (line,) = found.log[:1]
    assert "1 oldest batches of this run are missing" in line.text


def test_a_run_that_has_ended_is_not_kept(path: Path) -> None:
    told = Telling(path)
    told.run("5")
    told.journal.settle()
    assert told.journal._recorder._records == {}
    told.journal.close()


def test_rows_that_the_tables_refuse_are_left_out(path: Path) -> None:
    stray = Statement("9", statements.STAGE, ("9", "backfill", "9", "{}"))
    with telling(path) as told:
        told.begins("5")
        told.journal.note(lambda recorder: recorder.pending.append(stray))
        told.batch(0)
        told.ends("5")
        told.run("6")
        assert recorded(path) == ["6", "5"]
        assert _found(path, "5").run.batches_done == 1
    assert told.said == []
