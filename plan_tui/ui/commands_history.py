"""The commands of the history, and of one recorded run."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON
from plan_tui.ui.screens.failures_dialog import copy_commands

COMMANDS: tuple[Command, ...] = (
    Command("history.open", ("enter",), "Open", "Open a run: its review, batches and failures.",
            "History", "open", footer=1),
    Command("history.plans", ("p",), "Plans too", "List the plans that were built, too, or not.",
            "History", "toggle_plans", footer=2),
    Command("history.back", ("escape",), "Back", "Go back to where you came from.",
            "History", "close", footer=5),
    *COMMON,
)  # fmt: skip

RUN_COMMANDS: tuple[Command, ...] = (
    Command("recorded.close", ("escape", "q"), "Back", "Go back to the history.",
            "Run", "close", footer=1),
    Command("recorded.failures", ("f", "n"), "Failures",
            "Go to what failed, and from one failure to the next.",
            "Run", "next_failure", footer=10),
    *copy_commands("Run", footer=15),
    Command("recorded.review", ("r",), "Review", "Go to the review as it was.",
            "Run", "section('review')", footer=20),
    Command("recorded.diffs", ("d",), "Diffs", "Go to the definitions that changed.",
            "Run", "section('diffs')", footer=25),
    Command("recorded.models", ("m",), "Models", "Go to the models, the slowest first.",
            "Run", "section('models')", footer=30),
    Command("recorded.batches", ("b",), "Batches", "Go to the batches.",
            "Run", "section('batches')", footer=40),
    Command("recorded.log", ("L",), "Log", "Go to the log.", "Run", "section('log')", footer=50),
    Command("recorded.copy", ("i",), "Copy id",
            "Copy the run's id, which plan-tui history takes.", "Run", "copy_id", footer=60),
    Command("recorded.help", ("question_mark",), "Help", "Show every key of this place.",
            "App", "help", footer=80),
)  # fmt: skip
