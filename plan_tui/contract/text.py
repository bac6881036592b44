"""Makes text from projects and warehouses safe to show in a terminal.

Model names, diffs, comments and messages of a warehouse are data: shown as they come, an escape
sequence would move the cursor or retitle the window, and a bidirectional override would show
other code than the one that runs.
"""

from __future__ import annotations

import re

TAB = "    "
"""What a tab becomes: its width would depend on where a row starts."""

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, delete, C1: escape sequences start with these
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, overrides, isolates
    "\u00ad\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff"  # zero width
    "\u2028\u2029\ufff9-\ufffb"  # line and paragraph separators, annotations
    "\ud800-\udfff"  # lone surrogates: no terminal's encoding takes them
    "\U000e0000-\U000e007f"  # tags, invisible everywhere
    "]"
)


def clean(text: str, *, keep_newlines: bool = False) -> str:
    r"""The text with everything that a terminal would obey or hide made visible.

    An escape character becomes ``<U+001B>``, a right-to-left override ``<U+202E>``; a tab becomes
    spaces.

    Args:
        text: Anything that came from outside this program.
        keep_newlines: Leave line ends, ``\n`` and ``\r\n``, as ``\n``; a text of one line
            shows them as ``<U+000A>`` instead.
    """
    if _UNSAFE.search(text) is None:
        return text
    if keep_newlines:
        return "\n".join(_escaped(line) for line in text.replace("\r\n", "\n").split("\n"))
    return _escaped(text)


def _escaped(text: str) -> str:
    return _UNSAFE.sub(_visible, text.replace("\t", TAB))


def _visible(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"
