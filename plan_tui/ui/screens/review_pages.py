"""The pages that open over the review, imported with the first look at each."""

from __future__ import annotations

import importlib
from typing import cast

from textual.screen import Screen

PAGES: dict[str, str] = {
    "data_diff": "plan_tui.ui.screens.data_diff:DataDiffScreen",
    "steps": "plan_tui.ui.screens.steps:StepsScreen",
    "dangers": "plan_tui.ui.screens.dangers:DangersScreen",
    "timeline": "plan_tui.ui.screens.timeline:TimelineScreen",
}
"""Where the screen of each page is; it is made with the snapshot name under the cursor, or ""."""


def review_page(name: str, model: str) -> Screen[None]:
    """Makes a page.

    Args:
        name: The page's name in ``PAGES``.
        model: The snapshot name of the model under the cursor, or nothing.
    """
    module, _, kind = PAGES[name].partition(":")
    return cast("Screen[None]", getattr(importlib.import_module(module), kind)(model))
