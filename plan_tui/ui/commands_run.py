"""The commands of the run."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

COMMANDS: tuple[Command, ...] = (
    Command("run.confirm", ("enter",), "Cancel the run", "Cancel, after the question.",
            "Run", "confirm_cancel", footer=1, priority=True, palette=False),
    Command("run.withdraw", ("escape",), "Go on", "Let the run go on, after the question.",
            "Run", "withdraw_cancel", footer=2, priority=True, palette=False),
    Command("run.cancel", ("c",), "Cancel",
            "Cancel: running batches finish and no other starts; once more interrupts them.",
            "Run", "cancel", footer=1),
    Command("run.again", ("ctrl+r",), "Plan again",
            "Build the plan again: it shows what is left.", "Run", "plan_again", footer=2),
    Command("run.resume", ("u",), "Resume",
            "Plan what is left of the interrupted apply, and ask whether to apply it.",
            "Run", "resume", footer=1),
    Command("run.refill", ("R",), "Fill again",
            "Plan the restatement of what the run may have left empty.",
            "Run", "refill", footer=3),
    Command("run.results", ("v",), "Results",
            "Show what failed with its SQL, what was left out because of it, and what is done.",
            "Run", "results", footer=4),
    Command("run.details", ("enter",), "Details",
            "Open a model: its failure with the SQL, and its batches.",
            "Models", "details", footer=5),
    Command("run.failed", ("f",), "Failed only", "Show failed models only, or all of them.",
            "Models", "failed_only", footer=6),
    Command("run.log", ("l",), "Log", "Give the log more room, or less.",
            "Models", "toggle_log", footer=7),
    Command("run.back", ("escape",), "Environments",
            "Go to the environments; a run goes on.", "Run", "back", footer=8),
    *COMMON,
)  # fmt: skip
