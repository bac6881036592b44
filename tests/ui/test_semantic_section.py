"""The semantic diff in the detail: every change with a sign, whole at any width."""

from __future__ import annotations

import pytest

from plan_tui.client.errors import EngineRefused
from plan_tui.contract.change_kinds import RENDERED
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.impact import ModelImpact, SemanticChange
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.semantic_section import semantic_section
from plan_tui.ui.widgets.semantic_words import label_of, sign_of

from . import review_samples as made
from .driving import screen_text
from .test_review import NARROW, ORDERS, WIDE, reviewing, settled

LONG = "COALESCE(o.discount_percent, p.discount_percent, 0) * o.amount_before_taxes / 100"
CHANGES = (
    SemanticChange(kind=Kind.COLUMN_ADDED, column="discount", after="COALESCE(o.discount, 0)"),
    SemanticChange(kind=Kind.COLUMN_REMOVED, column="[b]note", before="o.note"),
    SemanticChange(
        kind=Kind.FILTER_CHANGED, before="status = 'done'", after="status IN ('done', 'paid')"
    ),
    SemanticChange(kind=Kind.COLUMN_CHANGED, column="net", before="o.net", after=LONG, place="x"),
    SemanticChange(kind=Kind.PROPERTY_CHANGED, subject="owner", before="ann", after="bob"),
)
MACRO = (
    SemanticChange(
        kind=Kind.MACRO_CHANGED, subject="net", before="def net(): 1", after="def net(): 2",
        models=("shop__dev.orders", "shop__dev.payments"),
    ),
    SemanticChange(
        kind=Kind.COLUMN_CHANGED, column="net", before="1", after="2", place=RENDERED
    ),
)  # fmt: skip


def impact(*changes: SemanticChange, **given: object) -> ModelImpact:
    """What is known of the orders."""
    return ModelImpact.model_validate(
        {"plan_id": "3f2a9c1d77", "name": ORDERS, "view_name": "shop__dev.orders",
         "why_changed": "", "semantic_diff": changes, **given}
    )  # fmt: skip


def drawn(width: int, *changes: SemanticChange) -> list[str]:
    """The lines of the section, none of them too wide."""
    page = Page()
    semantic_section(page, impact(*changes), "", width)
    assert [line.text for line in page.lines if line.width > width] == []
    return [line.text.rstrip() for line in page.lines]


def test_what_fits_stands_on_one_line_and_the_rest_below_each_other() -> None:
    assert drawn(62, *CHANGES) == [
        "What changed",
        "+ column discount    COALESCE(o.discount, 0)",
        "- column [b]note     o.note",
        "~ filter             status = 'done'",
        "                   → status IN ('done', 'paid')",
        "in x:",
        "~ column net         o.net",
        "                   → COALESCE(o.discount_percent,",
        "                       p.discount_percent, 0) *",
        "                       o.amount_before_taxes / 100",
        "in all:",
        "~ owner              ann → bob",
    ]


@pytest.mark.parametrize("width", [24, 38, 56, 78, 118])
def test_nothing_is_left_out_at_any_width(width: int) -> None:
    text = "".join("".join(drawn(width, *CHANGES)).split())
    for change in CHANGES:
        for words in (change.before, change.after, change.column):
            assert "".join((words or "").split()) in text.replace("→", "")


def test_of_code_the_lines_that_differ_are_shown() -> None:
    before = "\n".join(f"line {number}" for number in range(30))
    change = SemanticChange(
        kind=Kind.FUNCTION_CHANGED, subject="execute", before=before,
        after=before.replace("line 20", "line twenty"),
    )  # fmt: skip
    assert drawn(60, change) == [
        "What changed", "~ function execute", "    line 18", "    line 19", "  - line 20",
        "  + line twenty", "    line 21", "    line 22",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_words_and_a_sign(kind: Kind) -> None:
    change = SemanticChange(kind=kind, column="amount", subject="subject", before="1", after="2")
    assert sign_of(change) in "+-~=!?"
    assert "_" not in label_of(change)
    assert "{" not in label_of(change)
    assert label_of(SemanticChange(kind=kind, column="amount", subject="subject")) != kind.value


async def test_the_detail_begins_with_what_changed() -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", ORDERS)] = impact(*CHANGES)
    async with reviewing(port) as (app, _, pilot):
        text = screen_text(app)
        assert "+ column discount" in text
        assert "- column [b]note" in text
        await pilot.press("d")
        assert "+ column discount" not in screen_text(app)


async def test_a_changed_macro_offers_the_rendered_diff_by_itself() -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", ORDERS)] = impact(*MACRO)
    async with reviewing(port) as (app, _, pilot):
        text = screen_text(app)
        assert "semantic · text · [rendered] · query" in text
        assert "~ macro net" in text
        assert "reaches 2 models: shop__dev.orders," in text
        assert '"amount"' in text
        await pilot.press("d", "d")
        text = screen_text(app)
        assert "[semantic] · text · rendered · query" in text
        assert "in rendered query:" in text


async def test_a_chosen_view_stays_for_rows_whose_macro_changed() -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", made.name_of("payments"))] = impact(*MACRO)
    async with reviewing(port) as (app, screen, pilot):
        assert isinstance(screen, ReviewScreen)
        await pilot.press("d", "down")
        await settled(pilot)
        assert "semantic · [text] · rendered · query" in screen_text(app)


async def test_on_a_narrow_screen_it_is_read_whole() -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", ORDERS)] = impact(*CHANGES)
    async with reviewing(port, NARROW) as (app, _, pilot):
        await pilot.press("enter")
        await settled(pilot)
        assert "+ column discount" in screen_text(app)


async def test_what_can_not_be_computed_says_why() -> None:
    port = made.port_on(made.reviewing())
    problem = Problem(code=ProblemCode.INTERNAL, title="The [b]disk[/b] is full.")
    port.errors["look"] = EngineRefused(problem, 500)
    async with reviewing(port, WIDE) as (app, _, _):
        assert "It can't be computed: The [b]disk[/b] is full." in screen_text(app)
