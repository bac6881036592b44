"""Whatever is wrong with the journal's file, the work goes on and the user is told once."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from plan_tui.contract.history import RunKind
from plan_tui.contract.locations import ProjectKey
from plan_tui.contract.state import RunOutcome
from plan_tui.engine import journal as engine_journal
from plan_tui.journal import store
from plan_tui.journal.reading import read_history, read_run
from plan_tui.journal.schema import MIGRATIONS, version_of

from .runs import KEY, Telling, recorded, telling

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / store.NAME


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked file is given up at once, so that no test waits."""
    monkeypatch.setattr(store, "PATIENCE", 0.05)


def aside(path: Path) -> list[Path]:
    return sorted(
        each for each in path.parent.glob("*.corrupt-*") if not each.name.endswith(("-wal", "-shm"))
    )


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"this is no database " * 500, id="other"),
        pytest.param(lambda content: content[:100] + os.urandom(len(content) - 100), id="garbage"),
        pytest.param(lambda content: content[: len(content) // 2], id="cut"),
    ],
)
def test_a_damaged_file_is_set_aside_and_said_so(path: Path, damage: object) -> None:
    with telling(path) as told:
        told.run("1")
    content = path.read_bytes()
    assert len(content) > 8_192
    path.write_bytes(damage(content))  # type: ignore[operator]
    with telling(path) as told:
        told.run("2")
        told.run("3")
        assert recorded(path) == ["3", "2"]
    (said,) = told.said
    assert "damaged" in said
    (moved,) = aside(path)
    assert str(moved) in said
    assert moved.read_bytes()[:100] == damage(content)[:100]  # type: ignore[operator]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_damaged_between_two_applies(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
        # What the writer had still at hand would mend the file unseen.
        told.journal.settle()
        path.write_bytes(b"this is no database " * 500)
        told.run("2")
        run = read_run(path, KEY.digest, "2")
    assert len(told.said) == 1
    assert run is not None
    assert run.run.outcome is RunOutcome.SUCCEEDED


def test_few_damaged_files_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        monkeypatch.setattr(store.time, "strftime", lambda *_, number=number: f"2026-{number}")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"this is no database " * 500)
        with telling(path) as told:
            told.run("1")
    assert [each.name for each in aside(path)] == [
        "journal.db.corrupt-2026-3",
        "journal.db.corrupt-2026-4",
    ]


def test_a_full_disk_is_said_once_and_the_rest_is_recorded_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = store.open_to_write
    full = True

    def small(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        if full:
            connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(engine_journal, "open_to_write", small)
    with telling(path) as told:
        told.run("1", lines=50)
        told.run("2", lines=50)
        runs = read_history(path, KEY.digest, (RunKind.APPLY,), 9).runs
        assert [run.outcome for run in runs] in ([], [None])
        full = False
        told.run("3")
        runs = read_history(path, KEY.digest, (RunKind.APPLY,), 9).runs
        assert [run.run_id for run in runs] == ["3", "2", "1"]
        assert {(run.outcome, run.batches_done) for run in runs} == {(RunOutcome.SUCCEEDED, 3)}
    (said,) = told.said
    assert "full" in said


def test_what_can_not_be_written_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plan_tui.engine import recording

    monkeypatch.setattr(recording, "MOST_PENDING", 100)
    path.parent.mkdir()
    path.mkdir()
    with telling(path) as told:
        for number in range(1, 40):
            told.run(str(number), lines=10)
        assert len(told.journal._recorder.pending) <= 100
        path.rmdir()
        told.run("40")
        assert recorded(path)[0] == "40"


def test_a_locked_file_is_written_once_it_is_free(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        told.run("2")
        assert recorded(path) == ["1"]
        other.execute("ROLLBACK")
        other.close()
        told.run("3")
        assert recorded(path) == ["3", "2", "1"]
    (said,) = told.said
    assert "locked" in said


def test_a_home_that_can_not_be_written_to(tmp_path: Path) -> None:
    """A file stands where the directory should be: that stops root as well."""
    (tmp_path / "home").write_text("")
    path = tmp_path / "home" / "plan-tui" / store.NAME
    with telling(path) as told:
        told.run("1")
        told.run("2")
        assert told.log.state.apply is not None
        assert told.log.state.apply.outcome is RunOutcome.SUCCEEDED
    assert len(told.said) == 1


def test_a_newer_file_is_left_alone(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with telling(path) as told:
        told.run("2")
    (said,) = told.said
    assert "newer plan_tui" in said
    assert path.read_bytes() == before
    assert aside(path) == []
    with pytest.raises(store.JournalError, match="newer plan_tui"):
        recorded(path)


@pytest.mark.parametrize("place", ["file", "directory"])
def test_a_link_is_not_followed(path: Path, tmp_path: Path, place: str) -> None:
    target = tmp_path / "elsewhere"
    if place == "directory":
        target.mkdir()
        path.parent.symlink_to(target)
    else:
        path.parent.mkdir()
        path.symlink_to(target)
    with telling(path) as told:
        told.run("1")
    assert len(told.said) == 1
    assert not target.is_file()
    assert not target.is_dir() or list(target.iterdir()) == []


def test_a_file_that_others_can_read_is_closed_to_them(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    path.chmod(0o644)
    path.parent.chmod(0o755)
    with telling(path) as told:
        told.run("2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_journal_in_a_directory_that_can_not_be_written_to_is_read(path: Path) -> None:
    with telling(path) as told:
        told.run("1")
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert recorded(path) == ["1"]
    finally:
        path.parent.chmod(0o700)


def test_an_event_that_makes_no_sense_is_left_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with telling(path) as told:
        monkeypatch.setattr(told.journal._recorder, "_progressed", lambda event: 1 / 0)
        told.run("1")
        assert recorded(path) == ["1"]


WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from plan_tui.contract.locations import ProjectKey
    from tests.journal.runs import telling

    with telling(Path(sys.argv[1]), key=ProjectKey((sys.argv[2],))) as told:
        for number in range(25):
            told.run(f"{int(sys.argv[3]) + number}", lines=5)
        assert told.said == [], told.said
    """
)


def test_engines_that_write_at_once_lose_nothing(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), project, first], cwd=ROOT)
        for project, first in (("/a", "100"), ("/b", "200"), ("/c", "300"))
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    for project in ("/a", "/b", "/c"):
        assert len(recorded(path, ProjectKey((project,)))) == 25
    connection = store.open_to_write(path)
    store.check(connection)
    assert version_of(connection) == len(MIGRATIONS)
    connection.close()


def test_a_killed_engine_leaves_a_run_of_which_the_end_is_unknown(path: Path) -> None:
    code = WRITER.partition("with")[0] + textwrap.dedent(
        """
        import os, signal
        from tests.journal.runs import Telling
        told = Telling(Path(sys.argv[1]), key=ProjectKey((sys.argv[2],)))
        told.begins("1")
        told.batch(0)
        told.journal.close()
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(path), "/a"], cwd=ROOT, timeout=60, check=False
    )
    assert killed.returncode == -9
    (run,) = read_history(path, ProjectKey(("/a",)).digest, (RunKind.APPLY,), 9).runs
    assert (run.outcome, run.running, run.ended) == (None, False, None)
    assert run.batches_done == 1


def test_a_run_of_a_living_engine_runs(path: Path) -> None:
    told = Telling(path)
    told.begins("1")
    told.journal.close()
    (run,) = read_history(path, KEY.digest, (RunKind.APPLY,), 9).runs
    assert (run.outcome, run.running) == (None, True)


def test_a_run_is_kept_that_outgrew_what_may_wait(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plan_tui.engine import recording

    monkeypatch.setattr(recording, "MOST_PENDING", 100)
    path.parent.mkdir()
    path.mkdir()
    with telling(path) as told:
        told.run("1", lines=150)
        path.rmdir()
        told.run("2")
        assert recorded(path) == ["2", "1"]
    connection = sqlite3.connect(path)
    said = connection.execute("SELECT count(*) FROM log WHERE text = ?", (recording.DROPPED,))
    assert said.fetchone() == (1,)
    connection.close()
