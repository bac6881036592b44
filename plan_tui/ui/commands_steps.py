"""The commands of the steps, and of the SQL of one."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

STEPS = "Steps"
SQL = "SQL"
FILTER = "While the filter is typed"

COMMANDS: tuple[Command, ...] = (
    Command("steps.open", ("enter",), "SQL", "Show the SQL that the step will run.",
            STEPS, "open_step", footer=10),
    Command("steps.next", ("right_square_bracket",), "Next stage",
            "Go to the first step of the next stage.", STEPS, "stage(1)", footer=20),
    Command("steps.previous", ("left_square_bracket",), "Stage before",
            "Go to the first step of the stage before.", STEPS, "stage(-1)"),
    Command("steps.deferred", ("o",), "Deferred only",
            "Show only what runs after the promotion, or all steps.",
            STEPS, "deferred", footer=40),
    Command("steps.filter", ("slash",), "Filter",
            "Leave only steps that say what you type; escape clears it.",
            STEPS, "filter", footer=50),
    Command("steps.copy", ("y",), "Copy SQL", "Copy the SQL of the step under the cursor.",
            STEPS, "copy_sql", footer=30),
    Command("steps.keep_filter", ("enter",), "Keep", "Go back to the steps, filtered.",
            FILTER, "keep_filter", footer=1, palette=False),
    Command("steps.clear_filter", ("escape",), "Clear", "Show all steps again.",
            FILTER, "clear_filter", footer=2, priority=True, palette=False),
    Command("steps.back", ("escape", "s"), "Back",
            "Clear the filter, then go back to the review.",
            STEPS, "back", footer=2, palette=False),
    *COMMON,
)  # fmt: skip

SQL_COMMANDS: tuple[Command, ...] = (
    Command("sql.close", ("escape", "q", "enter"), "Back", "Go back to the steps.",
            SQL, "close", footer=1, palette=False),
    Command("sql.copy", ("y",), "Copy SQL", "Copy all statements of the step.",
            SQL, "copy_sql", footer=10),
    Command("sql.help", ("question_mark",), "Help", "Show every key of this place.",
            "App", "help", footer=80),
)  # fmt: skip
