"""Saved plans with the real engine, SQLMesh and DuckDB."""

from __future__ import annotations

import json
from pathlib import Path

from plan_tui.client.saved import read_plan
from tests.cli.test_real_engine import change, project, run

__all__ = ["project"]

PINNED = ("--execution-time", "2024-02-01")


def test_a_saved_plan_is_applied_only_while_it_is_the_same(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert run(project, "apply", "prod", "--yes", *PINNED).returncode == 0
    change(project, "SELECT 2")
    check_inspect(project)
    saved = run(
        project, "plan", "dev", *PINNED, "--no-auto-categorization",
        "--category", "shop.numbers=NON_BREAKING", "--out", str(file),
    )  # fmt: skip
    assert saved.returncode == 0, saved.stderr
    kept = read_plan(file)
    assert {detail.model.view_name for detail in kept.details.values()} == {
        "shop__dev.numbers", "shop__dev.doubled",
    }  # fmt: skip
    assert set(kept.labels.models) == set(kept.details)
    assert len(kept.looks["impact"]) == 2

    change(project, "SELECT 3")
    refused = run(project, "apply", str(file), "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "definition of shop__dev.numbers" in refused.stderr
    assert "follow what is above them: shop__dev.doubled" in refused.stderr
    lines = [line.strip() for line in refused.stderr.splitlines()]
    assert [line for line in lines if line[:1] in "+-" and line] == [
        "-  2 AS number;", "+  3 AS number;",
    ]  # fmt: skip

    change(project, "SELECT 2")
    applied = run(project, "apply", str(file), "--yes")
    assert applied.returncode == 0, applied.stderr
    assert "Applied: dev" in applied.stdout

    again = run(project, "apply", str(file), "--yes")
    assert again.returncode == 1
    assert "environment: dev was new, and exists now" in again.stderr


def check_inspect(project: Path) -> None:
    """One change of the plan, by itself and in the comment."""
    done = run(project, "inspect", "dev", "shop.numbers", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["view_name"] == "shop__dev.numbers"
    assert "SELECT\n  2 AS" in document["sql"]["rendered"]
    unknown = run(project, "inspect", "dev", "shop.number")
    assert unknown.returncode == 3
    assert "shop.numbers" in unknown.stderr
    markdown = run(project, "plan", "dev", "--format", "markdown")
    assert markdown.stdout.startswith("## SQLMesh plan for `dev`")
    assert "`shop__dev.numbers` modified" in markdown.stdout
