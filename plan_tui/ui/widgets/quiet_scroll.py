"""A scroll view of lines that writes to the terminal only what is not there already."""

from __future__ import annotations

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from plan_tui.ui.widgets.rows import changed_cells


class QuietScrollView(ScrollView):
    """Compares lines before and after a change, and repaints the cells that differ."""

    @property
    def _view_height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _set_virtual_size(self, size: Size) -> None:
        """Sets it without the layout of the whole screen that Textual does for a new size."""
        if not self.container_size:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(QuietScrollView.virtual_size, size)
            self._scroll_update(size)

    def _repaint(self, seen: list[Strip]) -> None:
        """Repaints the cells in view that are not as they were."""
        if len(seen) != self._view_height:
            self.refresh()
            return
        for y, before in enumerate(seen):
            left, right = changed_cells(before, self.render_line(y))
            if left < right:
                self.refresh(Region(left, y, right - left, 1))
