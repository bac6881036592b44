"""The reach in the detail, and its count on the list."""

from __future__ import annotations

import pytest

from plan_tui.contract.impact import ModelImpact, ReachCount, ReachCounts, Reached
from plan_tui.ui.widgets.change_columns import Columns
from plan_tui.ui.widgets.change_list import most_words, reach_words
from plan_tui.ui.widgets.change_rows import ChangeRows
from plan_tui.ui.widgets.lines import Page
from plan_tui.ui.widgets.reach_section import path_words, reach_section

from . import review_samples as made
from .driving import running, screen_text, settled, until
from .test_review import reviewing

ORDERS = made.name_of("orders")


def reached(name: str, reads: bool | None, *path: str, columns: tuple[str, ...] = ()) -> Reached:
    return Reached(name=made.name_of(name), view_name=name, reads=reads, columns=columns, path=path)


DAILY = reached("daily", True, "orders.status", "daily.revenue", columns=("revenue", "net", "tax"))
SUMMARY = reached(
    "summary", True, "orders.status", "daily.revenue", "summary.total", columns=("total",)
)
ROWS = reached("weekly", True, "orders", "weekly", columns=("week",))
GROUPED = reached("cube", True, "orders.status", "cube", columns=("a", "b"))
FORECAST = reached("forecast", None, "orders.status", "daily.revenue", "forecast")
PLAIN = reached("plain", False, "orders", "plain")
BELOW = reached("below", False, "orders", "plain", "below")
ALL = (DAILY, SUMMARY, ROWS, GROUPED, FORECAST, PLAIN, BELOW)


def impact(*reach: Reached) -> ModelImpact:
    return ModelImpact(plan_id="p", name=ORDERS, view_name="orders", why_changed="", reach=reach)


def page_of(*reach: Reached, width: int = 70) -> Page:
    page = Page()
    reach_section(page, impact(*reach), lambda key: key == made.name_of("daily"), width)
    return page


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (DAILY, "status → revenue (+2 columns)"),
        (SUMMARY, "status → daily.revenue → total"),
        (ROWS, "rows → all rows"),
        (GROUPED, "status → all rows"),
        (FORECAST, "status → daily.revenue → ?"),
        (PLAIN, ""),
        (BELOW, "below plain"),
    ],
)
def test_a_way_leaves_out_the_names_at_both_ends(model: Reached, words: str) -> None:
    assert path_words(impact(*ALL), model) == words


def test_readers_come_first_then_unknown_ones_then_the_others() -> None:
    lines = [line.text.rstrip() for line in page_of(*reversed(ALL)).lines]
    assert lines == [
        "5 of 7 models below read what changed",
        "r cube      status → all rows",
        "r weekly    rows → all rows",
        "r summary   status → daily.revenue → total",
        "r daily     status → revenue (+2 columns)",
        "Unknown, counted as read",
        "? forecast  status → daily.revenue → ?",
        "Only hang below, read nothing of what changed",
        "· below     below plain",
        "· plain",
    ]


def test_a_model_of_the_list_is_opened_from_every_line_of_it() -> None:
    opens = {line.text.strip(): line.opens for line in page_of(*ALL, width=30).lines}
    assert opens["status → revenue (+2"] == opens["columns)"] == made.name_of("daily")
    assert opens["r weekly    rows → all rows"] == ""


def test_a_long_way_is_wrapped_and_never_cut() -> None:
    path = ("orders.status", *(f"schema__dev.model_{n}.column_{n}" for n in range(4)), "last.x")
    page = page_of(reached("last", True, *path, columns=("x",)), width=40)
    said = "".join(line.text.replace(" ", "") for line in page.lines)
    assert all(f"schema__dev.model_{n}.column_{n}" in said for n in range(4))
    assert all(line.width <= 40 for line in page.lines)


def test_names_from_the_project_are_cleaned() -> None:
    page = page_of(reached("a\x1b]0;b", True, "orders.x\x07", "a\x1b]0;b.y\u202e", columns=("y",)))
    said = "".join(line.text for line in page.lines)
    assert not set(said) & {"\x1b", "\x07", "\u202e"}


# On the list


def counted(reading: int, reached: int) -> ChangeRows:
    counts = {ORDERS: ReachCount(reached=reached, reading=reading)}
    return ChangeRows.of(made.plan(), locked=False, reach=counts)


def test_a_row_says_how_many_read_it_once_that_is_known() -> None:
    assert reach_words(ChangeRows.of(made.plan(), locked=False).rows[ORDERS]) == ""
    assert reach_words(counted(7, 14).rows[ORDERS]) == "7 of 14"
    assert reach_words(counted(1_000, 12_345).rows[ORDERS]) == "1,000 of 12,345"


def test_its_room_is_there_before_it_is_known() -> None:
    row = ChangeRows.of(made.plan(), locked=False).rows[ORDERS]
    room = Columns.of(80, 20, len(most_words(row)) + 1).reach
    assert room > len(reach_words(counted(99, 99).rows[ORDERS]))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_counts_come_by_themselves_and_move_nothing(size: tuple[int, int]) -> None:
    port = made.port_on(made.reviewing())
    plan = port.current.plan
    assert plan is not None
    counts = {ORDERS: ReachCount(reached=14, reading=7)}
    port.looks[("reach-counts", "")] = ReachCounts(plan_id=plan.plan_id, counts=counts)
    port.hold("look")
    async with running(port, size) as (app, pilot):
        app.go("review")
        await until(pilot, lambda: ("reach-counts", "", {}) in port.called("look"))
        before = screen_text(app)
        assert "7 of 14" not in before
        port.release("look")
        await until(pilot, lambda: "7 of 14" in screen_text(app))
        [was, now] = [
            next(line for line in text.splitlines() if "orders" in line and "366" in line)
            for text in (before, screen_text(app))
        ]
        assert now.index("366") == was.index("366")
        assert now.replace("7 of 14", "       ")[:40] == was[:40]


async def test_counts_are_asked_for_once_whatever_is_chosen() -> None:
    port = made.port_on(made.reviewing())
    plan, facts = port.current.plan, port.current.facts
    assert plan is not None
    assert facts is not None
    counts = {ORDERS: ReachCount(reached=14, reading=7)}
    port.looks[("reach-counts", "")] = ReachCounts(plan_id=plan.plan_id, counts=counts)
    async with reviewing(port, (120, 40)) as (app, _, pilot):
        chosen = facts.model_copy(update={"batches": 62})
        port.jump(port.current.model_copy(update={"facts": chosen}))
        await until(pilot, lambda: "62 batches" in screen_text(app))
        await settled(pilot)
        assert "7 of 14" in screen_text(app)
        assert port.called("look").count(("reach-counts", "", {})) == 1


async def test_counts_of_another_plan_are_not_shown() -> None:
    counts = {ORDERS: ReachCount(reached=14, reading=7)}
    port = made.port_on(made.reviewing())
    port.looks[("reach-counts", "")] = ReachCounts(plan_id="another", counts=counts)
    async with reviewing(port, (120, 40)) as (app, _, _pilot):
        assert "7 of 14" not in screen_text(app)
