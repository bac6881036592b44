"""The data diff page: it reads nothing unasked, and says what it would read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import EngineRefused
from plan_tui.contract.data_diff import ColumnData, DataSide
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.ui.screens.data_diff import DataDiffScreen
from plan_tui.ui.screens.data_diff_words import Shown, data_page
from plan_tui.ui.screens.review import ReviewScreen

from . import data_diff_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

WIDE = (120, 40)

pytestmark = pytest.mark.usefixtures("no_rests")


@asynccontextmanager
async def on_data(
    port: FakePort, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    async with running(port, size) as (app, pilot):
        app.go("review")
        await settled(pilot)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DataDiffScreen))
        await settled(pilot)
        yield app, pilot


def compared(port: FakePort) -> list[dict[str, str]]:
    calls = port.called("look")
    return [params for path, _, params in calls if path == "data-diff"]  # type: ignore[misc]


async def test_reads_nothing_until_it_is_asked() -> None:
    port = made.port_with(made.offer())
    async with on_data(port) as (app, pilot):
        text = screen_text(app)
        assert "lake.shop.orders (prod)" in text
        assert "lake.shop__dev.orders (dev)" in text
        assert "Nothing was read yet" in text
        assert "stopped after 60 seconds" in text
        assert not compared(port)
        await pilot.press("down", "j", "escape")
        assert isinstance(app.screen, ReviewScreen)
        assert not compared(port)


@pytest.mark.parametrize("key", ["enter", "r"])
async def test_compares_when_it_is_asked(key: str) -> None:
    port = made.port_with(made.offer())
    async with on_data(port) as (app, pilot):
        await pilot.press(key)
        await settled(pilot)
        assert compared(port) == [{"on": "", "where": "", "limit": "20", "seconds": "60"}]
        text = screen_text(app)
        assert "31,310  (+106)" in text
        assert "> 99.99% equal" in text
        assert "+ more" in text
        assert "- gone" in text
        assert "2 of 198 rows" in text
        assert "NULL" in text


async def test_what_is_typed_bounds_the_comparison() -> None:
    port = made.port_with(made.offer())
    async with on_data(port) as (app, pilot):
        await pilot.press("w", *"id>3", "enter")
        await pilot.press("o", *"id,k", "enter", "m", "x", "r")
        await settled(pilot)
        assert compared(port) == [{"on": "id,k", "where": "id>3", "limit": "50", "seconds": "300"}]
        await pilot.press("w", "x", "escape")
        assert isinstance(app.screen, DataDiffScreen)
        assert "id>3" in screen_text(app)
        assert "id>3x" not in screen_text(app)


async def test_a_missing_side_is_said_and_not_compared() -> None:
    missing = "The plan's version is not built yet, and dev has none: apply it first."
    port = made.port_with(made.offer(DataSide(label="dev", missing=missing)))
    async with on_data(port) as (app, pilot):
        assert missing in screen_text(app)
        await pilot.press("r")
        await settled(pilot)
        assert not compared(port)


async def test_a_model_without_key_asks_for_one() -> None:
    port = made.port_with(made.offer(on=()))
    async with on_data(port) as (app, pilot):
        assert "o types the columns that tell a row" in screen_text(app)
        await pilot.press("r")
        await settled(pilot)
        assert not compared(port)
        await pilot.press("o", *"id", "enter", "r")
        await settled(pilot)
        assert compared(port)[0]["on"] == "id"


async def test_c_stops_it_and_it_can_be_asked_again() -> None:
    port = made.port_with(made.offer())
    async with on_data(port) as (app, pilot):
        port.hold("look")
        await pilot.press("r")
        await until(pilot, lambda: compared(port))
        assert "Comparing" in screen_text(app)
        await pilot.press("c")
        await pilot.pause()
        assert "Comparing" not in screen_text(app)
        assert "Nothing was read yet" in screen_text(app)
        port.release("look")
        await pilot.press("r")
        await settled(pilot)
        assert "31,310" in screen_text(app)


async def test_a_refusal_is_shown_in_words() -> None:
    port = made.port_with(made.offer())
    async with on_data(port) as (app, pilot):
        busy = Problem(code=ProblemCode.BUSY, title="An apply runs.", hint="Wait for it.")
        port.errors["look"] = EngineRefused(busy, 409)
        await pilot.press("r")
        await settled(pilot)
        assert "An apply runs." in screen_text(app)
        assert "Wait for it." in screen_text(app)


def test_what_is_compared_without_this_plans_change_is_said_so() -> None:
    note = "dev as it was last applied: what this plan changes of it is not built yet."
    offered = made.offer(made.DEV.model_copy(update={"note": note}))
    said = " ".join(line.text for line in data_page(Shown(offered), 60))
    assert note in " ".join(said.split())


def test_a_column_that_no_row_has_on_both_sides_is_not_called_a_key() -> None:
    columns = (ColumnData(name="id", before="INT", after="INT"),
               ColumnData(name="name", before="TEXT", after="TEXT"))  # fmt: skip
    found = made.found().model_copy(update={"columns": columns})
    lines = [line.text.split() for line in data_page(Shown(made.offer(), found=found), 60)]
    assert ["id", "key"] in lines
    assert ["name", "no", "row", "of", "both", "sides", "to", "compare"] in lines
