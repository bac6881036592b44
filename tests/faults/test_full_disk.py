"""Every disk that plan_tui itself writes to is full: an apply is done all the same, and says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from plan_tui.contract.state import ModelStatus, RunOutcome
from tests.engine.conftest import shop, template
from tests.engine.hosting import EngineProcess
from tests.engine.projects import Project
from tests.faults.test_odd_surroundings import run
from tests.integration.conftest import home
from tests.soaking import long

__all__ = ["home", "shop", "template"]

LOUD = """\
import sys
import pandas as pd
from sqlmesh import model


@model("shop.loud", kind="FULL", columns={"x": "int"})
def execute(context, start, end, execution_time, **kwargs):
    print("s\\u03bfuth " * 10_000)
    sys.stderr.write("to the other one, too\\n" * 1_000)
    sys.stdout.flush()
    return pd.DataFrame({"x": [1]})
"""
"""Prints more than a buffer holds, and what a locale without UTF-8 has no letter for."""


class FullLog(EngineProcess):
    """A real engine whose output goes to a device that takes nothing."""

    def __init__(self, project: Project, directory: Path) -> None:
        for name in ("e.log", "stdout"):
            (directory / name).symlink_to("/dev/full")
        super().__init__(project, directory)

    @property
    def log_text(self) -> str:
        return "(its log is full)"


def test_a_model_that_prints_to_a_full_disk_is_done(shop: Project, runtime: Path) -> None:
    shop.write("models/loud.py", LOUD)
    engine = FullLog(shop, runtime)
    try:
        engine.wait_for_socket()
        assert engine.plan().outcome is RunOutcome.SUCCEEDED
        applied = engine.apply()
        assert applied.outcome is RunOutcome.SUCCEEDED
        loud = next(each for each in applied.apply.models.values() if "loud" in each.view_name)
        assert loud.status is ModelStatus.DONE
        engine.post("/api/stop")
        assert engine.process.wait(30) == 0
    finally:
        engine.end()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system without a free byte, on which files can be made, though."""
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, check=False, timeout=20)
    if done.returncode:
        pytest.skip("nobody here may mount a file system")
    try:
        with (place / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"x" * 512):
                pass
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=20)


@long
def test_sockets_log_journal_and_preferences_on_a_full_disk(
    shop: Project, home: dict[str, str], full: Path
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    with pytest.raises(OSError, match="No space"):
        (full / "more").write_text("x")
    places = {"XDG_RUNTIME_DIR": str(full), "XDG_STATE_HOME": str(full), "HOME": str(full)}
    surroundings = {**home, **places}
    try:
        done = run(shop, surroundings, "apply", "dev", "--yes")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert "history may miss" in done.stdout + done.stderr
        assert shop.rows("SELECT name FROM shop__dev.stores") == [("south",)]
        told = run(shop, surroundings, "history")
        assert "Traceback" not in told.stderr
        (full / "filler").unlink()
        shop.edit("models/stores.sql", "'south'", "'west'")
        assert run(shop, surroundings, "apply", "dev", "--yes").returncode == 0
        told = run(shop, surroundings, "history")
        assert told.stdout.count("dev") >= 2, told.stdout
    finally:
        run(shop, surroundings, "engine", "stop")
