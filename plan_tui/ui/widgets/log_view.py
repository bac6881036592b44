"""The log of a run: times and lines, wrapped rather than cut, following the newest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip

from plan_tui.contract.state import LogLine
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import clock_time
from plan_tui.ui.glyphs import FAILED, WARNING
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.line_list import LineList
from plan_tui.ui.widgets.rows import Rows, RowState

TIME_CELLS = 9
TONES = {"info": "muted", "warning": "warn", "error": "bad"}
SIGNS = {"warning": f"{WARNING} ", "error": f"{FAILED} "}


class LogView(LineList):
    """Log lines; the cursor follows the newest until it is moved away from it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[LogLine, ...] = ()
        self._parts: dict[str, tuple[str, str, str]] = {}
        self._shown: tuple[int, int] = (-1, -1)
        self._wrapped_at = 0

    def show(self, lines: Sequence[LogLine], told: int, generation: int) -> None:
        """Draws the lines, where there are others than before.

        Args:
            lines: The lines that are kept, the newest last.
            told: How many lines there have been.
            generation: Changes when the lines are others altogether.
        """
        if (told, generation) == self._shown:
            return
        self._shown = (told, generation)
        self._lines = tuple(lines)
        self._layout()

    def on_resize(self) -> None:
        super().on_resize()
        if self._text_cells != self._wrapped_at:
            self._layout()

    @property
    def _text_cells(self) -> int:
        return max(10, self.scrollable_content_region.width - 1 - TIME_CELLS)

    def _layout(self) -> None:
        follows = self._cursor is None or self._cursor == len(self.keys) - 1
        self._wrapped_at = self._text_cells
        first = self._shown[0] - len(self._lines)
        self._parts = {}
        for number, line in enumerate(self._lines, start=first):
            self._wrap(number, line)
        keys = tuple(self._parts)
        if follows and keys:
            self._follow(keys)
        else:
            self.set_rows(keys)

    def _follow(self, keys: tuple[str, ...]) -> None:
        """Takes rows and shows the last of them, with one repaint."""
        self._rows = Rows.of(keys, ())
        self._strips.clear()
        self._set_virtual_size(Size(0, len(keys)))
        self._cursor = len(keys) - 1
        self.scroll_to(y=len(keys), animate=False, force=True, immediate=True)
        self.refresh(Region(0, 0, *self.scrollable_content_region.size))

    def _wrap(self, number: int, line: LogLine) -> None:
        text = SIGNS.get(line.level, "") + clean(line.text, keep_newlines=True).rstrip()
        time = f"{clock_time(line.at)} " if line.at else " " * TIME_CELLS
        for part in wrap(text, self._wrapped_at):
            self._parts[f"{number}:{len(self._parts)}"] = (time, part, line.level)
            time = " " * TIME_CELLS

    def _drawn(self, key: str, width: int, state: RowState) -> Strip:
        """The cursor shows only while somebody reads here."""
        shown = state if self.has_focus else replace(state, cursor=False)
        return super()._drawn(key, width, shown)

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        time, text, level = self._parts[key]
        yield Segment(time, self.tone("muted"))
        yield Segment(text, self.tone(TONES[level]) if level in TONES else None)
