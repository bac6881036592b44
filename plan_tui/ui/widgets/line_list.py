"""A list that draws line by line: change list, progress table and diff are made of it.

A cursor move repaints two lines, a changed row its changed cells, a row out of sight nothing. At
the edge it scrolls by half a page, because a scroll repaints every line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.strip import Strip

from plan_tui.ui.widgets import line_list_look as look
from plan_tui.ui.widgets import line_list_messages
from plan_tui.ui.widgets.quiet_scroll import QuietScrollView
from plan_tui.ui.widgets.rows import Rows, RowState, changed_cells

__all__ = ["LineList", "RowState"]

_CACHED_ROWS = 2_000
_SIDE_CELLS = 8


class LineList(QuietScrollView, can_focus=True):
    """Rows by key, with headings, one cursor, marks and vim's keys; subclasses draw the rows."""

    ALLOW_SELECT = False
    MARKABLE: ClassVar[bool] = False
    """Whether ``space`` marks rows; the marks have a column of their own."""
    QUIET_CURSOR: ClassVar[bool] = False
    """Whether the cursor is drawn only while the list has the focus."""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line-list--{name}" for name in look.PARTS}
    DEFAULT_CSS = look.CSS
    BINDINGS: ClassVar[list[BindingType]] = line_list_messages.BINDINGS

    class Highlighted(line_list_messages.Highlighted):
        """The cursor stands on another row, or on none."""

    class Opened(line_list_messages.Opened):
        """A row was asked for with ``enter`` or the mouse."""

    class MarksChanged(line_list_messages.MarksChanged):
        """Rows were marked, or are no more."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows = Rows()
        self._marks: frozenset[str] = frozenset()
        self._cursor: int | None = None
        self._strips: dict[str, tuple[RowState, Strip]] = {}
        self._strip_width = 0
        self._margin = 2 if self.MARKABLE else 1

    def paint_row(self, key: str, width: int, state: RowState) -> Iterable[Segment]:
        """Draws a row in at most ``width`` cells; cursor, mark and padding are added to it."""
        raise NotImplementedError

    def paint_mark(self, key: str, state: RowState) -> Segment:
        """Draws the column of marks."""
        return Segment("*" if state.marked else " ", self.tone("mark"))

    def tone(self, name: str) -> Style:
        """A style of ``line_list_look.PARTS`` for a part of a row: ``good``, ``bad``, ``muted``."""
        return self.get_component_rich_style(f"line-list--{name}", partial=True)

    # Rows

    @property
    def keys(self) -> Sequence[str]:
        """The rows' keys, from top to bottom, headings too."""
        return self._rows.keys

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor."""
        return None if self._cursor is None else self._rows.keys[self._cursor]

    @property
    def marks(self) -> frozenset[str]:
        """The keys of the marked rows."""
        return self._marks

    def set_rows(
        self, keys: Sequence[str], headings: Collection[str] = (), content_width: int = 0
    ) -> None:
        """Replaces all rows; cursor and marks stay with their keys, the view with the cursor.

        Args:
            keys: Unique keys from top to bottom, headings included.
            headings: Those of the keys on which the cursor can't stand.
            content_width: Cells that a row needs, where it may be wider than the widget.
        """
        before, at = self.cursor_key, self._cursor
        offset = None if at is None else at - self.scroll_offset.y
        seen = self._seen()
        self._rows = rows = Rows.of(keys, headings)
        marks = frozenset(key for key in self._marks if key in rows.index)
        self._strips.clear()
        found = rows.position(before)
        self._cursor = rows.near(at or 0, 1) if found is None else found
        if content_width:
            content_width += self._margin
        self._set_virtual_size(Size(content_width, len(keys)))
        if self._cursor is not None and offset is not None:
            self.scroll_to(y=self._cursor - offset, animate=False, force=True)
            self._reveal(self._cursor)
        self._repaint(seen)
        self._set_marks(marks)
        if self.cursor_key != before:
            self.post_message(self.Highlighted(self, self.cursor_key))

    def _seen(self) -> list[Strip]:
        """The lines as they are in view; none where one would have to be drawn for it.

        What a subclass draws them from may have been replaced already.
        """
        top, width = self.scroll_offset.y, self.scrollable_content_region.width
        keys = self._rows.keys[top : top + self._view_height]
        drawn_width = max(width, self.virtual_size.width)
        if drawn_width != self._strip_width or any(key not in self._strips for key in keys):
            return []
        return [self.render_line(y) for y in range(self._view_height)]

    def update_rows(self, keys: Iterable[str]) -> None:
        """Repaints the cells that changed in these rows; rows out of sight are only forgotten."""
        top, height = self.scroll_offset.y, self._view_height
        for key in keys:
            position = self._rows.index.get(key)
            cached = self._strips.pop(key, None)
            if position is None or not top <= position < top + height:
                continue
            if cached is None:
                self.refresh_line(position)
                continue
            left, right = changed_cells(cached[1], self._strip_of(position))
            if left < right:
                self.refresh(Region(left - self.scroll_offset.x, position - top, right - left, 1))

    def repaint_rows(self) -> None:
        """Draws every row anew, with what the painter knows now."""
        self._strips.clear()
        self.refresh()

    def move_to(self, key: str) -> bool:
        """Puts the cursor on a row and shows it; False where there is no such row."""
        position = self._rows.position(key)
        if position is None:
            return False
        self._set_cursor(position)
        return True

    def set_marks(self, keys: Iterable[str]) -> None:
        """Marks exactly these rows."""
        self._set_marks(frozenset(key for key in keys if key in self._rows.index))

    # Keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "mark":
                return self.MARKABLE
            case "side":
                return self.scroll_x > 0 if parameters == (-1,) else self.max_scroll_x > 0
            case _:
                return True

    def action_move(self, by: int) -> None:
        start = self._cursor
        self._set_cursor(self._rows.near((0 if start is None else start + by), by))

    def action_page(self, halves: int) -> None:
        by = halves * max(1, self._view_height // 2)
        self._set_cursor(self._rows.near((self._cursor or 0) + by, by))

    def action_edge(self, side: int) -> None:
        self._set_cursor(self._rows.near(0 if side < 0 else len(self._rows.keys) - 1, -side))

    def action_side(self, side: int) -> None:
        self.scroll_to(x=self.scroll_x + side * _SIDE_CELLS, animate=False)

    def action_open(self) -> None:
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_mark(self) -> None:
        if self.cursor_key is not None:
            self._set_marks(self._marks ^ {self.cursor_key})
            self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        position = event.y + self.scroll_offset.y
        if (
            not 0 <= position < len(self._rows.keys)
            or self._rows.keys[position] in self._rows.headings
        ):
            return
        again = event.chain > 1
        self._set_cursor(position)
        if again:
            self.action_open()

    def on_resize(self) -> None:
        if self._cursor is not None:
            self._reveal(self._cursor)

    # Drawing

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if position >= len(self._rows.keys):
            return Strip.blank(width, self.rich_style)
        left, strip = self.scroll_offset.x, self._strip_of(position)
        if self.virtual_size.width <= width or not strip.crop(left + width).text.rstrip():
            return strip.crop(left, left + width)
        more = Strip([Segment("›", self.rich_style + self.tone("accent"))], 1)
        return Strip.join([strip.crop(left, left + width - 1), more])

    def _strip_of(self, position: int) -> Strip:
        key = self._rows.keys[position]
        width = max(self.scrollable_content_region.width, self.virtual_size.width)
        if width != self._strip_width or len(self._strips) > _CACHED_ROWS:
            self._strips.clear()
            self._strip_width = width
        cursor = position == self._cursor and not (self.QUIET_CURSOR and not self.has_focus)
        state = RowState(cursor, key in self._marks, key in self._rows.headings)
        cached = self._strips.get(key)
        if cached is not None and cached[0] == state:
            return cached[1]
        strip = self._drawn(key, width, state)
        self._strips[key] = (state, strip)
        return strip

    def _drawn(self, key: str, width: int, state: RowState) -> Strip:
        style = self.rich_style
        if state.heading:
            style += self.tone("heading")
        if state.cursor:
            style += self.get_component_rich_style("line-list--cursor")
        segments = [Segment("▌" if state.cursor else " ", self.tone("bar"))]
        if self.MARKABLE:
            segments.append(self.paint_mark(key, state))
        segments.extend(self.paint_row(key, width - self._margin, state))
        return Strip(Segment.apply_style(segments, style)).adjust_cell_length(width, style)

    # The cursor

    def _set_cursor(self, position: int | None) -> None:
        before = self._cursor
        if position is None:
            return
        if position == before:
            self._reveal(position)
            return
        self._cursor = position
        if not self._reveal(position):
            if before is not None:
                self.refresh_line(before)
            self.refresh_line(position)
        self.post_message(self.Highlighted(self, self._rows.keys[position]))

    def _reveal(self, position: int) -> bool:
        """Scrolls where the row is out of sight, so that it comes to the middle."""
        top, height = self.scroll_offset.y, self._view_height
        # No key reaches the heading above the first row, so that one brings it into view.
        under_heading = position <= top and self._rows.near(0, 1) == position
        if top <= position < top + height and not (top and under_heading):
            return False
        self.scroll_to(y=max(0, position - height // 2), animate=False, force=True)
        return self.scroll_offset.y != top

    def _set_marks(self, marks: frozenset[str]) -> None:
        changed = marks ^ self._marks
        if not changed:
            return
        self._marks = marks
        top = self.scroll_offset.y
        for position, key in enumerate(self._rows.keys[top : top + self._view_height], top):
            if key in changed:
                self.refresh_line(position)
        self.post_message(self.MarksChanged(self, marks))
