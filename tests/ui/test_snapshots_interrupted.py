"""How an interrupted apply looks at both sizes, with the time stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.ui.screens.run import RunScreen

from . import interrupted_samples as left
from . import run_samples as runs
from . import samples
from .driving import OpenedApp, settled, until
from .fake_port import FakePort

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


@SIZES
@pytest.mark.parametrize(
    "run", [left.INTERRUPTED, left.RISKY, left.FINALIZED], ids=["left", "risky", "finalized"]
)
def test_picker(snap_compare: Compare, size: tuple[int, int], run: InterruptedRun) -> None:
    state = samples.idle().model_copy(update={"interrupted": (run,)})
    app = OpenedApp(FakePort(state, environments=samples.environments(), project=samples.project()))
    assert snap_compare(app, terminal_size=size, run_before=settled)


@SIZES
def test_lost(snap_compare: Compare, size: tuple[int, int]) -> None:
    port = FakePort(samples.idle(), environments=samples.environments())
    port.runs = [left.recorded()]
    app = OpenedApp(port)

    async def lose(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.client_state.connection == "connected")
        port.play(*runs.under_way())
        await until(pilot, lambda: app.current_mode == "run")
        port.lose()
        await until(pilot, lambda: app.engine_side.interrupted is not None)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=lose)
