"""How the set-up, the problems and the dialogs look, at both sizes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.state import ProjectState
from plan_tui.ui.preferences import Preferences
from plan_tui.ui.screens.places import OPENING
from plan_tui.ui.screens.setup import SetupScreen

from . import samples
from .driving import OpenedApp, settled, until
from .fake_port import FakePort
from .test_app import BROKEN, applying

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
Compare = Callable[..., bool]


def ready(app: OpenedApp) -> bool:
    """Whether the engine has answered, and the first paint's screen is gone."""
    return app.client_state.connection != "starting" and app.current_mode != OPENING


def driven(
    app: OpenedApp, *keys: str, light: bool = False, to: str | None = None
) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Waits for the engine, then presses keys."""

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: ready(app))
        await settled(pilot)
        if light:
            app.action_switch_theme()
        if to is not None:
            screen = app.screen
            assert isinstance(screen, SetupScreen)
            await until(pilot, lambda: screen.picker.move_to(to))
            await until(pilot, lambda: screen.draft.environment == to)
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        for field in app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
        await settled(pilot)

    return run


@SIZES
def test_environments(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app))


@SIZES
def test_options(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    keys = ("enter", "enter", *"1 week ago", "enter", "down", "down", "down", "enter")
    assert snap_compare(
        app, terminal_size=size, run_before=driven(app, *keys, *"tag:f", "tab", "enter", to="dev")
    )


@SIZES
def test_light_theme(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(
        app, terminal_size=size, run_before=driven(app, "enter", light=True, to="dev")
    )


@SIZES
def test_no_colour(
    snap_compare: Compare,
    port: FakePort,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app, to="dev"))


@SIZES
def test_completions(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    keys = ("enter", "down", "down", "down", "enter", *"+ord", "down")
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys, to="dev"))


@SIZES
def test_new_environment(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app, "n", *"Feat"))


@SIZES
def test_loading(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    loading = samples.info(ProjectState.LOADING)
    port.jump(samples.idle().model_copy(update={"info": loading}))
    preferences = Preferences.in_memory()
    preferences.environments = ("prod", "dev")
    app = OpenedApp(port, preferences=preferences, read_only=True)
    assert snap_compare(app, terminal_size=size, run_before=driven(app))


@SIZES
def test_broken_project(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    broken = samples.info(ProjectState.BROKEN, BROKEN)
    port.jump(samples.idle().model_copy(update={"info": broken}))
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app))


@pytest.mark.parametrize(
    "code",
    [
        ProblemCode.ENGINE_START,
        ProblemCode.LOCKED_DATABASE,
        ProblemCode.MISSING_CREDENTIALS,
        ProblemCode.UNREACHABLE_WAREHOUSE,
        ProblemCode.FAILED_TESTS,
        ProblemCode.DESTRUCTIVE_CHANGE,
    ],
)
def test_problems(snap_compare: Compare, port: FakePort, code: ProblemCode) -> None:
    problem = Problem(
        code=code,
        title="One sentence says what happened.",
        message="Another says why.\nThe warehouse said: no.",
        sql="SELECT 1" if code is ProblemCode.UNREACHABLE_WAREHOUSE else None,
    )
    app = OpenedApp(port)

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: ready(app))
        await settled(pilot)
        app.show_problem(problem)
        await settled(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


@SIZES
def test_help(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app, "question_mark"))


@SIZES
def test_palette(snap_compare: Compare, port: FakePort, size: tuple[int, int]) -> None:
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=size, run_before=driven(app, "ctrl+p"))


def test_leave(snap_compare: Compare, port: FakePort) -> None:
    port.jump(applying())
    app = OpenedApp(port)
    assert snap_compare(app, terminal_size=(80, 24), run_before=driven(app, "f1", "q"))
