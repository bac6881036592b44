"""The list widget: keys, cursor, marks, what is painted, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter, process_time
from typing import ClassVar

import pytest
from rich.segment import Segment
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import DataTable

from plan_tui.ui.widgets.line_list import LineList, RowState


class Numbers(LineList):
    """Rows of one word; remembers which ones were drawn."""

    MARKABLE: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []
        self.words: dict[str, str] = {}

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        self.painted.append(key)
        return [Segment(key), Segment(" is "), Segment(self.words.get(key, "same"))]


class ListApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Numbers()

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.numbers.focus()

    @property
    def numbers(self) -> Numbers:
        return self.query_one(Numbers)

    @on(LineList.Highlighted)
    @on(LineList.Opened)
    @on(LineList.MarksChanged)
    def keep(self, message: Message) -> None:
        self.told.append(message)


def keys(count: int) -> list[str]:
    return [f"row{number}" for number in range(count)]


WITH_HEADINGS = ["#one", "a", "b", "#two", "c"]
HEADINGS = {"#one", "#two"}


@pytest.mark.parametrize(
    ("pressed", "expected"),
    [
        (["down"], "b"),
        (["j", "j"], "c"),
        (["j", "j", "j"], "c"),
        (["j", "j", "k"], "b"),
        (["up"], "a"),
        (["end"], "c"),
        (["G", "home"], "a"),
        (["G", "g"], "a"),
        (["pagedown"], "c"),
        (["ctrl+d", "ctrl+u"], "a"),
        (["pagedown", "pageup"], "a"),
    ],
)
async def test_keys_move_past_headings(pressed: list[str], expected: str) -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(WITH_HEADINGS, HEADINGS)
        assert app.numbers.cursor_key == "a"
        await pilot.press(*pressed)
        assert app.numbers.cursor_key == expected


async def test_tells_where_the_cursor_is_and_what_is_opened() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(WITH_HEADINGS, HEADINGS)
        await pilot.press("j", "enter")
        await pilot.pause()
        highlighted, opened = app.told[-2], app.told[-1]
        assert isinstance(highlighted, LineList.Highlighted)
        assert highlighted.key == "b"
        assert isinstance(opened, LineList.Opened)
        assert opened.key == "b"


async def test_space_marks_and_goes_on() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(keys(5))
        await pilot.press("space", "space", "up", "space")
        assert app.numbers.marks == {"row0"}
        assert app.numbers.render_line(0).text.startswith(" *row0")
        app.numbers.set_rows(["row1", "row2"])
        assert app.numbers.marks == frozenset()


async def test_a_click_moves_and_a_double_click_opens() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(WITH_HEADINGS, HEADINGS)
        await pilot.click(Numbers, offset=(3, 0))
        assert app.numbers.cursor_key == "a"
        await pilot.click(Numbers, offset=(3, 4))
        assert app.numbers.cursor_key == "c"
        assert not any(isinstance(told, LineList.Opened) for told in app.told)
        await pilot.click(Numbers, offset=(3, 4), times=2)
        assert any(isinstance(told, LineList.Opened) for told in app.told)


async def test_the_cursor_stays_with_its_key_and_its_place_on_the_screen() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.numbers
        numbers.set_rows(keys(100))
        numbers.move_to("row50")
        await pilot.pause()
        line = 50 - numbers.scroll_offset.y
        numbers.set_rows([*(f"new{number}" for number in range(30)), *keys(100)])
        assert numbers.cursor_key == "row50"
        assert numbers.scroll_offset.y == 80 - line
        numbers.set_rows(["x", "y"])
        assert numbers.cursor_key == "y"
        numbers.set_rows([])
        assert numbers.cursor_key is None
        await pilot.press("j", "enter", "space", "pagedown", "G")
        assert numbers.cursor_key is None


async def test_scrolls_by_half_a_page_at_the_edge() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(keys(100))
        await pilot.press(*["down"] * 9)
        assert app.numbers.scroll_offset.y == 0
        await pilot.press("down")
        assert app.numbers.scroll_offset.y == 5
        await pilot.press("g")
        assert app.numbers.scroll_offset.y == 0


async def test_the_first_row_brings_its_heading_into_view() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.set_rows(["#top", *keys(100)], {"#top"})
        await pilot.press("G", "g")
        assert app.numbers.scroll_offset.y == 0


async def test_a_move_draws_two_rows_and_an_update_one() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.numbers
        numbers.set_rows(keys(1000))
        await pilot.pause()
        numbers.painted.clear()
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(numbers.painted)) == ["row0", "row1"]
        numbers.painted.clear()
        numbers.words["row3"] = "new"
        numbers.update_rows(["row3", "row900", "gone"])
        await pilot.pause()
        assert set(numbers.painted) == {"row3"}
        assert "row3 is new" in numbers.render_line(3).text


async def test_only_changed_cells_are_dirty() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.numbers
        numbers.set_rows(keys(5))
        await pilot.pause()
        numbers.words["row3"] = "diff"
        regions = []
        numbers.refresh = lambda *given, **_: regions.extend(given)  # type: ignore[method-assign,assignment]
        numbers.update_rows(["row3", "row4"])
        assert [(region.x, region.y, region.width) for region in regions] == [(10, 3, 4)]


async def test_a_wide_row_scrolls_sideways_and_shows_that_it_goes_on() -> None:
    app = ListApp()
    async with app.run_test(size=(20, 5)) as pilot:
        app.numbers.words["row0"] = "abcdefghijklmnopqrstuvwxyz"
        app.numbers.set_rows(keys(2), content_width=40)
        await pilot.pause()
        assert app.numbers.render_line(0).text.endswith("›")
        assert not app.numbers.render_line(1).text.endswith("›")
        await pilot.press("right")
        assert app.numbers.scroll_offset.x == 8
        await pilot.press("h")
        assert app.numbers.scroll_offset.x == 0


async def test_ten_thousand_rows_load_at_once_and_move_as_fast_as_a_thousand() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 40)) as pilot:
        many = keys(10_000)
        started = perf_counter()
        app.numbers.set_rows(many)
        assert perf_counter() - started < 0.1
        await pilot.pause()
        assert await cpu_of_keys(pilot, 60) < 60 * 0.030


class TableApp(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        self.animation_level = "none"
        table = self.query_one(DataTable)
        table.add_columns("name", "word")
        table.add_rows((key, "same") for key in keys(1_000))
        table.focus()


async def cpu_of_keys(pilot: Pilot[None], presses: int) -> float:
    """Seconds of the processor for so many cursor moves; the pilot's own waits don't count."""
    started = process_time()
    for _ in range(presses):
        await pilot.press("down")
    return process_time() - started


async def test_moves_no_slower_than_a_data_table() -> None:
    ours, theirs = ListApp(), TableApp()
    async with ours.run_test(size=(120, 40)) as pilot:
        ours.numbers.set_rows(keys(1_000))
        await pilot.pause()
        own = await cpu_of_keys(pilot, 60)
    async with theirs.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        table = await cpu_of_keys(pilot, 60)
    assert own < table
