"""The first paint: quick, and without what takes its time to import."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("pydantic", "httpx", "pendulum", "sqlmesh", "sqlglot", "fastapi")


def test_the_first_paint_waits_for_nothing_slow() -> None:
    code = (
        "import sys, plan_tui.ui.app, plan_tui.ui.lazy_port, plan_tui.ui.screens.opening;"
        f"print([name for name in {SLOW!r} if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "[]"
