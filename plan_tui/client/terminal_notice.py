"""What is written to a terminal so that it calls a person who looks elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from plan_tui.contract.text import clean

BELL = "\a"
LONGEST = 200
"""Characters of a notice: a terminal shows a line or two."""

_NOTIFY = ("foot", "rxvt-unicode")
"""Terminals, by TERM, that know ``OSC 777`` and not ``OSC 9``."""
_MULTIPLEXERS = ("screen", "tmux")
_LIKE_XTERM = ("alacritty", "contour", "ghostty", "kitty", "konsole", "wezterm", "xterm")
"""Terminals, by TERM, that show ``OSC 9`` or drop what they do not know, as xterm does."""


def notice(text: str, environ: Mapping[str, str]) -> str:
    """A bell, and before it a notification where the terminal shows or drops one.

    Args:
        text: What happened; made safe here, for it holds names of the project.
        environ: The environment, which says what terminal it is.
    """
    # A semicolon would end the text, and a text of digits would be a command of ConEmu's.
    words = clean(text).replace(";", ",")[:LONGEST]
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith(_MULTIPLEXERS):
        return BELL
    if term.startswith(_NOTIFY) or environ.get("VTE_VERSION"):
        return f"\x1b]777;notify;plan_tui;{words}\x1b\\{BELL}"
    if term.startswith(_LIKE_XTERM):
        return f"\x1b]9;plan_tui: {words}\x1b\\{BELL}"
    return BELL
