"""Where the places come from: each is imported when it is first gone to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen


def _setup() -> Screen[Any]:
    from plan_tui.ui.screens.setup import SetupScreen

    return SetupScreen()


def _review() -> Screen[Any]:
    from plan_tui.ui.screens.review import ReviewScreen

    return ReviewScreen()


def _run() -> Screen[Any]:
    from plan_tui.ui.screens.run import RunScreen

    return RunScreen()


def _opening() -> Screen[Any]:
    from plan_tui.ui.screens.opening import OpeningScreen

    return OpeningScreen()


OPENING = "opening"
"""The first paint; nobody goes back to it."""

PLACES: dict[str, str | Callable[[], Screen[Any]]] = {
    OPENING: _opening,
    "setup": _setup,
    "review": _review,
    "run": _run,
}
