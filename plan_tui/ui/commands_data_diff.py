"""The commands of the data diff."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

COMPARE = "Compare"
PAGE = "Data diff"
FIELD = "While a field is typed"

COMMANDS: tuple[Command, ...] = (
    Command("data.run", ("enter", "r"), "Compare", "Read both sides and compare them.",
            COMPARE, "compare", footer=10),
    Command("data.stop", ("c",), "Cancel", "Stop the comparison.", COMPARE, "stop", footer=11),
    Command("data.on", ("o",), "Key columns", "Type the columns that tell a row, with commas.",
            COMPARE, "edit('on')", footer=20),
    Command("data.where", ("w",), "Condition", "Type a condition that bounds both sides.",
            COMPARE, "edit('where')", footer=30),
    Command("data.limit", ("m",), "Rows", "Change how many rows of each sample are read.",
            COMPARE, "limit", footer=40),
    Command("data.seconds", ("x",), "Time", "Change the time after which it is stopped.",
            COMPARE, "seconds", footer=50),
    Command("data.keep", ("enter",), "Keep", "Take what is typed.",
            FIELD, "keep", footer=1, palette=False),
    Command("data.give_up", ("escape",), "Give up", "Leave the field as it was.",
            FIELD, "give_up", footer=2, priority=True, palette=False),
    Command("data.back", ("escape", "D"), "Back",
            "Stop the comparison, and go back to the review.",
            PAGE, "back", footer=2, palette=False),
    *COMMON,
)  # fmt: skip
