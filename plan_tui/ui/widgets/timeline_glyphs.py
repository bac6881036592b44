"""How each state of an interval looks: a sign of its own, and a colour that repeats it."""

from __future__ import annotations

from dataclasses import dataclass

from plan_tui.ui.widgets.timeline_axis import Marks


@dataclass(frozen=True)
class TimelineGlyphs:
    """The signs of a timeline."""

    states: dict[str, str]
    border: str
    effective: str
    now: str
    marks: Marks


UNICODE = TimelineGlyphs(
    states={
        "there": "─",
        "new": "█",
        "cron": "▒",
        "extended": "+",
        "gap": "×",
        "lookback": "«",
        "restated": "≈",
        "nothing": " ",
    },
    border="▐",
    effective="◆",
    now="┊",
    marks=Marks(line="─", tick="┬", now="┊", cursor="▼"),
)
ASCII = TimelineGlyphs(
    states={
        "there": "-",
        "new": "#",
        "cron": "=",
        "extended": "+",
        "gap": "x",
        "lookback": "<",
        "restated": "r",
        "nothing": " ",
    },
    border="|",
    effective="E",
    now=":",
    marks=Marks(line="-", tick="+", now=":", cursor="V"),
)

TONES = {
    "there": "muted",
    "new": "good",
    "cron": "accent",
    "extended": "good",
    "gap": "bad",
    "lookback": "heading",
    "restated": "warn",
    "nothing": "muted",
}
"""The tone of ``line_list_look`` of each state."""

COLOURS = {
    "muted": "$text-muted",
    "good": "$text-success",
    "accent": "$text-accent",
    "bad": "$text-error",
    "heading": "$text-primary",
    "warn": "$text-warning",
}
"""The same tones for what is no list."""

LEGEND = (
    ("there", "there"),
    ("new", "new"),
    ("cron", "cron passed"),
    ("gap", "gap"),
    ("lookback", "lookback"),
    ("restated", "restated"),
    ("extended", "earlier start"),
)
"""States in the order of the legend, with their words."""
SHORT_LEGEND = tuple(
    (state, {"cron": "cron", "extended": "early"}.get(state, text)) for state, text in LEGEND
)
"""The same in fewer cells."""


def glyphs_for(encoding: str | None) -> TimelineGlyphs:
    """The signs that a terminal of an encoding can draw."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    return UNICODE if name.startswith("utf") else ASCII
