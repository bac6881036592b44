"""What grows with use is bounded: the log, memory, open files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plan_tui.contract.state import RunOutcome
from plan_tui.engine import log_file
from tests.soaking import trials

from .conftest import Start
from .projects import Project

MEGABYTE = 1024 * 1024
PLANS = len(trials(range(10), range(1_000)))


def test_a_log_of_a_gigabyte_keeps_its_end(tmp_path: Path) -> None:
    log = tmp_path / "e.log"
    writer = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.truncate(log, 1024 * MEGABYTE)
    os.write(writer, b"\nthe last line\n")
    log_file.shorten(log, log_file.KEPT)
    # Whoever writes goes on behind what was kept.
    os.write(writer, b"the next line\n")
    os.close(writer)
    assert log.stat().st_size <= log_file.KEPT + 100
    assert log.read_bytes().endswith(b"the last line\nthe next line\n")


def test_a_log_that_is_not_large_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "e.log"
    log.write_text("line\n" * 1000)
    log_file.shorten(log, log_file.KEPT)
    assert log.read_text() == "line\n" * 1000
    log_file.shorten(tmp_path / "nothing", log_file.KEPT)


def resident(pid: int) -> float:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


@pytest.mark.timeout(3_600)
def test_plans_in_a_row_take_no_more_memory_and_files(start_engine: Start, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine = start_engine(shop)
    pid = engine.process.pid
    memory: list[float] = []
    files: list[int] = []
    for _ in range(5 + PLANS):
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        memory.append(resident(pid))
        files.append(len(os.listdir(f"/proc/{pid}/fd")))
    sys.stdout.write(
        f"MB and open files after each plan: {list(zip(memory, files, strict=True))}\n"
    )
    third = PLANS // 3
    # What plans leave is collected after some of them; until then there is more of it.
    assert max(memory[-third:]) < 1.1 * max(memory[5 : 5 + third]) + 5
    assert max(files[5:]) <= max(files[:5]) + 5
