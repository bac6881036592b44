"""What the detail pane says about a row, line by line; pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from plan_tui.contract.changes import NodeRef
from plan_tui.contract.impact import ModelImpact
from plan_tui.contract.lookup import ModelDetail
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import count, interval
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.change_chips import Chip
from plan_tui.ui.widgets.change_list import kind_words
from plan_tui.ui.widgets.change_rows import NOT_TAKEN_OVER, REQUIREMENTS, STATEMENTS, ChangeRow
from plan_tui.ui.widgets.change_sections import Section
from plan_tui.ui.widgets.choice_section import choice_section, why_section
from plan_tui.ui.widgets.columns_section import columns_section
from plan_tui.ui.widgets.diff_lines import changed_counts, parse_diff, statement_diffs
from plan_tui.ui.widgets.diff_view import diff_parts
from plan_tui.ui.widgets.lines import Line, Page
from plan_tui.ui.widgets.query_section import missing_words, muted, query_section
from plan_tui.ui.widgets.reach_section import reach_section
from plan_tui.ui.widgets.semantic_section import is_rendered_elsewise, macro_lines, semantic_section
from plan_tui.ui.widgets.tests_section import unit_tests_section

_PREVIEW = "Its data here is a preview: prod will not reuse it."
_KEPT = "The environment that the new one is made from keeps it: this plan drops nothing of it."
_LEAVES = (
    "Its view leaves the environment with this plan. Its table stays until SQLMesh's janitor drops "
    "what no environment uses any more."
)
_PROJECT = {
    REQUIREMENTS: "The packages that the project's Python code needs, recorded with the "
    "environment. No data is computed anew because of them.",
    STATEMENTS: "They run with every apply to this environment: before_all before anything else, "
    "after_all once its views are up to date. No data is computed anew because of them.",
}
"""What it means that something of the whole project changed."""
Known = Callable[[str], bool]
"""Whether the change list has a row of this key."""


class View(Enum):
    """What the first section shows; ``d`` goes round."""

    SEMANTIC = "semantic"
    TEXT = "text"
    RENDERED = "rendered"
    QUERY = "query"

    def after(self) -> View:
        """The view that ``d`` goes to."""
        views = list(View)
        return views[(views.index(self) + 1) % len(views)]


def row_page(row: ChangeRow, width: int) -> list[Line]:
    """The page of a row that is no model: its diff or its text."""
    page = Page()
    muted(page, _PROJECT.get(row.key, ""), width)
    if row.key == STATEMENTS and (parts := statement_diffs(row.text)):
        for number, (name, diff) in enumerate(parts):
            page.heading(name if number else "diff", name, "" if number else "what changed")
            page.extend(diff_parts(diff, width))
    elif row.key in (REQUIREMENTS, STATEMENTS):
        page.heading("diff", "Diff", row.note)
        page.extend(diff_parts(row.text, width))
    else:
        words = clean(row.text, keep_newlines=True).strip()
        head = row.chip.words.capitalize()
        if not words.startswith(row.name):
            head = f"{head}: {row.name}"[:width]
        page.heading("text", head, row.note)
        for line in wrap(words, width - 1):
            page.add((line, ""))
    return page.lines


def waiting_page(row: ChangeRow, words: str, width: int) -> list[Line]:
    """What the list already knows of a model, while the rest is fetched."""
    page = Page()
    page.add((kind_words(row.kind), "muted"))
    page.add(("", ""))
    for line in wrap(words, width - 1):
        page.add((line, "muted"))
    return page.lines


def model_page(
    detail: ModelDetail,
    row: ChangeRow,
    view: View,
    width: int,
    known: Known,
    impact: ModelImpact | None = None,
    problem: str = "",
    *,
    saved: bool = False,
) -> list[Line]:
    """The page of a model: why, diff, choices, what it affects, columns, intervals and batches.

    Args:
        detail: What the engine says of the model.
        row: Its row of the change list.
        view: Which form of the diff is shown.
        width: Cells of a line.
        known: Whether the change list has a row of a key.
        impact: What the change means; None while that is computed.
        problem: Why that is not known, where it can't be computed.
        saved: Whether the plan is a saved one, in which no key asks the warehouse.
    """
    page = Page()
    _facts(page, detail, row, width)
    if impact is not None:
        why_section(page, impact, width)
    if view is View.SEMANTIC and _has_own_change(row, impact):
        semantic_section(page, impact, _views(view), width, problem, saved=saved)
    else:
        _definition(page, detail, row, view, width, impact)
    if impact is not None:
        choice_section(page, impact, chosen_of(row), width)
    _affected(page, detail, impact, known, width)
    columns_section(page, detail, width)
    unit_tests_section(page, impact.tests if impact is not None else None, width)
    _sources(page, detail, known)
    if row.section is not Section.REMOVED:
        _backfill(page, detail, width)
    return page.lines


def _has_own_change(row: ChangeRow, impact: ModelImpact | None) -> bool:
    """Whether a model itself changed: one below a change may have, of which only metadata is."""
    if row.section is Section.INDIRECT:
        return impact is not None and bool(impact.semantic_diff)
    return row.section in (Section.DIRECT, Section.METADATA)


def chosen_of(row: ChangeRow) -> str | None:
    """The category that a row has and that can be chosen."""
    return row.chip.name if row.choosable and row.chip is not Chip.OPEN else None


def _facts(page: Page, detail: ModelDetail, row: ChangeRow, width: int) -> None:
    facts = [
        kind_words(clean(detail.kind)),
        clean(detail.cron),
        clean(detail.path or ""),
        f"owner {clean(detail.owner)}" if detail.owner else "",
        " ".join(f"#{clean(tag)}" for tag in detail.tags),
    ]
    for line in wrap(" · ".join(fact for fact in facts if fact), width - 1):
        page.add((line, "muted"))
    if detail.description:
        for line in wrap(clean(detail.description, keep_newlines=True).strip(), width - 1):
            page.add((line, ""))
    if row.preview:
        page.add((_PREVIEW, "warn"))


def _definition(
    page: Page,
    detail: ModelDetail,
    row: ChangeRow,
    view: View,
    width: int,
    impact: ModelImpact | None,
) -> None:
    if row.section is Section.REMOVED:
        _removed(page, detail, row, width)
    elif not detail.diff.strip() and not detail.diff_rendered.strip():
        if row.section in (Section.DIRECT, Section.METADATA):
            page.heading("diff", "What changed")
            muted(page, _not_in_text(row), width)
            query_section(page, detail, width, "as it will be", section="query")
        else:
            query_section(page, detail, width, _why_no_diff(row))
    elif view is View.QUERY:
        query_section(page, detail, width, _views(view))
    else:
        diff = detail.diff if view is View.TEXT else detail.diff_rendered
        added, removed = changed_counts(parse_diff(diff))
        page.heading("diff", f"Diff +{added} -{removed}", _views(view))
        if view is View.RENDERED and is_rendered_elsewise(impact):
            macro_lines(page, impact, width)
        if view is View.RENDERED and diff.strip():
            muted(page, clean(detail.sql_note), width)
        if diff.strip():
            page.extend(diff_parts(diff, width))
        elif view is View.TEXT:
            muted(page, _not_in_text(row), width)
        else:
            missing_words(page, detail, "Rendered, nothing differs.", width)


def _removed(page: Page, detail: ModelDetail, row: ChangeRow, width: int) -> None:
    """What becomes of a model that the project has no more, and what it was."""
    if row.note == NOT_TAKEN_OVER:
        page.heading("diff", "Not taken over")
        muted(page, _KEPT, width, "")
    else:
        page.heading("diff", "Removed")
        muted(page, _LEAVES, width, "")
    if detail.sql.strip() or detail.render_problem:
        query_section(page, detail, width, "as it was", section="query")


def _not_in_text(row: ChangeRow) -> str:
    """What SQLMesh tells of a change that its text diff shows nothing of."""
    if row.section is Section.METADATA:
        what = "Only metadata changed"
    elif row.kind == "SEED":
        what = "The seed's data changed"
    else:
        what = "SQLMesh finds it changed"
    return f"{what}; SQLMesh's text diff shows nothing of it."


def _views(view: View) -> str:
    """``text · [rendered] · query``: what ``d`` goes round, and where it is."""
    return " · ".join(f"[{each.value}]" if each is view else each.value for each in View)


def _why_no_diff(row: ChangeRow) -> str:
    match row.section:
        case Section.ADDED:
            return "all of it is new"
        case Section.INDIRECT:
            return f"unchanged itself; changes with {row.note}" if row.note else "unchanged itself"
        case _:
            return "unchanged"


def _affected(
    page: Page, detail: ModelDetail, impact: ModelImpact | None, known: Known, width: int
) -> None:
    """Who is downstream: of all models once that is computed, until then of the changed ones."""
    if impact is not None and impact.reach:
        reach_section(page, impact, known, width)
        return
    if impact is not None and detail.change == "removed":
        page.heading("affects", "Nothing in the project reads it")
        return
    total = len(detail.direct) + len(detail.indirect)
    if not total and detail.change not in ("direct", "added"):
        return
    note = ", ".join(
        f"{len(nodes):,} {words}"
        for nodes, words in ((detail.direct, "direct"), (detail.indirect, "indirect"))
        if nodes
    )
    page.heading("affects", f"Affects {count(total, 'changed model')} downstream", note)
    if not total:
        page.add(("Nothing that changes reads it.", "muted"))
    _nodes(page, detail.direct, "~ ", known)
    _nodes(page, detail.indirect, "· ", known)


def _sources(page: Page, detail: ModelDetail, known: Known) -> None:
    if not detail.parents:
        return
    page.heading("parents", f"Reads {count(len(detail.parents), 'model')}")
    _nodes(page, detail.parents, "  ", known)


def _nodes(page: Page, nodes: tuple[NodeRef, ...], lead: str, known: Known) -> None:
    for node in nodes:
        opens = node.name if known(node.name) else ""
        name = (clean(node.view_name), "" if opens else "muted")
        page.add((lead, "muted"), name, opens=opens)


def _backfill(page: Page, detail: ModelDetail, width: int) -> None:
    if not detail.interval_count:
        page.heading("backfill", "Backfill")
        page.add(("No interval is missing.", "muted"))
        return
    words = f"{count(detail.interval_count, 'interval')} in "
    batches = count(detail.batch_count, "batch", "batches")
    page.heading("backfill", f"Backfill {words}{batches}")
    for line in wrap(clean(detail.label), width - 1):
        page.add((line, ""))
    if detail.batch_count == 1:
        return
    room = len(f"{len(detail.batches):,}")
    for number, batch in enumerate(detail.batches, 1):
        page.add((f"{number:>{room},}  ", "muted"), (interval(batch), ""))
    if detail.batch_count > len(detail.batches):
        rest = detail.batch_count - len(detail.batches)
        page.add((f"and {count(rest, 'more batch', 'more batches')}", "muted"))
