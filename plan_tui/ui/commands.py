"""One table of commands, from which bindings, footer, help and palette are made.

Each screen's commands stand in a module of their own (``commands_setup`` and so on). A screen
takes ``BINDINGS = bindings(COMMANDS)``; all of them run ``PlanScreen.action_command``, which asks
``PlanScreen.why_not`` first, so that a key which can't do its work says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "exclamation_mark": "!",
    "escape": "esc",
    "backspace": "bksp",
    "delete": "del",
    "space": "space",
    "enter": "enter",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+tab": "shift+tab",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
}


@dataclass(frozen=True)
class Command:
    """Something a person can do with a key."""

    id: str
    """Unique: ``review.next_open``."""
    keys: tuple[str, ...]
    """Textual's names of the keys; the first one is shown."""
    label: str
    """One to three words for the footer."""
    help: str
    """One sentence for help and palette."""
    group: str
    """Where it stands in the help, and what it stands beside in the footer."""
    action: str
    """The screen's action that does it, as in ``toggle_pane('log')``."""
    footer: int | None = None
    """Its rank in the footer, the lowest first to stay when it is narrow; None: not there."""
    priority: bool = False
    """Whether it comes before the focused widget, so that it works while one types."""
    palette: bool = True
    """False for keys that only move."""

    @property
    def key_text(self) -> str:
        """The first key, as it is shown."""
        return key_name(self.keys[0])


def key_name(key: str) -> str:
    """A key as it is shown: ``?`` for ``question_mark``."""
    return KEY_NAMES.get(key, key)


def bindings(commands: Iterable[Command]) -> list[Binding]:
    """Textual's bindings for commands."""
    return [
        Binding(
            ",".join(command.keys),
            f"command('{command.id}')",
            command.label,
            show=command.footer is not None,
            key_display=command.key_text,
            tooltip=command.help,
            priority=command.priority,
            id=command.id,
        )
        for command in commands
    ]


def footer_commands(commands: Iterable[Command]) -> list[Command]:
    """The commands of the footer, by group as in the table, at most eight."""
    shown = [command for command in commands if command.footer is not None]
    kept = sorted(shown, key=lambda command: command.footer or 0)[:8]
    return [command for command in shown if command in kept]


def by_group(commands: Iterable[Command]) -> dict[str, list[Command]]:
    """Commands by group, in the table's order."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        groups.setdefault(command.group, []).append(command)
    return groups
