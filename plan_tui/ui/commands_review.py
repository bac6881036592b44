"""The commands of the review."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

COMMANDS: tuple[Command, ...] = COMMON
