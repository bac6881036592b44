"""How the dangers look at both sizes, with the time stopped."""

from __future__ import annotations

from .driving import OpenedApp
from .snapping import SIZES, Compare, driven
from .test_dangers import port_on, state


@SIZES
def test_the_page_with_the_first_one_opened(size: tuple[int, int], snap_compare: Compare) -> None:
    app = OpenedApp(port_on(state()))
    steps = driven(app, "exclamation_mark", "g", "enter")
    assert snap_compare(app, terminal_size=size, run_before=steps)
