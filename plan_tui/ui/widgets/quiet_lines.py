"""A few lines of text that change often: only the cells that differ are painted again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from plan_tui.ui.widgets.quiet_scroll import QuietScrollView


class QuietLines(QuietScrollView, can_focus=False):
    """Lines of plain text, each in one tone."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"quiet-lines--strong", "quiet-lines--muted"}
    DEFAULT_CSS = """
    QuietLines {
        overflow: hidden;
        & > .quiet-lines--strong { text-style: bold; }
        & > .quiet-lines--muted { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._texts: tuple[tuple[str, str], ...] = ()

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        """Shows other lines.

        Args:
            lines: Each line's text and its tone: ``strong``, ``muted``, or nothing.
        """
        if tuple(lines) == self._texts:
            return
        seen = [self.render_line(y) for y in range(self._view_height)]
        self._texts = tuple(lines)
        self._repaint(seen)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y >= len(self._texts):
            return Strip.blank(width, self.rich_style)
        text, tone = self._texts[y]
        style = self.rich_style
        if tone:
            style += self.get_component_rich_style(f"quiet-lines--{tone}", partial=True)
        # A drawing changes sign by sign; a sentence as a whole, as each part costs its style.
        drawn = text.lstrip(" ")
        parts = [text[: len(text) - len(drawn)], *([drawn] if " " in drawn else drawn)]
        return Strip([Segment(part, style) for part in parts if part]).adjust_cell_length(
            width, self.rich_style
        )
