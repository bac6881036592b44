"""The columns of the table of a run, and their names above it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from plan_tui.ui.widgets.cells import fit

WIDE = 100
"""Cells from which on the table has room for every column."""

NOTE = {False: 20, True: 24}
"""The cells that an interval needs, on a narrow and on a wide screen."""
TIME = 6
LEFT = 7


@dataclass(frozen=True)
class Columns:
    """Where the cells of a row stand; equal for all rows, so that nothing jumps."""

    name: int
    bar: int
    count: int
    note: int
    age: int
    """0 where there is no room for the age of the running batch."""

    @classmethod
    def fitting(cls, width: int, longest_name: int, widest_count: int) -> Columns:
        """Columns for a row of so many cells: the name gives way before the interval does."""
        wide = width >= WIDE
        bar_width = 10 if wide else 6
        age = TIME if wide else 0
        fixed = 2 + 1 + bar_width + 1 + widest_count + 2 + (age + 1 if age else 0)
        fixed += 1 + TIME + 1 + LEFT
        room = max(10, width - fixed)
        name = max(min(longest_name, room - NOTE[wide]), min(longest_name, 12), 5)
        return cls(name, bar_width, widest_count, max(0, room - name), age)

    @property
    def tail(self) -> int:
        """The cells of everything right of the note."""
        return (self.age + 1 if self.age else 0) + 1 + TIME + 1 + LEFT


class ProgressHead(Widget):
    """The names of the table's columns."""

    DEFAULT_CSS = "ProgressHead { height: 1; color: $text-muted; }"

    def __init__(self) -> None:
        super().__init__()
        self._columns: Columns | None = None

    def show(self, columns: Columns) -> None:
        """Draws the head over these columns."""
        if columns != self._columns:
            self._columns = columns
            self.refresh()

    def render(self) -> Content:
        columns = self._columns
        if columns is None:
            return Content("")
        cells = [
            "   " + "model".ljust(columns.name),
            " " + "batches".rjust(columns.bar + 1 + columns.count),
            "  " + fit("interval at work", columns.note),
        ]
        if columns.age:
            cells.append(" " + "batch".rjust(columns.age))
        cells += [" " + "time".rjust(TIME), " " + "left".rjust(LEFT)]
        return Content("".join(cells))
