"""The commands of the dangers page."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

COMMANDS: tuple[Command, ...] = (
    Command("dangers.back", ("escape",), "Back", "Go back to the review.",
            "Dangers", "back", footer=1),
    Command("dangers.allow", ("A", "space"), "Allow",
            "Allow this change of a table for this plan alone, or take that back.",
            "Dangers", "allow", footer=10),
    Command("dangers.open", ("enter", "o"), "Open",
            "Show the statements that would run or what is lost, or hide them again.",
            "Dangers", "toggle_details", footer=20),
    Command("dangers.apply", ("a",), "Apply", "Show what the plan will do, and apply it.",
            "Dangers", "ask_apply", footer=30),
    Command("dangers.copy", ("y",), "Copy", "Copy the danger with its statements.",
            "Dangers", "copy", footer=40),
    *COMMON,
)  # fmt: skip
