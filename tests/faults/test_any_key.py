"""A monkey at the keyboard: no exception, no dead screen, no apply without its confirmation."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from textual.pilot import Pilot

from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import EngineState
from plan_tui.ui.app import PlanApp
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.review import ReviewScreen
from tests.ui import review_samples as made
from tests.ui import run_samples as runs
from tests.ui.driving import OpenedApp, until
from tests.ui.fake_port import FakePort

KEYS = int(os.environ.get("PLAN_TUI_MONKEY_KEYS", "50"))
"""Keys of each monkey; ``make soak`` presses many more."""
FIRST_SEED = int(os.environ.get("PLAN_TUI_MONKEY_SEED", "0"))
"""Another one presses keys that were never pressed."""
NAMED = (
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "home", "end"),
    *("pageup", "pagedown", "space", "backspace", "delete", "f1", "f2", "f3", "f4", "f5"),
    *("ctrl+r", "ctrl+p", "ctrl+c", "ctrl+d", "ctrl+u", "alt+y", "question_mark", "slash"),
    *("exclamation_mark", "left_square_bracket", "right_square_bracket", "plus", "minus"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABDEGHJKMNORSUVY0123456789"
LIKELY = ("a", "enter", "escape", "t", "s", "w", "D", "d", "b", "n", "j", "k")
"""Keys that lead somewhere, pressed as often as all the others."""


class Held(OpenedApp):
    """An app that notes that it was left, and stays."""

    left = 0

    def exit(self, *args: object, **given: object) -> None:
        self.left += 1


class Port(FakePort):
    """An engine that applies what it is told to, and counts it."""

    async def apply_plan(self, plan_id: str) -> None:
        await super().apply_plan(plan_id)
        self.play(*runs.under_way())

    async def cancel(self, mode: CancelMode = CancelMode.GRACEFUL) -> None:
        await super().cancel(mode)
        self.play(*runs.cancelled())


def port_on(state: EngineState) -> Port:
    known = made.port_on(state)
    return Port(
        state,
        environments=known.answers_environments,
        project=known.answers_project,
        dates=known.dates,
        models=known.models,
    )


def keys_of(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [
        chance.choice(LIKELY if chance.random() < 0.5 else (*NAMED, *LETTERS)) for _ in range(count)
    ]


async def press_all(app: PlanApp, pilot: Pilot[int], seed: int, count: int = KEYS) -> None:
    chance = random.Random(seed)
    for number, key in enumerate(keys_of(seed, count)):
        await pilot.press(key)
        if number % 40 == 39:
            size = (chance.randint(20, 300), chance.randint(5, 100))
            await pilot.resize_terminal(*size)
    assert app._exception is None


async def assert_alive(app: Held, pilot: Pilot[int]) -> None:
    """Every place can still be reached, and the help opens."""
    await pilot.resize_terminal(120, 40)
    for _ in range(8):
        await pilot.press("escape")
    await pilot.press("f1")
    await until(pilot, lambda: app.current_mode == "setup")
    await pilot.press("f2")
    await until(pilot, lambda: app.current_mode == "review")
    await pilot.press("question_mark")
    await until(pilot, lambda: type(app.screen).__name__ == "HelpScreen")


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + 2))
@pytest.mark.parametrize("state", ["reviewing", "ready"])
async def test_any_key_at_any_time(
    state: str, seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Among the keys is one that writes a file.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ReviewScreen, "REST", 0)
    confirmed: list[object] = []
    apply = ConfirmScreen.action_apply

    def confirm(screen: ConfirmScreen) -> None:
        confirmed.append(screen)
        apply(screen)

    monkeypatch.setattr(ConfirmScreen, "action_apply", confirm)
    port = port_on(made.reviewing() if state == "reviewing" else made.ready())
    app = Held(port)
    async with app.run_test(size=(120, 40), message_hook=app.hear, notifications=True) as pilot:
        await until(pilot, lambda: app.client_state.connection == "connected")
        await press_all(app, pilot, seed)
        await assert_alive(app, pilot)
        OpenedApp.exit(app)
    assert len(port.called("apply_plan")) <= len(confirmed)
