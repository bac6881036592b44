"""The detail pane: a page of lines with a cursor, over which one reads and from which one jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment

from plan_tui.ui.widgets.line_list import LineList, RowState
from plan_tui.ui.widgets.lines import Line

Draw = Callable[[int], Sequence[Line]]
"""Makes a page for a width."""


class DetailView(LineList):
    """Draws a page of ``Line``; ``Opened`` tells the line, and the page what it opens."""

    QUIET_CURSOR: ClassVar[bool] = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: dict[str, Line] = {}
        self._draw: Draw = lambda width: ()
        self._drawn_width = 0

    @property
    def page_width(self) -> int:
        """Cells for a line."""
        return max(20, self.scrollable_content_region.width - 1)

    @property
    def page_lines(self) -> list[Line]:
        """The lines from top to bottom."""
        return list(self._lines.values())

    def show(self, draw: Draw, *, from_top: bool) -> None:
        """Shows a page.

        Args:
            draw: Makes the page, again for each width.
            from_top: Whether it is another page than before, to be read from its top.
        """
        self._draw = draw
        self._lay_out()
        if from_top:
            self.scroll_to(0, 0, animate=False, force=True)
            self.action_edge(-1)

    def opened_by(self, key: str) -> str:
        """The key of the change that a line leads to."""
        line = self._lines.get(key)
        return line.opens if line is not None else ""

    def go_to(self, section: str) -> bool:
        """Shows a section from its heading on."""
        if f"#{section}" not in self._lines:
            return False
        position = list(self._lines).index(f"#{section}")
        self.scroll_to(0, position, animate=False, force=True)
        return self.move_to(f"{section}:1")

    def _lay_out(self) -> None:
        self._drawn_width = self.page_width
        lines = self._draw(self._drawn_width)
        self._lines = {line.key: line for line in lines}
        headings = [line.key for line in lines if line.heading]
        widest = max((line.width for line in lines), default=0)
        content = widest if widest > self._drawn_width else 0
        self.set_rows(list(self._lines), headings, content)

    def on_resize(self) -> None:
        if self.page_width != self._drawn_width:
            self._lay_out()

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        line = self._lines[key]
        for text, tone in line.parts:
            yield Segment(text, self.tone(tone) if tone else None)
        if state.cursor and line.opens:
            yield Segment("  enter opens", self.tone("muted"))
