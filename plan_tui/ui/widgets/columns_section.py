"""The columns of a model that come, go or change their type; pure."""

from __future__ import annotations

from plan_tui.contract.lookup import Column, ModelDetail
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ARROW
from plan_tui.ui.widgets.lines import Page


def columns_section(page: Page, detail: ModelDetail) -> None:
    """Adds the columns that differ, and how many do not.

    Args:
        page: The page, which gains a section ``columns`` where there is something to say.
        detail: What the engine says of the model.
    """
    changed = [column for column in detail.columns if column.before != column.after]
    same = len(detail.columns) - len(changed)
    if not detail.columns or (not changed and detail.change != "direct"):
        return
    note = f"{count(same, 'column')} unchanged" if same else ""
    words = f"Columns {len(changed):,} changed" if changed else "Columns as before"
    if detail.change == "removed":
        words, note = f"Columns {len(changed):,}", "as they were"
    page.heading("columns", words, note)
    room = max((len(clean(column.name)) for column in changed), default=0)
    for column in changed:
        _column(page, column, room)


def _column(page: Page, column: Column, room: int) -> None:
    name = clean(column.name).ljust(room)
    before, after = clean(column.before or ""), clean(column.after or "")
    if column.before is None:
        page.add(("+ ", "added"), (f"{name}  {after}", "added"))
    elif column.after is None:
        page.add(("- ", "removed"), (f"{name}  {before}", "removed"))
    else:
        page.add(
            ("~ ", "warn"),
            (f"{name}  ", ""),
            (before, "removed"),
            (f" {ARROW} ", "muted"),
            (after, "added"),
        )
