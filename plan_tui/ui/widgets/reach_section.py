"""Who is downstream of a change, and who of them reads what changed, by which way; pure."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from plan_tui.contract.impact import ModelImpact, Reached
from plan_tui.contract.text import clean
from plan_tui.contract.words import reach_words
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ARROW, OPEN, WAITING
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.names import fit_name

READS = "r"
_MARKS: dict[bool | None, tuple[str, str]] = {
    True: (READS, "warn"),
    None: (OPEN, "warn"),
    False: (WAITING, "muted"),
}
_GROUPS: dict[bool | None, str] = {
    None: "Unknown, counted as read",
    False: "Only hang below, read nothing of what changed",
}
_INDENT = 2
_DEEPER = 6


def reach_section(
    page: Page, impact: ModelImpact, known: Callable[[str], bool], width: int
) -> None:
    """Adds the reach: readers first, then those of which it is unknown, then the others.

    Args:
        page: The page, which gains a section ``affects``.
        impact: What is known of the change.
        known: Whether the change list has a row of a key.
        width: Cells of a line.
    """
    reading = sum(1 for each in impact.reach if each.reads is not False)
    page.heading("affects", reach_words(reading, len(impact.reach)))
    names = [clean(each.view_name) for each in impact.reach]
    room = min(max(map(cell_len, names)), max(width // 2 - _INDENT, 12))
    for state in (True, None, False):
        group = [each for each in impact.reach if each.reads is state]
        if group and state in _GROUPS:
            for line in wrap(_GROUPS[state], width - 1):
                page.add((line, "label"))
        for each in group:
            _model(page, impact, each, each.name if known(each.name) else "", room, width)


def _model(
    page: Page, impact: ModelImpact, each: Reached, opens: str, room: int, width: int
) -> None:
    """A model with its way; where both don't fit on a line, the way goes on below."""
    mark, tone = _MARKS[each.reads]
    name, words = clean(each.view_name), clean(path_words(impact, each))
    left = width - _INDENT - max(room, cell_len(name)) - 3
    shown = (fit_name(name, max(room, cell_len(name))), "" if opens else "muted")
    beside = not words or cell_len(words) <= left
    way = ((f"  {words}", "muted"),) if words and beside else ()
    page.add((f"{mark} ", tone), shown, *way, opens=opens)
    for line in () if beside else wrap(words, width - _DEEPER - 1):
        page.add((" " * _DEEPER + line, "muted"), opens=opens)


def path_words(impact: ModelImpact, each: Reached) -> str:
    """``status → daily.revenue → total (+2 columns)``; what has no column is meant by its rows."""
    if each.reads is False:
        above = each.path[-2:-1]
        return f"below {above[0]}" if len(each.path) > 2 else ""
    steps = [_step(step, impact.view_name, "rows") for step in each.path[:1]]
    steps += each.path[1:-1]
    last = _step(each.path[-1], each.view_name, "all rows") if each.path else ""
    if each.reads is None and last == "all rows":
        last = "?"
    more = len(each.columns) - 1 if last not in ("all rows", "?") else 0
    others = f" (+{count(more, 'column')})" if more > 0 else ""
    return f" {ARROW} ".join([*steps, last]) + others


def _step(step: str, view_name: str, rows: str) -> str:
    """A step without the name of its model, which stands beside it."""
    return rows if step == view_name else step.removeprefix(f"{view_name}.")
