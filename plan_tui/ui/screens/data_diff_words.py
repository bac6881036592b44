"""What is said about the data of a model on two sides, line by line; pure."""

from __future__ import annotations

from dataclasses import dataclass

from plan_tui.contract.data_diff import DataDiff, DataDiffOffer, DataSide, RowSample
from plan_tui.contract.errors import Problem
from plan_tui.contract.text import clean
from plan_tui.ui.form_words import in_the_app
from plan_tui.ui.formatting import count
from plan_tui.ui.glyphs import ADDED, ARROW, REMOVED, WARNING
from plan_tui.ui.widgets.cells import clip_head, wrap
from plan_tui.ui.widgets.lines import Line, Page

LABEL = 12
MOST_CELLS = 24
"""Of one value in a sample."""


@dataclass(frozen=True)
class Wanted:
    """What a comparison is asked for."""

    on: str = ""
    where: str = ""
    limit: int = 20
    seconds: int = 60


@dataclass(frozen=True)
class Shown:
    """All that the page is drawn from."""

    offer: DataDiffOffer | None = None
    wanted: Wanted = Wanted()
    running: bool = False
    found: DataDiff | None = None
    problem: Problem | None = None


def data_page(shown: Shown, width: int) -> list[Line]:
    """The page: what would be read, and what was found."""
    page = Page()
    offer = shown.offer
    if offer is None:
        words = "Looking which tables there are…"
        page.add((words if shown.problem is None else "", "muted"))
    else:
        _offer(page, offer, shown.wanted, width)
    if shown.problem is not None:
        page.heading("problem", "Not compared")
        hint = in_the_app(shown.problem.hint)
        for part in (shown.problem.title, shown.problem.message, hint):
            for line in wrap(clean(part, keep_newlines=True), width - 1) if part else ():
                page.add((line, "bad" if part is shown.problem.title else ""))
    if shown.running:
        page.add(("", ""))
        page.add(("Comparing…  c stops it", "accent"))
    elif shown.found is not None:
        _found(page, shown.found, width)
    elif offer is not None and not offer.refusal and shown.problem is None:
        page.add(("", ""))
        page.add(("Nothing was read yet. enter compares: it reads both sides whole,", "strong"))
        page.add(("which costs what such a query costs in the warehouse.", "strong"))
    return page.lines


def _offer(page: Page, offer: DataDiffOffer, wanted: Wanted, width: int) -> None:
    page.heading("offer", "What is compared")
    _side(page, "before", offer.before, width)
    _side(page, "after", offer.after, width)
    on = clean(wanted.on or ", ".join(offer.on))
    if on:
        _fact(page, "key", on, width=width)
    else:
        _fact(page, "key", "not known: o types the columns that tell a row", "warn", width)
    bounded = f", for example {clean(offer.time_column)} >= '…'" if offer.time_column else ""
    _fact(page, "condition", clean(wanted.where) or f"none: all rows{bounded}", width=width)
    limit = f"{wanted.limit:,} rows of each sample, stopped after {wanted.seconds:,} seconds"
    _fact(page, "limits", limit, width=width)
    writes = "a temporary table in sqlmesh_temp, dropped when it ends or is stopped"
    _fact(page, "writes", writes, width=width)
    if not offer.interruptible:
        words = f"{clean(offer.warehouse)} offers no way to stop a query: it goes on to its end"
        _fact(page, "stopping", words, "warn", width)
    if offer.refusal:
        page.add(("", ""))
        for line in wrap(f"{WARNING} {clean(offer.refusal)}", width - 1):
            page.add((line, "warn"))


def _side(page: Page, label: str, side: DataSide, width: int) -> None:
    if side.missing:
        _fact(page, label, f"{clean(side.label)}: {clean(side.missing)}", "warn", width)
    else:
        table = clean(side.table).replace(chr(34), "")
        _fact(page, label, f"{table} ({clean(side.label)})", width=width)
        if side.note:
            _fact(page, "", clean(side.note), "warn", width)


def _fact(page: Page, label: str, words: str, tone: str = "", width: int = 0) -> None:
    lines = wrap(words, max(20, width - LABEL - 1)) if width else [words]
    for number, line in enumerate(lines):
        page.add((("" if number else label).ljust(LABEL), "label"), (line, tone))


def _found(page: Page, found: DataDiff, width: int) -> None:
    page.heading("rows", "Rows", f"by {clean(', '.join(found.on))}")
    delta = found.after_rows - found.before_rows
    _fact(page, "before", f"{found.before_rows:>14,}")
    _fact(page, "after", f"{found.after_rows:>14,}  ({delta:+,})")
    _fact(page, "equal", f"{found.equal_rows:>14,}")
    _fact(page, "changed", f"{found.changed_rows:>14,}", "warn" if found.changed_rows else "")
    _fact(page, "only before", f"{found.before_only:>14,}", "removed" if found.before_only else "")
    _fact(page, "only after", f"{found.after_only:>14,}", "added" if found.after_only else "")
    for note in found.notes:
        for line in wrap(f"{WARNING} {clean(note)}", width - 1):
            page.add((line, "warn"))
    _columns(page, found)
    _sample(page, "changed", "Changed rows", found.changed, found.changed_rows, width)
    _sample(page, "before", "Only before", found.only_before, found.before_only, width)
    _sample(page, "after", "Only after", found.only_after, found.after_only, width)


def _columns(page: Page, found: DataDiff) -> None:
    page.heading("columns", f"Columns {len(found.columns):,}", "equal in rows of both sides")
    widest = max((len(clean(each.name)) for each in found.columns), default=0)
    for each in found.columns:
        name = clean(each.name).ljust(min(widest, 40) + 2)
        if each.before is None:
            page.add((f"{ADDED} {name}", "added"), (clean(each.after or ""), "label"))
        elif each.after is None:
            page.add((f"{REMOVED} {name}", "removed"), (clean(each.before), "label"))
        elif each.before != each.after:
            kind = f"{clean(each.before)} {ARROW} {clean(each.after)}"
            page.add((f"~ {name}", "warn"), (kind, "label"))
        elif each.matching is None:
            words = "key" if each.name in found.on else "no row of both sides to compare"
            page.add((f"  {name}", ""), (words, "label"))
        else:
            differs = each.matching < 100
            sign, tone = ("~ ", "warn") if differs else ("  ", "")
            page.add((f"{sign}{name}", tone), (f"{_percent(each.matching):>9} equal", tone))


def _percent(value: float) -> str:
    """A share that never says 100 or 0 where it is not quite."""
    rounded = round(value, 2)
    if value not in (0, 100) and rounded in (0, 100):
        return "< 0.01%" if rounded == 0 else "> 99.99%"
    return f"{rounded:g}%"


def _sample(page: Page, key: str, words: str, sample: RowSample, total: int, width: int) -> None:
    if not sample.rows:
        return
    page.heading(key, words, f"{len(sample.rows):,} of {count(total, 'row')}")
    cells = [[clean(name) for name in sample.columns]]
    cells += [["NULL" if cell is None else clean(cell) for cell in row] for row in sample.rows]
    widths = [
        min(MOST_CELLS, max(len(row[at]) for row in cells)) for at in range(len(sample.columns))
    ]
    for number, row in enumerate(cells):
        text = "  ".join(
            clip_head(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)
        )
        page.add((text.rstrip(), "label" if number == 0 else ""))
