"""What is left out of what Textual writes: a terminal that gets the rest shows the same."""

from __future__ import annotations

import random

import pyte
import pytest
from pyte.screens import Char
from rich.console import RenderableType
from rich.control import Control
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from plan_tui.ui.painting import Painting
from plan_tui.ui.pen import Look, Looks

from . import review_samples as samples
from .driving import OpenedApp, settled, until

COLUMNS, ROWS = 40, 8
LOOKS = ("", "1", "4", "7", "2;31", "38;2;1;2;3", "38;5;7;48;2;9;9;9", "1;48;2;9;9;9", "9;42")
SIGNS = "ab  ─█│·"
WIDE = "数é漢 ✅"


class Terminals:
    """A terminal that gets everything, and one that gets what is left."""

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.painting = Painting()
        self.painting.columns = columns
        self._whole, self._lean = pyte.Screen(columns, rows), pyte.Screen(columns, rows)
        for screen in (self._whole, self._lean):
            screen.reset_mode(7, private=True)  # no wrap, as Textual has it
        self._streams = pyte.Stream(self._whole), pyte.Stream(self._lean)
        self.written = self.wanted = 0

    def write(self, data: str) -> str:
        """Writes to both; returns what the second one got."""
        lean = self.painting.lean(data)
        self._streams[0].feed(data)
        self._streams[1].feed(lean)
        self.wanted += len(data)
        self.written += len(lean)
        return lean

    def resize(self, columns: int, rows: int) -> None:
        """What the driver does when the terminal's size is another."""
        self.painting.columns = columns
        self.painting.forget()
        for screen in (self._whole, self._lean):
            screen.resize(rows, columns)

    def assert_same(self) -> None:
        """Both show the same."""
        for row in range(self._whole.lines):
            for column in range(self._whole.columns):
                shown, wanted = self._lean.buffer[row][column], self._whole.buffer[row][column]
                assert seen(shown) == seen(wanted), (row, column)
        at, wanted_at = self._lean.cursor, self._whole.cursor
        assert (at.x, at.y) == (wanted_at.x, wanted_at.y)


def seen(cell: Char) -> Char:
    """A cell without what can't be seen of it: a blank has no letter to colour."""
    if cell.data != " " or cell.underscore or cell.reverse or cell.strikethrough:
        return cell
    return cell._replace(fg="default", bold=False, italics=False, blink=False)


def some_update(chance: random.Random, signs: str) -> str:
    """A few texts in a few looks, as Textual writes them."""
    parts = []
    for _ in range(chance.randint(1, 4)):
        row, column = chance.randrange(ROWS), chance.randrange(COLUMNS - 24)
        parts.append(f"\x1b[{row + 1};{column + 1}H")
        for _ in range(chance.randint(1, 3)):
            text = "".join(chance.choice(signs) for _ in range(chance.randint(1, 8)))
            look = chance.choice(LOOKS)
            parts.append(f"\x1b[{look}m{text}\x1b[0m" if look else text)
        if chance.random() < 0.2 and row < ROWS - 1:
            parts.append("\n")
    return "".join([*parts, f"\x1b[{chance.randint(1, ROWS)};{chance.randint(1, COLUMNS)}H"])


@pytest.mark.parametrize("seed", range(12))
def test_any_updates_look_the_same(seed: int) -> None:
    chance, terminals = random.Random(seed), Terminals()
    for _ in range(60):
        terminals.write(some_update(chance, SIGNS))
        terminals.assert_same()
    assert terminals.written < terminals.wanted


@pytest.mark.parametrize("seed", range(5))
def test_wide_signs_look_the_same(seed: int) -> None:
    chance, terminals = random.Random(seed), Terminals()
    for _ in range(60):
        terminals.write(some_update(chance, chance.choice((SIGNS, WIDE))))
        terminals.assert_same()


def test_what_is_there_already_is_not_written() -> None:
    terminals = Terminals()
    update = "\x1b[2;3H\x1b[1;31mabc\x1b[0m def\x1b[1;1H"
    terminals.write(update)
    assert terminals.write(update) == ""
    assert terminals.write(update.replace("def", "dxf")) == "\x1b[2;8Hx\x1b[1;1H"
    terminals.assert_same()


def test_a_blank_in_another_colour_of_letters_is_the_same() -> None:
    terminals = Terminals()
    terminals.write("\x1b[1;1H\x1b[31m    \x1b[0m\x1b[1;1H")
    assert terminals.write("\x1b[1;1H\x1b[1;32m    \x1b[0m\x1b[1;1H") == ""
    assert terminals.write("\x1b[1;1H\x1b[4m    \x1b[0m\x1b[1;1H") != ""


def test_other_sequences_pass_and_those_that_may_draw_have_all_forgotten() -> None:
    terminals = Terminals()
    update = "\x1b[2;3Habc\x1b[1;1H"
    terminals.write(update)
    for passing in ("\x1b[?2026h", "\x1b]52;c;YWJj\x07", "\x1b]0;a title\x07", "\x07", ""):
        assert terminals.write(passing) == passing
        assert terminals.write(update) == ""
    for drawing in ("\x1b[2J", "\x1b[?1049h", "\x1b[3;4r", "\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\"):
        assert terminals.write(drawing) == drawing
        assert terminals.write(update) == update


def test_what_goes_beyond_the_edge_is_not_relied_on() -> None:
    terminals = Terminals(columns=10)
    terminals.write("\x1b[1;1H" + "abcdefghijkl" + "\x1b[1;1H")
    update = "\x1b[1;1Habcdefghij\x1b[1;1H"
    assert "abcdefghij" in terminals.write(update)
    terminals.assert_same()


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ("1;31", "1;32", "\x1b[32m"),
        ("1;31", "31", "\x1b[0;31m"),
        ("31;44", "44", "\x1b[39m"),
        ("1;4;31;44", "", "\x1b[m"),
        ("31", "4;31", "\x1b[4m"),
    ],
)
def test_the_shortest_way_between_two_looks(before: str, after: str, way: str) -> None:
    looks = Looks()
    assert looks.way(looks.after(0, before), looks.after(0, after)) == way


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="58"):
        Look().drawn_over("58;5;1")
    with pytest.raises(ValueError, match="38"):
        Look().drawn_over("38;2;1")


class Recorded(OpenedApp):
    """Writes to two terminals what it would write to one."""

    terminals: Terminals

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate) and screen is self.screen:
            at = self.screen.outer_size.clamp_offset(self.cursor_position)
            data = renderable.render_segments(self.console)
            self.terminals.write(data + Control.move_to(*at).segment.text)
        super()._display(screen, renderable)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_app_looks_the_same(size: tuple[int, int]) -> None:
    app = Recorded(samples.port_on(samples.reviewing()))
    app.terminals = Terminals(*size)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.client_state.connection != "starting")
        for key in (
            "j",
            "j",
            "n",
            "j",
            "G",
            "g",
            "question_mark",
            "escape",
            "f1",
            "tab",
            "f2",
            "j",
        ):
            await pilot.press(key)
            await settled(pilot)
            app.terminals.assert_same()
        assert app.terminals.written < app.terminals.wanted / 2
        app.terminals.resize(100, 30)
        await pilot.resize_terminal(100, 30)
        await settled(pilot)
        app.terminals.assert_same()
        app.action_redraw()
        await settled(pilot)
        app.terminals.assert_same()
