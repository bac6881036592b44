"""The apply of a whole project beside ``sqlmesh plan --auto-apply``."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench.big_project import write_project
from tests.bench.commands import plan_tui, report, run, timed


def apply_beside_sqlmesh(models: int, pairs: int = 3) -> None:
    """Deploys new projects, one by each in turn; engines and caches are cold on both sides."""
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(_deployed(models, with_sqlmesh=False))
        theirs.append(_deployed(models, with_sqlmesh=True))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    report(
        f"apply of {models:,} models, sqlmesh plan --auto-apply, ratio",
        f"{statistics.median(ours):.1f} s, {statistics.median(theirs):.1f} s, "
        f"{statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})",
    )


def _deployed(models: int, *, with_sqlmesh: bool) -> float:
    with tempfile.TemporaryDirectory(prefix="plan-tui-bench-") as name:
        root = Path(name)
        write_project(root, models)
        if with_sqlmesh:
            sqlmesh = str(Path(sys.executable).with_name("sqlmesh"))
            command = [sqlmesh, "plan", "prod", "--auto-apply", "--no-prompts"]
        else:
            command = plan_tui(root, "apply", "prod", "--yes", "--ephemeral")
        return timed(lambda: run(command, root))


if __name__ == "__main__":
    apply_beside_sqlmesh(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
