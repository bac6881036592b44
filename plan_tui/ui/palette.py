"""The palette: every command of the place one is in, found by name or by help."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from plan_tui.ui.commands import Command
from plan_tui.ui.screens.base import Commanding


class TableCommands(Provider):
    """The commands of the table that the screen below offers."""

    def _offered(self) -> Iterator[Command]:
        screen = self.screen
        if isinstance(screen, Commanding):
            for command in screen.offered():
                if command.palette and screen.is_offered(command.id):
                    yield command

    def _help(self, command: Command) -> str:
        screen = self.screen
        if not isinstance(screen, Commanding):
            return command.help
        reason = screen.in_full(screen.why_not(command.id) or "")
        return reason or command.help

    async def discover(self) -> Hits:
        for command in self._offered():
            yield DiscoveryHit(
                Content(_title(command)),
                partial(self._run, command),
                text=_title(command),
                help=self._help(command),
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._offered():
            title = _title(command)
            score = max(matcher.match(title), matcher.match(command.help) * 0.6)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(title),
                    partial(self._run, command),
                    text=title,
                    help=self._help(command),
                )

    async def _run(self, command: Command) -> None:
        screen = self.screen
        if isinstance(screen, Commanding):
            await screen.action_command(command.id)


def _title(command: Command) -> str:
    return f"{command.label}  ({command.key_text})"
