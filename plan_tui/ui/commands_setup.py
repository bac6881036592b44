"""The commands of the set-up."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

COMMANDS: tuple[Command, ...] = (
    Command("setup.build", ("ctrl+r",), "Build plan",
            "Build the plan for this environment with these options.",
            "Plan", "build", footer=1, priority=True),
    Command("setup.cancel", ("c",), "Cancel", "Stop the plan that waits for the project.",
            "Plan", "cancel_plan", footer=1),
    Command("setup.copy", ("y",), "Copy command",
            "Copy the sqlmesh command that asks for the same plan.", "Plan", "copy"),
    Command("setup.edit", ("enter",), "Edit",
            "Choose the environment, or edit the option under the cursor.",
            "Options", "edit", footer=2, palette=False),
    Command("setup.toggle", ("space",), "Toggle",
            "Switch the option under the cursor on or off.", "Options",
            "toggle_option", palette=False),
    Command("setup.clear", ("backspace", "delete"), "Clear",
            "Leave the option under the cursor to SQLMesh again.",
            "Options", "clear", footer=6),
    Command("setup.find", ("slash",), "Find option",
            "Find an option by its name, its flag or its help.", "Options", "find", footer=5),
    Command("setup.reset", ("R",), "Reset", "Leave every option to SQLMesh again.",
            "Options", "reset"),
    Command("setup.new", ("n",), "New", "Type the name of a new environment.",
            "Environments", "new", footer=6),
    Command("setup.reload", ("r",), "Reload", "Ask the engine for the environments again.",
            "Environments", "reload"),
    Command("setup.resume", ("u",), "Resume",
            "Plan what is left of the interrupted apply, and ask whether to apply it.",
            "Environments", "resume", footer=3),
    Command("setup.pane", ("tab", "shift+tab"), "Pane",
            "Go between environments and options.", "Move", "switch_pane", footer=7),
    Command("setup.left", ("left", "h"), "Environments", "Go to the environments.",
            "Move", "show_pane('environments')", palette=False),
    Command("setup.right", ("right", "l"), "Options", "Go to the options.",
            "Move", "show_pane('options')", palette=False),
    Command("setup.back", ("escape",), "Back", "Go back to the environments.",
            "Move", "back", palette=False),
    Command("typing.done", ("enter",), "Done", "Take what was typed.",
            "While typing", "end_typing('done')", footer=2, palette=False, priority=True),
    Command("typing.complete", ("tab",), "Complete",
            "Take the first completion, or the one chosen with the arrows.",
            "While typing", "end_typing('complete')", footer=3, palette=False, priority=True),
    Command("typing.cancel", ("escape",), "Give up", "Leave everything as it was.",
            "While typing", "end_typing('cancel')", footer=4, palette=False, priority=True),
    *COMMON,
)  # fmt: skip

TYPING = frozenset({"setup.build", "typing.done", "typing.complete", "typing.cancel"})
"""What can be done while one types; ``app.palette`` and ``app.stop`` too."""
