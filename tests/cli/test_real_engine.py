"""The commands with the real engine, SQLMesh and DuckDB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import plan_tui
from plan_tui.contract.locations import ProjectKey, files_of
from tests.engine.conftest import gate
from tests.engine.projects import Gate, gated_file

__all__ = ["gate"]

ROOT = Path(plan_tui.__file__).parent.parent

FILES = {
    "config.yaml": """
model_defaults: {dialect: duckdb, start: 2024-01-01}
gateways: {local: {connection: {type: duckdb, database: warehouse.db}}}
default_gateway: local
""",
    "models/numbers.sql": "MODEL (name shop.numbers, kind FULL); SELECT 1 AS number",
    "models/doubled.sql": "MODEL (name shop.doubled); SELECT number * 2 AS twice FROM shop.numbers",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    yield tmp_path
    run(tmp_path, "engine", "stop")


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "plan_tui", "-p", str(project), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def change(project: Path, query: str) -> None:
    (project / "models/numbers.sql").write_text(
        f"MODEL (name shop.numbers, kind FULL); {query} AS number"
    )


def status(project: Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(run(project, "status", "--json").stdout)
    return answer


def test_a_project_from_nothing_to_applied_twice(project: Path) -> None:
    assert run(project, "plan", "prod", "--detailed-exitcode").returncode == 2
    warm = status(project)
    assert (warm["state"], warm["environment"]) == ("review", "prod")

    applied = run(project, "apply", "prod", "--yes", "--json")
    events = [json.loads(line) for line in applied.stdout.splitlines()]
    assert (applied.returncode, events[-1]["kind"]) == (0, "apply_ended")
    assert events[-1]["summary"]["batches_done"] == events[-1]["summary"]["batches_total"] == 2
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert run(project, "plan", "prod", "--detailed-exitcode").returncode == 0

    change(project, "SELECT CAST('x' AS INT)")
    failed = run(project, "apply", "dev", "--yes")
    assert failed.returncode == 1
    assert "shop__dev.numbers failed" in failed.stdout
    assert "Conversion Error" in failed.stderr

    stopped = run(project, "engine", "stop")
    assert (stopped.returncode, status(project)["engine_pid"]) == (0, None)


def test_an_ephemeral_engine_ends_with_its_command(project: Path) -> None:
    done = run(project, "plan", "dev", "--json", "--ephemeral")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert [model["view_name"] for model in document["changes"]["added"]]
    assert status(project)["engine_pid"] is None


def test_an_ephemeral_engine_leaves_with_a_command_that_is_killed(
    project: Path, gate: Gate
) -> None:
    (project / "models/held.py").write_text(gated_file(gate))
    with subprocess.Popen(
        [sys.executable, "-m", "plan_tui", "-p", str(project), "plan", "dev", "--ephemeral"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    ) as command:
        gate.wait()
        command.kill()
    # What it plans is still held up, and nobody waits for it any more.
    lock = files_of(ProjectKey.of((str(project),))).lock
    subprocess.run(["flock", "-w", "60", str(lock), "true"], check=True)


def test_bad_input_ends_with_3(project: Path) -> None:
    unknown = run(project, "plan", "dev", "-r", "shop.number", "--ephemeral")
    assert unknown.returncode == 3
    assert "shop.numbers" in unknown.stderr


def test_a_broken_project_names_the_file(project: Path) -> None:
    change(project, "SELEKT 1 +")
    broken = run(project, "plan", "dev", "--ephemeral")
    assert broken.returncode == 1
    assert "numbers.sql" in broken.stderr
    assert "is broken" in broken.stdout
    assert "Traceback" not in broken.stderr


def test_dates_are_read_by_an_engine_that_just_started(project: Path) -> None:
    wrong = run(project, "plan", "dev", "--start", "someday", "--ephemeral")
    assert wrong.returncode == 3
    assert "someday" in wrong.stderr
    assert run(project, "plan", "dev", "--start", "1 week ago", "--ephemeral").returncode == 0
