"""The journal's file: its versions, and how much of it is kept."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from pathlib import Path

import pytest

from plan_tui.contract.history import RunKind
from plan_tui.journal import store
from plan_tui.journal.pruning import Bounds, prune, used_bytes
from plan_tui.journal.reading import read_history, read_run
from plan_tui.journal.schema import MIGRATIONS, migrate, version_of

from .runs import KEY, recorded, telling

LATER = "ALTER TABLE run ADD COLUMN note TEXT;\nUPDATE run SET note = 'old; still here';\n"
BROKEN = "ALTER TABLE run ADD COLUMN one TEXT;\nALTER TABLE nothing ADD COLUMN two TEXT;\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / store.NAME


def columns(connection: sqlite3.Connection) -> list[str]:
    return [row[1] for row in connection.execute("PRAGMA table_info(run)")]


RELEASED = ("8854b71fe9594e94", "be7dfd3d3fab1287", "27281efde471f3e0")
"""Digests of the migrations that files out there have had."""
OLD_RUN = """
INSERT INTO run (id, kind, project, project_name, paths, user, host, process, version, environment,
  started, ended, outcome) VALUES ('0', 'apply', ?, 'shop', '[]', 'ann', 'here', '1', '0', 'prod',
  1, 2, 'succeeded')
"""


def test_what_files_have_had_is_never_changed() -> None:
    """Files of it are out there: what is new is a migration of its own."""
    digests = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in MIGRATIONS]
    assert tuple(digests[: len(RELEASED)]) == RELEASED
    assert len(digests) == len(RELEASED), "add the new one's digest to RELEASED"


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_file_of_each_earlier_version_is_read_and_written(path: Path, version: int) -> None:
    connection = store.open_to_write(path, MIGRATIONS[:version])
    connection.execute(OLD_RUN, (KEY.digest,))
    assert version_of(connection) == version
    connection.close()
    assert recorded(path) == ["0"]
    old = read_run(path, KEY.digest, "0")
    assert old is not None
    assert (old.run.user, old.review, old.request) == ("ann", None, None)
    with telling(path) as told:
        told.run("1")
        assert told.said == []
    assert recorded(path) == ["1", "0"]
    connection = store.open_to_write(path)
    assert version_of(connection) == len(MIGRATIONS)
    connection.close()


def test_an_older_file_is_migrated_with_what_it_has(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    connection = store.open_to_write(path, (*MIGRATIONS, LATER))
    assert version_of(connection) == len(MIGRATIONS) + 1
    assert connection.execute("SELECT id, note FROM run WHERE kind = 'apply'").fetchall() == [
        ("1", "old; still here")
    ]
    migrate(connection, (*MIGRATIONS, LATER))
    connection.close()


def test_a_migration_is_done_whole_or_not_at_all(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    with pytest.raises(sqlite3.OperationalError, match="nothing"):
        store.open_to_write(path, (*MIGRATIONS, BROKEN))
    connection = store.open_to_write(path)
    assert version_of(connection) == len(MIGRATIONS)
    assert "one" not in columns(connection)
    connection.close()
    assert recorded(path) == ["1"]


def test_the_oldest_runs_are_forgotten_by_count(path: Path) -> None:
    with telling(path, Bounds(plans=2, applies=3)) as told:
        for number in range(1, 7):
            told.run(str(number))
    assert recorded(path) == ["6", "5", "4"]
    plans = read_history(path, KEY.digest, (RunKind.PLAN,), 9)
    assert [run.run_id for run in plans.runs] == ["p6", "p5"]
    assert plans.total == 2
    connection = store.open_to_write(path)
    for table in ("model", "stage"):
        left = connection.execute(f"SELECT DISTINCT run FROM {table} ORDER BY 1").fetchall()
        assert left == [("4",), ("5",), ("6",)]
    assert connection.execute("SELECT count(*) FROM batch").fetchone() == (9,)
    connection.close()


def test_the_oldest_runs_are_forgotten_by_bytes(path: Path) -> None:
    most = 1_000_000
    with telling(path, Bounds(bytes=most)) as told:
        for number in range(1, 31):
            told.run(str(number), lines=50)
    kept = recorded(path)
    assert 1 < len(kept) < 30
    assert kept == [str(number) for number in range(30, 30 - len(kept), -1)]
    connection = store.open_to_write(path)
    assert used_bytes(connection) <= most
    connection.close()
    assert path.stat().st_size <= most * 1.2


def test_a_run_that_goes_on_is_not_forgotten(path: Path) -> None:
    with telling(path) as told:
        told.begins("1")
        deadline = time.monotonic() + 30
        while recorded(path) != ["1"]:
            assert time.monotonic() < deadline
        with telling(path, Bounds(applies=1, bytes=1)) as other:
            other.run("2")
            other.run("3")
        told.batch(0)
        told.ends("1")
        assert recorded(path) == ["1"]
        run = read_run(path, KEY.digest, "1")
        assert run is not None
        assert run.run.batches_done == 1


def test_a_long_log_keeps_its_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plan_tui.engine import recording

    monkeypatch.setattr(recording, "KEPT_LINES", 20)
    with telling(path) as told:
        told.run("1", lines=75)
    run = read_run(path, KEY.digest, "1")
    assert run is not None
    assert 20 <= len(run.log) < 40
    assert run.log[-1].text.startswith("line 74 ")


def test_nothing_is_read_of_another_project(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    assert read_history(path, "other", (RunKind.APPLY,), 9).total == 0
    assert read_run(path, "other", "1") is None
    assert read_run(path, KEY.digest, "1%") is None


def test_pruning_nothing_is_nothing(path: Path) -> None:
    connection = store.open_to_write(path)
    assert prune(connection, Bounds(), 0) == 0
    connection.close()
