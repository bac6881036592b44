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
            "Cancel what runs, after a question where it is an apply; when nothing runs, leave.",
            "App", "stop_or_leave", priority=True),
    Command("app.quit", ("q",), "Quit", "Leave; what runs goes on without the terminal.",
            "App", "leave", footer=4),
)  # fmt: skip

MOVING: tuple[Command, ...] = (
    Command("move.line", ("down", "j", "up", "k"), "Line", "A line down, or up.", "Move", ""),
    Command("move.page", ("pagedown", "pageup"), "Page", "A page down, or up.", "Move", ""),
    Command("move.half", ("ctrl+d", "ctrl+u"), "Half a page", "Half a page down, or up.",
            "Move", ""),
    Command("move.edge", ("g", "home", "G", "end"), "Ends", "To the first line, or the last.",
            "Move", ""),
    Command("move.side", ("right", "l", "left", "h"), "Sideways",
            "To the pane at this side; where lines are cut off with ›, to their rest.",
            "Move", ""),
    Command("move.pane", ("tab", "shift+tab"), "Pane", "To the next pane, or the one before.",
            "Move", ""),
)  # fmt: skip
"""What the lists of every place take by themselves: the help tells it."""

COMMON: tuple[Command, ...] = (*PLACES, *APP)
"""Put these after a screen's own commands."""
