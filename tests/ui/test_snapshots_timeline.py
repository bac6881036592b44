"""How the timeline looks, at both sizes, on what the real engine said."""

from __future__ import annotations

from functools import partial

import pytest

from plan_tui.ui.screens.timeline import TimelineScreen

from .driving import OpenedApp
from .snapping import SIZES, Compare, driven
from .timeline_samples import fqn, port_with, recorded

pytestmark = pytest.mark.usefixtures("no_rests")


CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "gap": ("timeline", "fragile", ()),
    "effective": ("timeline", "lagged", ("o",)),
    "hours": ("timeline", "clicks", ("plus",) * 7),
    "absurd": ("timeline", "sensors", ("0",)),
    "restated": ("timeline_restated", "lagged", ("o",)),
    "filter": ("timeline", "weekly", ("slash", "w")),
}


@SIZES
@pytest.mark.parametrize("case", CASES)
def test_timeline(snap_compare: Compare, case: str, size: tuple[int, int]) -> None:
    recording, model, keys = CASES[case]
    environment = "dev" if recording == "timeline_restated" else "prod"
    app = OpenedApp(port_with(recorded(recording), environment))
    assert snap_compare(
        app,
        terminal_size=size,
        run_before=driven(app, *keys, page=partial(TimelineScreen, fqn(model))),
    )


def test_no_color(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = OpenedApp(port_with(recorded()))
    assert snap_compare(
        app,
        terminal_size=(120, 40),
        run_before=driven(app, page=partial(TimelineScreen, fqn("lagged"))),
    )
