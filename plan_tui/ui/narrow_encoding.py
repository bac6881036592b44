"""What is drawn where a terminal's encoding has not the sign: another one of the same width."""

from __future__ import annotations

import codecs
from typing import TextIO

from rich.cells import cell_len

HANDLER = "plan_tui.plain"
PLAIN = {
    **dict.fromkeys("─━═╌┄┈▔▁⎯—–", "-"),
    **dict.fromkeys("│┃║╎┆┊▏▕▎▌▐", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝┏┓┗┛╒╕╘╛", "+"),
    **dict.fromkeys("█▇▆▅▄▃▂▉▊▋▍▓▒", "#"),
    **dict.fromkeys("░·•∙⋅", "."),
    **dict.fromkeys("●◆■★✦⏺◉", "*"),
    **dict.fromkeys("○◇□◌", "o"),
    **dict.fromkeys("→▶▸›»❯⟩", ">"),
    **dict.fromkeys("←◀◂‹«❮⟨", "<"),
    **dict.fromkeys("↑▲▴", "^"),
    **dict.fromkeys("↓▼▾", "v"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("✗✘✕×⊘", "x"),
    "…": "~",
}
"""Where else a question mark stands."""


def draw_plainly(stream: TextIO | None) -> None:
    """Has a stream whose encoding is not UTF-8 write a plain sign for one that it can't.

    Python's own way out for a terminal writes six letters and more for one, and every line of the
    screen would shift.
    """
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("_", "-")
    if stream is None or encoding in ("utf-8", "utf8"):
        return
    codecs.register_error(HANDLER, _plain)
    stream.reconfigure(errors=HANDLER)  # type: ignore[attr-defined]


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?" * cell_len(sign)) for sign in unknown), error.end
