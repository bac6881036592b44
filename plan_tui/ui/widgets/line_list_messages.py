"""What a list tells its screen, and the keys that move in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType
from textual.message import Message

if TYPE_CHECKING:
    from plan_tui.ui.widgets.line_list import LineList

BINDINGS: list[BindingType] = [
    Binding("down,j", "move(1)", "Down", show=False),
    Binding("up,k", "move(-1)", "Up", show=False),
    Binding("pagedown", "page(2)", "Page down", show=False),
    Binding("pageup", "page(-2)", "Page up", show=False),
    Binding("ctrl+d", "page(1)", "Half a page down", show=False),
    Binding("ctrl+u", "page(-1)", "Half a page up", show=False),
    Binding("home,g", "edge(-1)", "First", show=False),
    Binding("end,G", "edge(1)", "Last", show=False),
    Binding("left,h", "side(-1)", "Scroll left", show=False),
    Binding("right,l", "side(1)", "Scroll right", show=False),
    Binding("enter", "open", "Open", show=False),
    Binding("space", "mark", "Mark", show=False),
]


class _FromList(Message):
    def __init__(self, line_list: LineList) -> None:
        super().__init__()
        self.line_list = line_list

    @property
    def control(self) -> LineList:
        return self.line_list


class Highlighted(_FromList):
    """The cursor stands on another row, or on none."""

    def __init__(self, line_list: LineList, key: str | None) -> None:
        super().__init__(line_list)
        self.key = key

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, type(self)) and message.line_list is self.line_list


class Opened(_FromList):
    """A row was asked for with ``enter`` or the mouse."""

    def __init__(self, line_list: LineList, key: str) -> None:
        super().__init__(line_list)
        self.key = key


class MarksChanged(_FromList):
    """Rows were marked, or are no more."""

    def __init__(self, line_list: LineList, marks: frozenset[str]) -> None:
        super().__init__(line_list)
        self.marks = marks
