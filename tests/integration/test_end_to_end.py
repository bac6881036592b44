"""From the environment picker to an applied environment, in a real pseudo-terminal.

What the app says is checked against SQLMesh's own API, which knows nothing of plan_tui.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.engine.projects import Gate, Project, gated_batches

from .conftest import Open
from .terminal import Terminal

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])


def categories(project: Project, environment: str) -> dict[str, str]:
    """The categories of what an environment has, as SQLMesh recorded them."""
    with project.context() as context:
        found = context.state_reader.get_environment(environment)
        assert found is not None
        snapshots = context.state_reader.get_snapshots(found.snapshots)
        return {
            snapshot.name.replace('"', ""): snapshot.change_category.name
            for snapshot in snapshots.values()
        }


def plan_new_environment(terminal: Terminal, name: str) -> None:
    """From the picker to the review of a plan for an environment that is not there yet."""
    terminal.until("data to")
    terminal.press("n")
    terminal.until("Give up")
    terminal.press(name)
    terminal.until(f"▌{name}")
    terminal.press("enter")
    terminal.until(lambda text: f"plan {name}" in text or f"Plan for {name}" in text)
    terminal.press("ctrl+r")
    terminal.until("all categorized")


@SIZES
def test_from_the_picker_to_an_applied_environment(
    open_app: Open, shop: Project, size: tuple[int, int]
) -> None:
    terminal = open_app(size=size)
    plan_new_environment(terminal, "dev")

    # The review: what changed, and a category that is changed.
    terminal.until("raw__dev.events")
    for shown in ("shop__dev.stores", "shop__dev.fresh", "shop__dev.daily", "6 batches"):
        assert shown in terminal.text
    terminal.press("n")
    terminal.until(lambda text: "6 batches" not in text and "all categorized" in text)

    # The run.
    terminal.press("a")
    terminal.until("Apply this plan to dev?")
    terminal.press("enter")
    terminal.until("Applied")
    terminal.until("is up to date")
    terminal.press("q")
    assert terminal.wait() == 0

    assert categories(shop, "dev") == {
        "lake.raw.events": "NON_BREAKING",
        "lake.shop.daily": "INDIRECT_NON_BREAKING",
        "lake.shop.totals": "INDIRECT_NON_BREAKING",
        "lake.shop.stores": "BREAKING",
        "lake.shop.fresh": "BREAKING",
    }
    assert shop.rows("SELECT SUM(amount) FROM raw__dev.events") == [(1200,)]
    assert shop.rows("SELECT name FROM shop__dev.stores") == [("south",)]
    assert shop.rows("SELECT x FROM shop__dev.fresh") == [(7,)]
    with shop.context() as context:
        plan = context.plan_builder("dev").build()
        assert not plan.has_changes
        assert not plan.missing_intervals


def test_prod_is_applied_when_its_name_is_typed(open_app: Open, shop: Project) -> None:
    before = shop.plan_id("prod")
    terminal = open_app("review", "prod")
    terminal.until("all categorized")
    terminal.press("a")
    terminal.until("prod?")
    terminal.press("enter")
    terminal.press("pro")
    terminal.until(lambda text: "pro" in text and "Applied" not in text)
    assert shop.plan_id("prod") == before
    terminal.press("d")
    terminal.until("prod")
    terminal.press("enter")
    terminal.until("Applied")
    terminal.press("q")
    assert terminal.wait() == 0
    assert shop.plan_id("prod") != before
    assert shop.rows("SELECT amount FROM shop.totals") == [(1200,)]


def test_an_apply_outlives_the_terminal_and_is_cancelled_from_another(
    open_app: Open, shop: Project, gate: Gate
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    terminal = open_app("review", "dev")
    terminal.until("all categorized")
    terminal.press("a")
    terminal.until("Apply this plan to dev?")
    terminal.press("enter")
    gate.wait()
    terminal.until("shop__dev.gated")
    # The connection drops.
    terminal.close()

    another = open_app()
    another.until("shop__dev.gated")
    another.press("c")
    another.until("Cancel?")
    another.press("c")
    another.until("ancelling")
    gate.open()
    another.until("Cancelled")
    another.press("q")
    assert another.wait() == 0
    assert shop.plan_id("dev") is None
    with shop.context() as context:
        plan = context.plan_builder("dev").build()
        missing = {each.snapshot_id.name for each in plan.missing_intervals}
    assert '"lake"."shop"."gated"' in missing


def test_an_apply_whose_engine_is_killed_is_resumed_with_one_key(
    open_app: Open, shop: Project, gate: Gate, home: dict[str, str]
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    terminal = open_app("review", "dev")
    terminal.until("all categorized")
    terminal.press("a")
    terminal.until("Apply this plan to dev?")
    terminal.press("enter")
    gate.wait()
    terminal.until("▸ shop__dev.gated")
    (lock,) = Path(home["XDG_RUNTIME_DIR"]).glob("plan-tui/*.lock")
    os.kill(int(lock.read_text()), signal.SIGKILL)
    # What was at work, and one key, at once.
    # The dialog covers the names in the panel below it, and tells their number.
    terminal.until(lambda text: "1 running" in text)
    terminal.until("r Connect again  u Resume")
    gate.open()
    terminal.press("u")
    terminal.until("Apply this plan to dev?")
    terminal.press("enter")
    terminal.until("is up to date")
    terminal.press("q")
    assert terminal.wait() == 0
    assert shop.rows("SELECT COUNT(*) FROM shop__dev.gated") == [(3,)]


def test_a_broken_project_is_shown_and_the_retry_works(open_app: Open, shop: Project) -> None:
    shop.write("macros/bad.py", "\n\ndef broken(:\n")
    terminal = open_app("review", "dev")
    terminal.until(lambda text: "macros/bad.py" in text and "line 3" in text)
    shop.remove("macros/bad.py")
    terminal.until("engine warm")
    terminal.press("ctrl+r")
    terminal.until("all categorized")
    terminal.press("q")
    assert terminal.wait() == 0


def test_a_quick_retry_is_not_lost(open_app: Open, shop: Project) -> None:
    shop.write("macros/bad.py", "\n\ndef broken(:\n")
    terminal = open_app("review", "dev")
    terminal.until("line 3")
    shop.remove("macros/bad.py")
    terminal.press("ctrl+r")
    terminal.until("all categorized")


def test_what_is_typed_ahead_is_not_lost(open_app: Open) -> None:
    terminal = open_app()
    terminal.until("data to")
    terminal.press("ndev2", "enter", "ctrl+r")
    terminal.until("all categorized")
    assert "dev2" in terminal.text
