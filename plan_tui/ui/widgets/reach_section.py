"""Who is downstream of a change, and who of them reads what changed; pure."""

from __future__ import annotations

from collections.abc import Callable

from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.widgets.lines import Page


def reach_section(page: Page, impact: ModelImpact, known: Callable[[str], bool]) -> None:
    """Adds the reach.

    Args:
        page: The page, which gains a section ``affects``.
        impact: What is known of the change.
        known: Whether the change list has a row of a key.
    """
    reading = sum(1 for each in impact.reach if each.reads is not False)
    words = f"{reading:,} of {count(len(impact.reach), 'model')} below read what changed"
    page.heading("affects", words)
    for each in impact.reach:
        mark = {True: "reads  ", False: "below  ", None: "unknown"}[each.reads]
        opens = each.name if known(each.name) else ""
        path = " → ".join(clean(step) for step in each.path)
        page.add(
            (f"{mark}  ", "muted"), (clean(each.view_name), ""), (f"  {path}", "muted"), opens=opens
        )
