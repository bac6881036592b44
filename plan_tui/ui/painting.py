"""What a terminal already shows, so that only cells that are others are written to it.

Textual writes whole lines of each widget that changed, though most of their cells show the same as
before: the frame, the headings, the blanks. Over SSH those bytes are what one waits for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len

from plan_tui.ui.pen import PLAIN, Looks

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<look>[0-9;]*)m"
    r"|\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|(?P<line>\n)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_LEAVES_CELLS_ALONE: Final = re.compile(
    r"(?:\x1b\[\?(?:25|1000|1002|1003|1004|1006|1015|1016|2004|2026|2048)[hl]"  # modes
    r"|\x1b\[\?\d+\$p"  # questions for modes
    r"|\x1b\[[<>=]\d*(?:;\d+)*u"  # the keyboard's protocol
    r"|\x1b\](?:0|2|9|22|52|777);[^\x07\x1b]*(?:\x07|\x1b\\)"  # title, notification, clipboard
    r"|\x07)*"
)
GAP: Final = 4
"""Cells that are as they were between two that are not, and cost no more than a move."""
UNKNOWN: Final = -1


class Write(NamedTuple):
    """A text in one look, from a cell on."""

    row: int
    column: int
    text: str
    look: int


class Foreign(Exception):
    """Something was written that says more than where, how and what."""


class Row:
    """The cells of a line; those that nothing is known of have the look ``UNKNOWN``."""

    def __init__(self) -> None:
        self.signs: list[str] = []
        self.looks: list[int] = []

    def reach(self, columns: int) -> None:
        """Has at least so many cells."""
        missing = columns - len(self.signs)
        if missing > 0:
            self.signs += [""] * missing
            self.looks += [UNKNOWN] * missing

    def forget(self) -> None:
        """Knows nothing more."""
        self.signs, self.looks = [], []


class Painting:
    """A terminal's cells."""

    def __init__(self) -> None:
        self._looks = Looks()
        self._rows: dict[int, Row] = {}
        self._cursor: tuple[int, int] | None = None
        self.columns: int | None = None
        """How wide the terminal is, where that is known."""

    def forget(self) -> None:
        """Whatever is written next is written whole."""
        self._rows.clear()
        self._cursor = None

    def lean(self, data: str) -> str:
        """What to write in place of some data, for the same picture.

        Args:
            data: What was to be written: whole sequences, from a plain pen to a plain pen.
        """
        if not data:
            return data
        try:
            writes, cursor = self._parse(data)
        except (Foreign, ValueError):
            if _LEAVES_CELLS_ALONE.fullmatch(data) is None:
                self.forget()
            return data
        brush = _Brush(self._looks, self._cursor)
        for write in writes:
            self._paint(brush, write)
        brush.end(cursor)
        self._cursor = brush.at
        return brush.written

    def _parse(self, data: str) -> tuple[list[Write], tuple[int, int] | None]:
        """The texts in it and where it leaves the cursor.

        Raises:
            Foreign: There is more in it.
            ValueError: It has a look that is not known.
        """
        writes: list[Write] = []
        at, cursor, look, end = self._cursor, None, PLAIN, 0
        for token in _TOKEN.finditer(data):
            if token.start() != end:
                raise Foreign
            end = token.end()
            kind = token.lastgroup
            if kind == "look":
                look = self._looks.after(look, token["look"])
            elif kind == "text":
                if at is None:
                    raise Foreign
                text = token["text"]
                writes.append(Write(*at, text, look))
                at = (at[0], at[1] + cell_len(text))
                cursor = None
            elif kind == "line":
                if at is None:
                    raise Foreign
                at = (at[0] + 1, 0)
            else:
                at = cursor = (int(token["row"]) - 1, int(token["column"]) - 1)
        if end != len(data) or look != PLAIN:
            raise Foreign
        return writes, cursor

    def _paint(self, brush: _Brush, write: Write) -> None:
        row = self._rows.setdefault(write.row, Row())
        if not _is_narrow(write.text):
            # Terminals differ about how wide such signs are: the line is only known again once
            # all of it was written anew.
            row.forget()
            brush.write(write.row, write.column, write.text, write.look)
            brush.lose_place()
            return
        for start, end in self._changed(row, write):
            first = write.column + start
            brush.write(write.row, first, write.text[start:end], write.look)
        if self.columns is not None and write.column + len(write.text) > self.columns:
            row.forget()  # made for a wider terminal: its last cell has what comes last

    def _changed(self, row: Row, write: Write) -> list[tuple[int, int]]:
        """The parts of a text that are not there yet; they are from now on."""
        column, text, look = write.column, write.text, write.look
        blank = self._looks.blank(look)
        end = column + len(text)
        row.reach(end)
        looks = [blank if sign == " " else look for sign in text]
        parts: list[tuple[int, int]] = []
        if row.looks[column:end] != looks or row.signs[column:end] != list(text):
            parts = list(_runs(row, column, text, looks))
        row.signs[column:end] = text
        row.looks[column:end] = looks
        return parts


def _runs(row: Row, column: int, text: str, looks: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of other cells, with what lies between two that are near."""
    first = last = -1
    old_signs, old_looks = row.signs, row.looks
    for index, sign in enumerate(text):
        if old_signs[column + index] == sign and old_looks[column + index] == looks[index]:
            continue
        if first < 0:
            first = index
        elif index - last > GAP + 1:
            yield first, last + 1
            first = index
        last = index
    if first >= 0:
        yield first, last + 1


@lru_cache(maxsize=4096)
def _is_narrow(text: str) -> bool:
    """Whether every sign of it takes one cell."""
    return text.isascii() or all(cell_len(sign) == 1 for sign in text)


class _Brush:
    """Writes; knows where it is and with which look."""

    def __init__(self, looks: Looks, at: tuple[int, int] | None) -> None:
        self._looks = looks
        self._parts: list[str] = []
        self._look = PLAIN
        self.at = at

    @property
    def written(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def write(self, row: int, column: int, text: str, look: int) -> None:
        """Writes a text in one look from a cell on."""
        self._move(row, column)
        if not text.isspace() or self._looks.blank(self._look) != self._looks.blank(look):
            self._turn(look)
        self._parts.append(text)
        self.at = (row, column + len(text))

    def lose_place(self) -> None:
        """Where it is depends on the terminal."""
        self.at = None

    def end(self, cursor: tuple[int, int] | None) -> None:
        """Leaves a plain pen, and the cursor where it was to be left."""
        self._turn(PLAIN)
        if cursor is not None:
            self._move(*cursor)
        else:
            self.at = None

    def _turn(self, look: int) -> None:
        self._parts.append(self._looks.way(self._look, look))
        self._look = look

    def _move(self, row: int, column: int) -> None:
        if self.at == (row, column):
            return
        if self.at is not None and self.at[0] == row and self.at[1] < column:
            self._parts.append(f"\x1b[{column - self.at[1]}C")
        else:
            self._parts.append(f"\x1b[{row + 1};{column + 1}H")
        self.at = (row, column)
