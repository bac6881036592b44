"""The semantic diff in the detail: what a change does, rather than what was typed; pure."""

from __future__ import annotations

from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.text import clean
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page


def semantic_section(page: Page, impact: ModelImpact | None, note: str, width: int) -> None:
    """Adds the semantic diff.

    Args:
        page: The page, which gains a section ``diff``.
        impact: What is known of the change; None while it is computed.
        note: Which views there are.
        width: Cells of a line.
    """
    page.heading("diff", "What changed", note)
    if impact is None:
        page.add(("Computing…", "muted"))
        return
    for change in impact.semantic_diff:
        words = clean(change.kind).replace("_", " ")
        page.add((words, ""), (f"  {clean(change.column)}" if change.column else "", "label"))
        for text, sign, tone in ((change.before, "- ", "removed"), (change.after, "+ ", "added")):
            for line in wrap(clean(text or "", keep_newlines=True), width - 5) if text else ():
                page.add((f"  {sign}{line}", tone))
