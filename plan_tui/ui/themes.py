"""The two themes; each colour is only a second sign beside a word or a glyph."""

from __future__ import annotations

import os

from textual.theme import Theme

DARK = Theme(
    name="plan-dark",
    primary="#5FAFD7",
    secondary="#87AFAF",
    accent="#D7AF5F",
    success="#87C38A",
    warning="#E0B050",
    error="#E8707A",
    foreground="#D8DEE6",
    background="#14181D",
    surface="#1A1F26",
    panel="#262D36",
    dark=True,
    variables={
        "border": "#3F4B59",
        "border-blurred": "#3F4B59",
        "block-cursor-background": "#264F6E",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#5FAFD7 35%",
        "text-muted": "#8C97A5",
        "text-disabled": "#66707D",
        "text-success": "#87C38A",
        "text-warning": "#E0B050",
        "text-error": "#F08A92",
        "text-accent": "#E5BE6E",
        "text-primary": "#7CC0E4",
        "scrollbar": "#3F4B59",
        "scrollbar-background": "#1A1F26",
    },
)

LIGHT = Theme(
    name="plan-light",
    primary="#005F87",
    secondary="#3A6A6A",
    accent="#875F00",
    success="#1E6B2B",
    warning="#8A5A00",
    error="#AF1F2D",
    foreground="#1C2126",
    background="#FBFAF7",
    surface="#F4F2EC",
    panel="#E4E1D8",
    dark=False,
    variables={
        "border": "#B5B0A3",
        "border-blurred": "#B5B0A3",
        "block-cursor-background": "#BFDDEE",
        "block-cursor-foreground": "#10151A",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#005F87 25%",
        "text-muted": "#5E625E",
        "text-disabled": "#8C8C84",
        "text-success": "#1E6B2B",
        "text-warning": "#7A4F00",
        "text-error": "#A01826",
        "text-accent": "#7A5200",
        "text-primary": "#00557A",
        "scrollbar": "#B5B0A3",
        "scrollbar-background": "#F4F2EC",
    },
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def other_theme(name: str) -> str:
    """The theme to switch to."""
    return LIGHT.name if name == DARK.name else DARK.name


def terminal_theme() -> str:
    """The theme that suits the terminal's background, where it says what that is."""
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in {"7", "15"} else DARK.name
