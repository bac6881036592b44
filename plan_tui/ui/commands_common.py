"""The commands that every place has."""

from __future__ import annotations

from plan_tui.ui.commands import Command

PLACES: tuple[Command, ...] = (
    Command("go.setup", ("f1",), "Setup", "Go to the environments and options.",
            "Places", "go('setup')"),
    Command("go.review", ("f2",), "Review", "Go to the plan that is built or being built.",
            "Places", "go('review')"),
    Command("go.run", ("f3",), "Run", "Go to the current or last run.",
            "Places", "go('run')"),
    Command("go.history", ("f5",), "History",
            "Go to what was applied before: when, how long, what failed.", "Places", "history"),
)  # fmt: skip

APP: tuple[Command, ...] = (
    Command("app.help", ("question_mark",), "Help", "Show every key of this place.",
            "App", "help", footer=3),
    Command("app.palette", ("ctrl+p",), "Commands", "Find a command by its name.",
            "App", "app.command_palette", priority=True, palette=False),
    Command("app.theme", ("f4",), "Light or dark", "Switch between the dark and the light theme.",
            "App", "app.switch_theme"),
    Command("app.redraw", ("ctrl+l",), "Redraw",
            "Draw the screen again, after other output spoilt it.", "App", "app.redraw"),
    Command("app.stop", ("ctrl+c",), "Cancel or leave",
            "Cancel what runs; when nothing runs, leave.",
            "App", "stop_or_leave", priority=True),
    Command("app.quit", ("q",), "Quit", "Leave; what runs goes on without the terminal.",
            "App", "leave", footer=4),
)  # fmt: skip

COMMON: tuple[Command, ...] = (*PLACES, *APP)
"""Put these after a screen's own commands."""
