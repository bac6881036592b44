"""How the data diff looks before and after it was asked for, at both sizes."""

from __future__ import annotations

from functools import partial

import pytest

from plan_tui.ui.screens.data_diff import DataDiffScreen

from . import data_diff_samples as made
from .driving import OpenedApp
from .snapping import SIZES, Compare, driven

pytestmark = pytest.mark.usefixtures("no_rests")


@SIZES
@pytest.mark.parametrize("keys", [(), ("r",), ("w", "x")], ids=["offer", "found", "typed"])
def test_data_diff(snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    app = OpenedApp(made.port_with(made.offer()))
    page = partial(DataDiffScreen, made.NAME)
    assert snap_compare(app, terminal_size=size, run_before=driven(app, *keys, page=page))
