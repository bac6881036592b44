"""How the steps and the SQL of one look, at both sizes."""

from __future__ import annotations

from functools import partial

import pytest

from plan_tui.ui.screens.steps import StepsScreen

from . import steps_samples as made
from .driving import OpenedApp
from .snapping import SIZES, Compare, driven

pytestmark = pytest.mark.usefixtures("no_rests")


@SIZES
@pytest.mark.parametrize("keys", [(), ("enter",), ("slash", "d")], ids=["steps", "sql", "filter"])
def test_steps(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    app = OpenedApp(made.port_with(made.steps()))
    page = partial(StepsScreen, made.fqn("orders"))
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys, page=page))
