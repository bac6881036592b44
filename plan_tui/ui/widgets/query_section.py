"""A model's query on its page, or why there is none; pure."""

from __future__ import annotations

from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.text import clean
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.diff_view import code_parts
from plan_tui.ui.widgets.lines import Page


def query_section(
    page: Page, detail: ModelDetail, width: int, note: str, section: str = "diff"
) -> None:
    """Adds the rendered query.

    Args:
        page: The page.
        detail: What the engine says of the model.
        width: Cells of a line; longer ones go on below.
        note: What stands beside the heading.
        section: The section that it is.
    """
    page.heading(section, "Query", note)
    if not detail.sql.strip():
        missing_words(page, detail, "There is no query to show.", width)
    muted(page, clean(detail.sql_note), width)
    page.extend(code_parts(clean(detail.sql, keep_newlines=True).strip("\n"), width))


def missing_words(page: Page, detail: ModelDetail, otherwise: str, width: int) -> None:
    """Says why something can't be rendered, or else what there is to say."""
    words = clean(detail.render_problem, keep_newlines=True)
    muted(page, words or otherwise, width, "warn" if words else "muted")


def muted(page: Page, words: str, width: int, tone: str = "muted") -> None:
    """Adds words that are no code, in as many lines as they need."""
    for line in wrap(words, width - 1) if words else ():
        page.add((line, tone))
