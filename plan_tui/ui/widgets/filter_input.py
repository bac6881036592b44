"""Where the filter of a list is typed; the arrows go on moving in the list."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """One line; shown while a filter is typed or set."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "pass_on(1)", show=False),
        Binding("up", "pass_on(-1)", show=False),
    ]

    class Moved(Message):
        """An arrow was pressed that is meant for the list."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str) -> None:
        super().__init__(
            placeholder="name, tag: owner: kind: cat: seen:no…; esc clears", id=id, compact=True
        )

    def action_pass_on(self, by: int) -> None:
        self.post_message(self.Moved(by))
