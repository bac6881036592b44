"""Rows, chips, columns and the filter of the change list; pages of the detail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from plan_tui.contract.changes import AddedChange, DirectChange, NodeRef
from plan_tui.contract.impact import ModelImpact, SemanticChange
from plan_tui.contract.lookup import Column
from plan_tui.contract.plan import Category
from plan_tui.contract.stages import (
    LintViolation,
    ModelTestFailure,
    ModelTests,
    ValidationStage,
)
from plan_tui.ui.widgets.cells import clip_head, clip_middle, clip_tail, fit, wrap
from plan_tui.ui.widgets.change_chips import Chip, chip_of
from plan_tui.ui.widgets.change_columns import CHIP, Columns
from plan_tui.ui.widgets.change_filter import matching
from plan_tui.ui.widgets.change_rows import NOT_TAKEN_OVER, STATEMENTS, ChangeRow, ChangeRows
from plan_tui.ui.widgets.change_sections import Section, heading_words
from plan_tui.ui.widgets.detail_page import View, model_page, row_page, waiting_page
from plan_tui.ui.widgets.lines import Line
from plan_tui.ui.widgets.names import clip_name, clip_names, fit_name

from . import review_samples as made
from .broken_samples import BROKEN


def rows(**given: object) -> ChangeRows:
    return ChangeRows.of(made.plan(**given), locked=False)


def row(key: str, **given: object) -> ChangeRow:
    return rows(**given).rows[key]


def text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


@pytest.mark.parametrize(
    ("category", "choices", "chip"),
    [
        ("BREAKING", made.BOTH, Chip.BREAKING),
        ("NON_BREAKING", made.BOTH, Chip.NON_BREAKING),
        (None, made.BOTH, Chip.OPEN),
        ("BREAKING", (), Chip.FIXED_BREAKING),
        ("FORWARD_ONLY", (), Chip.FORWARD_ONLY),
        ("METADATA", (), Chip.METADATA),
        (None, (), Chip.PLAIN),
    ],
)
def test_chips_of_changed_models(
    category: str | None, choices: tuple[Category, ...], chip: Chip
) -> None:
    change = DirectChange(
        name="a", view_name="a", kind="FULL", change_category=category, choices=choices
    )
    assert chip_of(change, bool(choices)) is chip


def test_chips_of_added_models() -> None:
    added = AddedChange(name="a", view_name="a", kind="FULL", change_category="BREAKING")
    assert chip_of(added, False) is Chip.FIXED_BREAKING
    assert chip_of(added.model_copy(update={"change_category": None}), False) is Chip.ADDED
    assert chip_of(added.model_copy(update={"node_type": "audit"}), False) is Chip.ADDED
    assert chip_of(added.model_copy(update={"choices": made.BOTH}), True) is Chip.BREAKING


def test_every_chip_is_told_by_a_letter() -> None:
    assert all(len(chip.letter) == 1 for chip in Chip)
    assert len({chip.letter for chip in (Chip.BREAKING, Chip.NON_BREAKING, Chip.OPEN,
                                         Chip.FORWARD_ONLY, Chip.METADATA)}) == 5  # fmt: skip


def test_locked_categories_can_not_be_chosen() -> None:
    locked = ChangeRows.of(made.plan(), locked=True)
    assert not any(each.choosable for each in locked.rows.values())
    assert locked.rows[made.name_of("orders")].chip is Chip.FIXED_BREAKING


def test_numbers_come_from_the_plan() -> None:
    orders = row(made.name_of("orders"))
    assert (orders.reach, orders.intervals, orders.batches) == (3, 366, 13)
    assert row(made.name_of("daily_revenue")).note == "orders +1"
    assert rows().changed_count == 10


def test_an_audit_that_stands_alone_shows_no_numbers() -> None:
    plan = made.plan()
    orders, *others = plan.changes.modified.direct
    audit = orders.model_copy(update={"node_type": "audit"})
    modified = plan.changes.modified.model_copy(update={"direct": (audit, *others)})
    found = rows(changes=plan.changes.model_copy(update={"modified": modified})).rows
    assert found[audit.name].audit
    assert found[audit.name].note == "audit"
    assert not any(each.audit for key, each in found.items() if key != audit.name)


def test_a_preview_is_told_in_the_note() -> None:
    previews = tuple(
        made.backfill(name).model_copy(update={"preview": True}) for name in ("daily_revenue", "x")
    )
    found = rows(backfills={"meta": made.meta(), "models": previews}).rows
    assert found[made.name_of("daily_revenue")].noted == "preview, orders +1"
    assert found[made.name_of("daily_revenue")].note == "orders +1"
    assert found[made.name_of("x")].noted == "preview"
    assert row(made.name_of("daily_revenue")).noted == "orders +1"


def test_failed_tests_and_lint_errors_come_first() -> None:
    failure = ModelTestFailure(name="test_orders", path="tests/test.yaml", message="1 != 2\nrow 3")
    lint = LintViolation(rule="nostar", model="m", severity="error", message="No.")
    validation = ValidationStage(
        meta=made.meta(), tests=ModelTests(run=2, failed=1, failures=(failure,)), lint=(lint,)
    )
    found = rows(validation=validation)
    assert next(iter(found.sections)) is Section.CHECKS
    assert "row 3" in text(row_page(found.rows["!test:0"], 60))
    assert found.rows["!lint:0"].chip is Chip.FAILED


def test_a_saved_plan_names_no_field_of_a_form_that_it_does_not_have() -> None:
    told = BROKEN.model_copy(update={"hint": "Plan with --include-unmodified."})
    plan = made.plan(warnings=(told.hint,), dangers=(told,))
    shown = ChangeRows.of(plan, locked=True).rows["!warning:0"]
    assert "f1, the set-up" in shown.name
    kept = ChangeRows.of(plan, locked=True, saved=True)
    assert kept.rows["!warning:0"].name == "Plan with --include-unmodified."
    assert not [row for row in kept.rows.values() if "f1" in row.text]


def test_a_warning_is_told_once() -> None:
    found = rows(warnings=("Mind the gap.\nIt is wide.",))
    shown = text(row_page(found.rows["!warning:0"], 60))
    assert shown.count("Mind the gap.") == 1
    assert "It is wide." in shown


def test_restated_models_and_missing_intervals_have_sections() -> None:
    models = (made.backfill("a"), made.backfill("b"))
    plan = {"backfills": {"meta": made.meta(), "models": models},
            "restatements": {made.name_of("a"): (0, 1)}}  # fmt: skip
    assert row(made.name_of("a"), **plan).section is Section.RESTATED
    assert row(made.name_of("b"), **plan).section is Section.MISSING


def test_headings_count_what_a_filter_leaves() -> None:
    assert heading_words(Section.ADDED, 3, 3) == "Added 3"
    assert heading_words(Section.ADDED, 1, 3) == "Added 1 of 3"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ORD", ["shop__dev.orders", "shop__dev.legacy_orders"]),
        ("rev daily", ["shop__dev.daily_revenue"]),
        ("dlyrev", ["shop__dev.daily_revenue"]),
        ("[", []),
    ],
)
def test_the_filter_takes_parts_in_any_order_then_letters(query: str, names: list[str]) -> None:
    found = rows().rows
    assert [found[key].name for key in matching(found, query) or []] == names


def test_an_empty_filter_asks_for_nothing() -> None:
    assert matching(rows().rows, "  ") is None


@pytest.mark.parametrize("width", [10, 24, 40, 46, 75, 110, 200])
def test_columns_fill_the_width_and_never_more(width: int) -> None:
    columns = Columns.of(width, 29)
    used = CHIP + columns.name + columns.note + columns.kind
    assert used + columns.reach + columns.intervals + columns.batches == width
    assert columns.name >= min(29, width - CHIP - 27)


@pytest.mark.parametrize("width", [46, 51, 56, 76, 116])
def test_every_size_has_room_for_reach_intervals_and_batches(width: int) -> None:
    columns = Columns.of(width, 60, len("10 of 14 "))
    assert min(columns.reach, columns.intervals, columns.batches) > 0
    assert columns.name >= 13


@pytest.mark.parametrize(
    ("name", "width", "short"),
    [
        ("shop.orders", 11, "shop.orders"),
        ("warehouse.shop.orders", 14, "…shop.orders"),
        ("customers.daily", 12, "custo….daily"),
        ("warehouse.customers.daily", 12, "custo….daily"),
        ("customers.daily", 7, "…daily"),
        ("marts.fct_orders_by_region_daily", 16, "fct_orde…n_daily"),
        ("fct_orders_by_region_daily", 16, "fct_orde…n_daily"),
        ("a.b", 1, "b"),
        ("a.bc", 1, "…"),
    ],
)
def test_a_name_is_cut_where_it_tells_least(name: str, width: int, short: str) -> None:
    assert clip_name(name, width) == short


def test_names_that_would_look_alike_begin_with_what_differs() -> None:
    names = ["shop.orders", "stage_orders.daily", "stage_items.daily"]
    assert clip_names(names, 12) == {
        "stage_orders.daily": "…order…daily",
        "stage_items.daily": "…items.daily",
    }
    long = [f"marts.customer_{word}_of_the_region_by_day" for word in ("value", "volume")]
    assert list(clip_names(long, 20).values()) == ["…value_of_…on_by_day", "…volume_of…on_by_day"]
    assert clip_names(["shop.orders"], 20) == {}


@pytest.mark.parametrize("width", range(0, 40, 3))
def test_a_cut_name_never_takes_more_cells(width: int) -> None:
    names = [
        "資料.日本語の表_a",
        "資料.日本語の表_b",
        "x" * 50 + ".y",
        "." * 30,
        "",
        "a.b.c.d.e" * 4,
    ]
    assert all(cell_len(short) <= width for short in clip_names(names, width).values())
    assert all(cell_len(fit_name(name, width)) == width for name in names)


def test_texts_keep_the_end_that_is_asked_for() -> None:
    assert clip_tail("schema.orders", 8) == "….orders"
    assert clip_middle("a long text", 7) == "a l…ext"
    assert clip_head("a long text", 7) == "a long…"
    assert fit("日本語", 5) == "日本…"
    assert cell_len(fit("日本語", 5)) == cell_len(fit_name("日本語", 5)) == 5


def test_wraps_at_spaces_and_inside_long_words() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("a\n\nb", 5) == ["a", "", "b"]


def test_a_page_tells_columns_reach_and_batches() -> None:
    page = model_page(made.detail(), row(made.name_of("orders")), View.TEXT, 60, lambda key: True)
    said = text(page)
    assert "+ discount  DOUBLE" in said
    assert "~ amount    INT → DOUBLE" in said
    assert "1 column unchanged" in said
    assert "Affects 3 changed models downstream  1 direct, 2 indirect" in said
    assert "13  2026-11-19 .. 11-24" in said
    leads = {line.text.strip("~· "): line.opens for line in page if line.opens}
    assert leads["shop__dev.payments"] == made.name_of("payments")


def test_a_page_without_a_diff_shows_the_query_and_why() -> None:
    detail = made.detail("daily_revenue", diff="", diff_rendered="", change="indirect")
    page = model_page(detail, row(made.name_of("daily_revenue")), View.TEXT, 60, lambda _: False)
    assert "Query  unchanged itself; changes with orders +1" in text(page)
    assert "o.discount" in text(page)


def test_a_model_below_a_change_that_changed_itself_tells_what_of_it() -> None:
    below, diff = row(made.name_of("daily_revenue")), "--- \n+++ \n@@ -1 +1 @@\n-a\n+b\n"
    detail = made.detail("daily_revenue", diff=diff, diff_rendered=diff, change="indirect")
    filtered = SemanticChange(kind="filter_added", after="paid")
    own, none = (
        ModelImpact(
            plan_id=detail.plan_id,
            name=below.key,
            view_name=below.name,
            why_changed="Metadata: its query changed.",
            semantic_diff=changes,
        )
        for changes in ((filtered,), ())
    )
    said = text(model_page(detail, below, View.SEMANTIC, 60, lambda _: False, own))
    assert "What changed" in said
    assert "+ filter    paid" in said
    assert "What changed" not in text(
        model_page(detail, below, View.SEMANTIC, 60, lambda _: False, none)
    )


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        ("stores", "SEED", "Only metadata changed; SQLMesh's text diff shows nothing of it."),
        ("orders", "SEED", "The seed's data changed; SQLMesh's text diff shows nothing of it."),
        ("orders", "FULL", "SQLMesh finds it changed; SQLMesh's text diff shows nothing of it."),
    ],
)
@pytest.mark.parametrize("rendered", ["", made.RENDERED])
def test_a_page_says_what_the_text_diff_does_not(
    model: str, kind: str, words: str, rendered: str
) -> None:
    detail = made.detail(model, diff="", diff_rendered=rendered)
    change = replace(row(made.name_of(model)), kind=kind)
    said = text(model_page(detail, change, View.TEXT, 90, lambda _: False))
    assert words in said
    assert "unchanged" not in said.partition("Columns")[0]


def test_statements_that_changed_are_named_and_their_diffs_are_told_apart() -> None:
    diff = (
        "before_all:\n    CREATE SCHEMA a\n  + CREATE SCHEMA b\n  ?  ^\n\n"
        "dependencies:\n@@ -1 +1 @@\n\n-old\n+new\n"
    )
    changes = made.plan().changes.model_copy(update={"environment_statements": diff})
    statements = rows(changes=changes).rows[STATEMENTS]
    assert statements.note == "before_all, dependencies"
    told = [line.text for line in row_page(statements, 60) if line.text]
    assert told[0].startswith("They run with every apply to this environment")
    assert told[told.index("before_all  what changed") :] == [
        "before_all  what changed", "  CREATE SCHEMA a", "+ CREATE SCHEMA b",
        "dependencies", "- old", "+ new",
    ]  # fmt: skip


def test_a_new_environment_does_not_lose_what_it_never_had() -> None:
    left_out = rows(is_new_environment=True).rows[made.name_of("legacy_orders")]
    assert left_out.note == NOT_TAKEN_OVER
    said = text(model_page(made.detail(), left_out, View.TEXT, 60, lambda _: False))
    assert "this plan drops nothing of it" in " ".join(said.split())
    assert "leaves" not in said


def test_a_removed_model_shows_what_it_was_and_nothing_to_backfill() -> None:
    gone = rows().rows[made.name_of("legacy_orders")]
    columns = (Column(name="amount", before="INT", after=None),)
    detail = made.detail(change="removed", columns=columns, interval_count=0)
    found = ModelImpact(plan_id="p", name=gone.key, view_name=gone.name, why_changed="Gone.")
    said = text(model_page(detail, gone, View.TEXT, 60, lambda _: False, found))
    for words in ("Query  as it was", "Columns 1  as they were", "- amount  INT",
                  "Nothing in the project reads it", "janitor"):  # fmt: skip
        assert words in said
    assert "Backfill" not in said


def test_a_type_that_is_too_long_stands_below_its_column() -> None:
    fields = ", ".join(f"field_{number} BIGINT" for number in range(9))
    columns = (
        Column(name="id", before="INT", after="BIGINT"),
        Column(name="s", before=f"STRUCT({fields})", after=f"STRUCT({fields}, more TEXT)"),
    )
    page = model_page(
        made.detail(columns=columns), row(made.name_of("orders")), View.TEXT, 60, lambda _: False
    )
    lines = [line for line in page if line.key.startswith("columns:")]
    assert max(line.width for line in lines) <= 60
    assert [line.text for line in lines][:2] == ["~ id  INT → BIGINT", "~ s"]
    told = " ".join(" ".join(line.text for line in lines).split())
    assert f"STRUCT({fields}) → STRUCT({fields}, more TEXT)" in told


def test_a_page_says_why_a_query_can_not_be_rendered() -> None:
    detail = made.detail(diff_rendered="", sql="", render_problem="No such macro: @x")
    orders = row(made.name_of("orders"))
    for view in (View.RENDERED, View.QUERY):
        page = model_page(detail, orders, view, 60, lambda _: False)
        assert "No such macro: @x" in text(page)


def test_a_removed_model_and_a_removed_column() -> None:
    gone = row(made.name_of("legacy_orders"))
    page = model_page(made.detail(change="removed"), gone, View.TEXT, 60, lambda _: False)
    assert "leaves the environment" in text(page)
    columns = (Column(name="note", before="TEXT", after=None),)
    detail = made.detail(columns=columns, direct=(), indirect=(), interval_count=0)
    page = model_page(detail, row(made.name_of("orders")), View.TEXT, 60, lambda _: False)
    assert "- note  TEXT" in text(page)
    assert "Nothing that changes reads it." in text(page)
    assert "No interval is missing." in text(page)


def test_more_batches_than_are_listed_are_counted() -> None:
    page = model_page(
        made.detail(batch_count=2_013), row(made.name_of("orders")), View.TEXT, 60, lambda _: False
    )
    assert "and 2,000 more batches" in text(page)


def test_what_came_from_outside_is_made_visible() -> None:
    nodes = (NodeRef(name="x", view_name="x\x1b]0;y"),)
    detail = made.detail(description="a\x07b", owner="\u202eeve", direct=nodes)
    page = model_page(detail, row(made.name_of("orders")), View.TEXT, 60, lambda _: False)
    assert not set(text(page)) & {"\x07", "\x1b", "\u202e"}
    assert "full" in text(waiting_page(row(made.name_of("refunds")), "Wait", 60))
