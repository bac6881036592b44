"""How the review and the confirmation look, at both sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plan_tui.contract.state import EngineState, RunOutcome, SessionState

from . import broken_samples, impact_samples
from . import review_samples as made
from .driving import OpenedApp
from .fake_port import FakePort
from .snapping import SIZES, Compare, driven
from .test_review import STALE, building, without_changes

pytestmark = pytest.mark.usefixtures("no_rests")


def port_on(state: EngineState) -> FakePort:
    port = made.port_on(state)
    port.looks.update(impact_samples.looks())
    return port


def failed() -> EngineState:
    planning = made.planning(outcome=RunOutcome.FAILED, problem=made.refused())
    return made.reviewing(state=SessionState.IDLE, plan=None, facts=None, planning=planning)


CASES: dict[str, tuple[Callable[[], EngineState], tuple[str, ...]]] = {
    "list": (made.reviewing, ()),
    "detail": (made.reviewing, ("enter",)),
    "full": (made.reviewing, ("f",)),
    "filter": (made.reviewing, ("slash", "o", "r", "d")),
    "marked": (made.reviewing, ("space", "space", "space")),
    "statements": (made.reviewing, ("down", "down", "down", "down", "down", "enter")),
    "stale": (lambda: made.ready(stale=STALE), ()),
    "locked": (lambda: made.reviewing(facts=made.facts(categories_locked="An apply began.")), ()),
    "building": (building, ()),
    "failed": (failed, ()),
    "nothing": (lambda: without_changes(missing=False, new=False), ()),
    "missing": (lambda: without_changes(missing=True, new=False), ()),
    "new": (lambda: without_changes(missing=False, new=True), ()),
    "broken": (broken_samples.around_broken, ()),
    "broken-detail": (broken_samples.around_broken, ("g", "enter")),
    "confirm": (made.ready, ("a",)),
    "prod": (lambda: made.ready(plan=made.plan(environment="prod")), ("a", "p", "r")),
}


@SIZES
@pytest.mark.parametrize("case", CASES)
def test_review(snap_compare: Compare, case: str, size: tuple[int, int]) -> None:
    state, keys = CASES[case]
    app = OpenedApp(port_on(state()))
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys))


def test_light_theme(snap_compare: Compare) -> None:
    app = OpenedApp(port_on(made.reviewing()))
    assert snap_compare(app, terminal_size=(120, 40), run_before=driven(app, "f4"))
