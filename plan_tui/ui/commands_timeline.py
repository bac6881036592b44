"""The commands of the timeline."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

TIME = "Time"
MODELS = "Models"
PAGE = "Timeline"
FILTER = "While the filter is typed"

COMMANDS: tuple[Command, ...] = (
    Command("timeline.zoom_in", ("plus", "equals_sign"), "Closer",
            "Look closer at what is under the cursor.", TIME, "zoom(-1)", footer=10),
    Command("timeline.zoom_out", ("minus",), "Farther", "Have more time in view.",
            TIME, "zoom(1)", footer=11),
    Command("timeline.next", ("w",), "Next stretch",
            "Go to where the model's next stretch begins.", TIME, "border(1)", footer=20),
    Command("timeline.previous", ("b",), "Stretch before",
            "Go to where this stretch begins, then to the one before.", TIME, "border(-1)"),
    Command("timeline.earlier", ("left", "h"), "Earlier", "Go one cell earlier.",
            TIME, "step(-1)", palette=False),
    Command("timeline.later", ("right", "l"), "Later", "Go one cell later.",
            TIME, "step(1)", palette=False),
    Command("timeline.half_earlier", ("H", "comma"), "Half a view earlier",
            "Go half a view earlier.", TIME, "page_time(-1)"),
    Command("timeline.half_later", ("L", "full_stop"), "Half a view later",
            "Go half a view later.", TIME, "page_time(1)"),
    Command("timeline.first", ("home",), "First interval",
            "Go to the model's first interval.", TIME, "end_of_time(-1)", palette=False),
    Command("timeline.last", ("end",), "Last interval",
            "Go to the model's last interval.", TIME, "end_of_time(1)", palette=False),
    Command("timeline.fit", ("0",), "All of time",
            "Have everything in view, from the first interval to the last.",
            TIME, "fit", footer=30),
    Command("timeline.scope", ("o",), "All models",
            "Show all models, or only those that the plan fills.",
            MODELS, "scope", footer=40),
    Command("timeline.filter", ("slash",), "Filter",
            "Leave only models whose name has what you type; escape clears it.",
            MODELS, "filter", footer=50),
    Command("timeline.open", ("enter",), "In review", "Go back to the review, to this model.",
            PAGE, "open_model", footer=15),
    Command("timeline.keep_filter", ("enter",), "Keep", "Go back to the models, filtered.",
            FILTER, "keep_filter", footer=1, palette=False),
    Command("timeline.clear_filter", ("escape",), "Clear", "Show all models again.",
            FILTER, "clear_filter", footer=2, priority=True, palette=False),
    Command("timeline.back", ("escape", "t"), "Back",
            "Clear the filter, then go back to the review.",
            PAGE, "back", footer=2, palette=False),
    *COMMON,
)  # fmt: skip
