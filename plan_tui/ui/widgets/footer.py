"""The footer: at most eight keys, drawn in one line from the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from plan_tui.ui.commands import Command, footer_commands

if TYPE_CHECKING:
    from plan_tui.ui.screens.base import Commanding


class CommandFooter(Widget):
    """One line of keys; what can't be done is dim, and pressing it says why."""

    DEFAULT_CSS = """
    CommandFooter { dock: bottom; height: 1; padding: 0 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._drawn: Content | None = None
        self._spans: list[tuple[int, int, str]] = []

    @property
    def _commanding(self) -> Commanding[object]:
        return self.screen  # type: ignore[return-value]

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self.refresh_commands, init=False)

    def refresh_commands(self) -> None:
        """Draws the keys again where anything about them changed."""
        line = self._line() if self.is_mounted else None
        if line is not None and not (self._drawn and line.is_same(self._drawn)):
            self.refresh()

    def on_resize(self) -> None:
        self.refresh()

    def _reachable(self, command: Command) -> bool:
        """False for a letter that the focused field takes for itself."""
        focused = self.screen.focused
        if command.priority or focused is None:
            return True
        key = command.keys[0]
        character = key if len(key) == 1 else _CHARACTERS.get(key)
        return not focused.check_consume_key(key, character)

    def _line(self) -> Content:
        screen = self._commanding
        offered = footer_commands(
            each
            for each in screen.offered()
            if screen.is_offered(each.id) and self._reachable(each)
        )
        width = max(10, self.size.width)
        while offered:
            line = self._drawing(offered)
            if line.cell_length <= width:
                return line
            offered.remove(max(offered, key=lambda command: command.footer or 0))
        return Content("")

    def _drawing(self, commands: list[Command]) -> Content:
        parts: list[Content] = []
        self._spans, at = [], 0
        for index, command in enumerate(commands):
            gap = ""
            if index:
                gap = "  " if command.group == commands[index - 1].group else "   "
            item = self._item(command)
            at += len(gap)
            self._spans.append((at, at + item.cell_length, command.id))
            at += item.cell_length
            parts += [Content(gap), item]
        return Content("").join(parts)

    def _item(self, command: Command) -> Content:
        screen = self._commanding
        label = screen.label_of(command)
        if screen.why_not(command.id) is not None:
            return Content.styled(f"{command.key_text} {label}", "$text-disabled dim")
        return Content.assemble((command.key_text, "$text-accent bold"), f" {label}")

    def render(self) -> Content:
        self._drawn = self._line()
        return self._drawn

    async def on_click(self, event: object) -> None:
        x = getattr(event, "x", -1) - 1
        for start, end, command_id in self._spans:
            if start <= x < end:
                await self._commanding.action_command(command_id)


_CHARACTERS = {"question_mark": "?", "slash": "/", "space": " "}
