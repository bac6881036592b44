"""The columns of a model that come, go or change their type; pure."""

from __future__ import annotations

from rich.cells import cell_len

from plan_tui.contract.lookup import Column, ModelDetail
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ARROW
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page, Part

_INDENT = 4
_AROUND = 7
"""Cells of sign, gap and arrow."""


def columns_section(page: Page, detail: ModelDetail, width: int) -> None:
    """Adds the columns that differ, and how many do not.

    Args:
        page: The page, which gains a section ``columns`` where there is something to say.
        detail: What the engine says of the model.
        width: Cells of a line; types that are longer stand below the name.
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
        _column(page, column, room, width)


def _column(page: Page, column: Column, room: int, width: int) -> None:
    name = clean(column.name).ljust(room)
    before, after = clean(column.before or ""), clean(column.after or "")
    sign, tone = ("+ ", "added") if column.before is None else ("- ", "removed")
    if column.before is not None and column.after is not None:
        sign, tone = "~ ", "warn"
    if cell_len(f"{name}{before}{after}") + _AROUND > width:
        _below(page, (sign, tone), name.rstrip(), before, after, width)
    elif sign != "~ ":
        page.add((sign, tone), (f"{name}  {before}{after}", tone))
    else:
        arrow = (f" {ARROW} ", "muted")
        page.add((sign, tone), (f"{name}  ", ""), (before, "removed"), arrow, (after, "added"))


def _below(page: Page, sign: Part, name: str, before: str, after: str, width: int) -> None:
    """A column of a long type: each side below the name, in as many lines as it needs."""
    page.add(sign, (name, "" if before and after else sign[1]))
    for text, tone, lead in (
        (before, "removed", " " * _INDENT),
        (after, "added", f"{ARROW} ".rjust(_INDENT) if before else " " * _INDENT),
    ):
        for line in wrap(text, width - _INDENT - 1) if text else ():
            page.add((lead, "muted"), (line, tone))
            lead = " " * _INDENT
