"""Why a model changed, its category and what each choice costs, in the detail and the sum line."""

from __future__ import annotations

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.impact import (
    CategoryReason,
    ChoiceCost,
    Cost,
    CostDifference,
    ModelImpact,
    PlanEstimate,
)
from plan_tui.contract.looks import ESTIMATE
from plan_tui.contract.plan import Category
from plan_tui.ui.cost_words import open_words
from plan_tui.ui.estimate_words import long_estimate, short_estimate
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.widgets.choice_section import choice_section, why_section
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.sum_line import sum_words

from . import review_samples as made
from .driving import screen_text, until
from .test_review import NARROW, ORDERS, WIDE, reviewing, settled

PLAN_ID = "3f2a9c1d77"
OWN = {
    Category.BREAKING: Cost(models=15, intervals=4_468, batches=61, seconds=720),
    Category.NON_BREAKING: Cost(models=1, intervals=366, batches=13, seconds=60),
}
FEWER = CostDifference(models=-14, intervals=-4_102, batches=-48, seconds=-300)
COSTS = {
    Category.BREAKING: ChoiceCost(
        models=18, intervals=4_800, batches=64, seconds=840, own=OWN[Category.BREAKING]
    ),
    Category.NON_BREAKING: ChoiceCost(
        models=4, intervals=698, batches=16, seconds=540,
        own=OWN[Category.NON_BREAKING], difference=FEWER,
    ),
}  # fmt: skip
"""Breaking is chosen."""
REASON = CategoryReason(
    found=None,
    reason="SQLMesh could not decide: it never compares Python code.",
    suggestion=Category.NON_BREAKING,
    choices={Category.BREAKING: "It and [b]14 below.", Category.NON_BREAKING: "It alone."},
    forward_only="Forward-only (the model says so): it keeps its table.",
)
KNOWN = PlanEstimate(
    plan_id=PLAN_ID,
    seconds=720,
    concurrency=4,
    known=17,
    unknown=1,
    critical_path=("shop.orders", "shop.daily", "shop.[b]x", "shop.y", "shop.z"),
    critical_seconds=610,
)
UNKNOWN = PlanEstimate(plan_id=PLAN_ID, seconds=None, concurrency=4, known=0, unknown=18)


def impact(**given: object) -> ModelImpact:
    """What is known of the orders."""
    return ModelImpact.model_validate(
        {
            "plan_id": PLAN_ID,
            "name": ORDERS,
            "view_name": "shop__dev.orders",
            "why_changed": "Its own definition is untouched. Parent: raw.orders changed.",
            "category": REASON,
            "what_if": COSTS,
            **given,
        }
    )


def drawn(found: ModelImpact, chosen: str | None, width: int = 60) -> list[str]:
    """The lines of the section, none of them too wide."""
    page = Page()
    why_section(page, found, width)
    choice_section(page, found, chosen, width)
    assert [line.text for line in page.lines if line.width > width] == []
    return [line.text.rstrip() for line in page.lines]


@pytest.mark.parametrize("width", [42, 60, 76])
def test_both_categories_stand_beside_each_other(width: int) -> None:
    lines = drawn(impact(), "BREAKING", width)
    assert lines[0] == "Why it is here"
    start = lines.index("The model and all below it:")
    columns = [
        "           (•) breaking  ( ) non-breaking",
        "models               15                 1",
        "intervals         4,468               366",
        "batches              61                13",
        "time             12 min             1 min",
        "                                suggested",
    ]
    if width > 42:
        for row, more in enumerate(("difference", "-14", "-4,102", "-48", "-11 min")):
            columns[row] += more.rjust(12)
    assert lines[start + 1 : start + 7] == columns
    text = " ".join(lines)
    assert "Forward-only (the model says so): it keeps its table." in text
    assert "Breaking: It and [b]14 below." in text
    assert "Non-breaking: It alone." in text


def test_models_that_the_times_leave_out_are_counted() -> None:
    costs = {
        Category.BREAKING: ChoiceCost(models=15, intervals=9, batches=9, seconds=720, unknown=3),
        Category.NON_BREAKING: ChoiceCost(models=1, intervals=1, batches=1, unknown=1),
    }
    assert "not timed      3 models" in drawn(impact(what_if=costs), "BREAKING")
    assert "not timed" not in "".join(drawn(impact(), "BREAKING"))


def test_the_whole_plan_is_told_with_each_choice_and_what_toggling_adds() -> None:
    text = " ".join(drawn(impact(), "BREAKING"))
    assert "The plan as breaking: 18 models, 4,800 intervals, 64 batches, 14 min. " in text
    assert (
        "The plan as non-breaking: 4 models, 698 intervals, 16 batches, 9 min; "
        "-14 models, -4,102 intervals, -48 batches, -5 min." in text
    )


def test_what_was_the_difference_before_a_toggle_is_not_told_after_it() -> None:
    lines = drawn(impact(), "NON_BREAKING")
    assert "; -14 models" not in " ".join(lines)
    assert "+4,102" in next(line for line in lines if line.startswith("intervals"))


def test_an_open_category_tells_what_lies_between_the_choices_and_has_no_box() -> None:
    open_costs = {key: cost.model_copy(update={"difference": None}) for key, cost in COSTS.items()}
    lines = drawn(impact(what_if=open_costs), None)
    text = "\n".join(lines)
    assert "(•)" not in text
    assert "4,468               366      -4,102\n" in text
    assert "4 models, 698 intervals, 16 batches, 9 min; -14 models, " in " ".join(lines)


def test_a_category_that_nobody_can_choose_any_more_is_still_marked() -> None:
    text = "\n".join(drawn(impact(), None))
    assert "(•) breaking  ( ) non-breaking  difference" in text


def test_a_plan_saved_without_its_own_numbers_shows_those_of_the_plan() -> None:
    old = {key: ChoiceCost(models=2, intervals=3, batches=4) for key in Category}
    lines = drawn(impact(what_if=old), "BREAKING")
    assert "The whole plan:" in lines
    assert "The model and all below it:" not in lines


def test_what_costs_the_same_is_said_so() -> None:
    own = Cost(models=1, intervals=2, batches=3)
    cost = ChoiceCost(**own.model_dump(), own=own)
    nothing = CostDifference(models=0, intervals=0, batches=0)
    other = cost.model_copy(update={"difference": nothing})
    same = {Category.BREAKING: cost, Category.NON_BREAKING: other}
    choices = dict.fromkeys(Category, "Nothing reads it.")
    found = impact(what_if=same, category=REASON.model_copy(update={"choices": choices}))
    text = " ".join(drawn(found, "BREAKING"))
    assert "The plan as non-breaking: 1 model, 2 intervals, 3 batches; costs the same." in text
    assert text.count("no history") == 2
    assert text.count("Nothing reads it.") == 1


def test_where_none_can_be_chosen_there_is_no_table() -> None:
    reason = CategoryReason(found="INDIRECT_BREAKING", reason="Its parents say so.")
    lines = drawn(impact(what_if={}, category=reason), None)
    assert lines[-2:] == ["Category", "Its parents say so."]


def test_what_can_not_be_computed_is_said_where_it_would_stand() -> None:
    note = "The cost of each choice can't be computed: shop.daily waits for a signal."
    lines = drawn(impact(what_if={}, notes=(note, "The reach can't be computed: no.")), "BREAKING")
    assert note in " ".join(lines)
    assert "reach" not in " ".join(lines)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_detail_shows_it(size: tuple[int, int]) -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", ORDERS)] = impact()
    async with reviewing(port, size) as (app, _, pilot):
        await pilot.press("enter")
        await settled(pilot)
        assert "Why it is here" in screen_text(app)
        assert "Non-breaking instead: -14 models, " in screen_text(app), "beside the choices"
        if size == NARROW:
            await pilot.press("pagedown")
            await settled(pilot)
        text = screen_text(app)
        assert "(•) breaking  ( ) non-breaking" in text
        assert "12 min" in text


async def test_a_choice_leaves_the_numbers_until_new_ones_are_there() -> None:
    port = made.port_on(made.reviewing())
    port.looks[("impact", ORDERS)] = impact()
    async with reviewing(port) as (app, _, pilot):
        port.hold("look")
        asked = len(port.called("look"))
        revised = made.facts(batches=13)
        port.play(
            ev.PlanRevised(
                plan_id=PLAN_ID,
                start=0,
                end=1,
                categories={ORDERS: "NON_BREAKING"},
                backfills=(),
                backfills_removed=(),
                restatements={},
                facts=revised,
            )
        )
        await until(pilot, lambda: "( ) breaking  (•) non-breaking" in screen_text(app))
        await until(pilot, lambda: len(port.called("look")) > asked)
        fewer = {**COSTS, Category.BREAKING: ChoiceCost(models=99, intervals=1, batches=1)}
        port.looks[("impact", ORDERS)] = impact(what_if=fewer)
        port.release("look")
        await until(pilot, lambda: "99" in screen_text(app))


def test_an_estimate_in_words() -> None:
    assert short_estimate(KNOWN) == "about 12 min without 1 model"
    assert short_estimate(UNKNOWN) == "time: no history"
    assert long_estimate(UNKNOWN) == "no history: none of these models was timed yet"
    assert long_estimate(KNOWN) == (
        "about 12 min, 4 at once; 1 model not counted: no history; "
        "at least 10 min for shop.orders → shop.daily → … → shop.z"
    )


async def test_the_sum_line_tells_how_long_it_may_take() -> None:
    port = made.port_on(made.reviewing())
    port.looks[(ESTIMATE.path, "")] = KNOWN
    async with reviewing(port) as (app, _, pilot):
        await until(pilot, lambda: "about 12 min without 1 model" in screen_text(app))


def test_a_narrow_sum_line_gives_up_the_time_before_what_the_plan_comes_to() -> None:
    facts = made.facts(uncategorized=(), refusal=None, intervals=12_345)
    danger = Danger(rule="r", severity=Severity.WARNS, message="m")
    for width in (78, 70, 62):
        words = sum_words(facts, 2, width, KNOWN, (danger,)).plain
        assert len(words) <= width
        assert words.startswith("5 models · 12,345 intervals · 29 batches")
        assert words.endswith("1 danger")
    assert "min" in sum_words(facts, 0, 100, KNOWN).plain
    assert "min" not in sum_words(facts, 2, 62, KNOWN, (danger,)).plain


async def test_the_place_stays_empty_until_it_is_known() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, _, _):
        assert "min" not in screen_text(app)
        assert "no history" not in screen_text(app)


async def test_the_question_tells_the_critical_path() -> None:
    port = made.port_on(made.ready())
    port.looks[(ESTIMATE.path, "")] = KNOWN
    async with reviewing(port) as (app, _, pilot):
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await until(pilot, lambda: "about 12 min, 4 at once" in screen_text(app))
        assert "shop.orders →" in screen_text(app)


def test_open_choices_that_cost_the_same_are_told_once() -> None:
    own = Cost(models=1, intervals=24, batches=1)
    assert open_words({"breaking": own, "non-breaking": own})[0] == (
        "Either way: 1 model, 24 intervals, 1 batch"
    )
    first = open_words({"breaking": OWN[Category.BREAKING], "non-breaking": own})[0]
    assert first.startswith(
        "breaking 15 models, 4,468 intervals, 61 batches, 12 min · non-breaking"
    )
    assert open_words({}) == []
