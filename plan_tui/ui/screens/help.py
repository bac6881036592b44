"""Every key of a place, made from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from plan_tui.ui.commands import Command, bindings, by_group, key_name
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.widgets.cells import wrap

MAX_WIDTH = 84
FRAME = 5
"""Cells of border, padding and scroll bar."""

CLOSE = Command(
    "help.close", ("escape", "question_mark", "q", "enter"), "Close", "Close the help.",
    "Help", "dismiss", footer=1,
)  # fmt: skip


class HelpScreen(PlanDialog[None]):
    """Keys, and what each one does."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings((CLOSE,))]
    COMMANDS_TABLE: ClassVar[tuple[Command, ...]] = (CLOSE,)

    def __init__(self, title: str, commands: tuple[Command, ...]) -> None:
        super().__init__()
        self._title = title
        self._commands = commands

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog pane") as pane:
            pane.border_title = f"Keys: {self._title}"
            pane.border_subtitle = "esc closes"
            yield Static()

    def on_resize(self, event: events.Resize) -> None:
        width = min(MAX_WIDTH, event.size.width * 96 // 100) - FRAME
        self.query_one(Static).update(help_text(self._commands, width))


def help_text(commands: tuple[Command, ...], width: int) -> Content:
    """Keys and sentences by group, the sentences wrapped beside their keys."""
    keys = {command.id: " ".join(key_name(key) for key in command.keys) for command in commands}
    column = max(map(len, keys.values()), default=0)
    lines: list[Content] = []
    for group, members in by_group(commands).items():
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(group, "bold $text-primary"))
        for each in members:
            shown = keys[each.id]
            for sentence in wrap(each.help, max(20, width - column - 4)):
                lines.append(
                    Content.assemble((f"  {shown:<{column}}  ", "$text-accent bold"), sentence)
                )
                shown = ""
    return Content("\n").join(lines)
