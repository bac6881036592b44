"""Why a model changed, why it has its category, and what each choice costs; pure."""

from __future__ import annotations

from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.text import clean
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page


def choice_section(page: Page, impact: ModelImpact, width: int) -> None:
    """Adds what a reviewer needs to choose a category.

    Args:
        page: The page, which gains a section ``choice``.
        impact: What is known of the change.
        width: Cells of a line.
    """
    page.heading("choice", "Why")
    for words in (impact.why_changed, impact.category.reason):
        for line in wrap(clean(words), width - 1) if words else ():
            page.add((line, ""))
    for category, cost in impact.what_if.items():
        words = f"{cost.models:,} models, {cost.intervals:,} intervals, {cost.batches:,} batches"
        page.add((f"{category.value}  ", "label"), (words, ""))
