"""Makes text from projects and warehouses safe to show in a terminal.

Model names, diffs, comments and messages of a warehouse are data: shown as they come, an escape
sequence would move the cursor or retitle the window, and a bidirectional override would show
other code than the one that runs.
"""

from __future__ import annotations

import json
import re

TAB = "    "
"""What a tab becomes: its width would depend on where a row starts."""

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, delete, C1: escape sequences start with these
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, overrides, isolates
    "\u00ad\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff"  # zero width
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers and joiners: invisible
    "\ufe00-\ufe0d\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # select or control, and show nothing
    "\u2028\u2029\ufff9-\ufffb"  # line and paragraph separators, annotations
    "\ud800-\udfff"  # lone surrogates: no terminal's encoding takes them
    "\U000e0000-\U000e0fff"  # tags and variants, invisible everywhere
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


def clean_json(document: str) -> str:
    """A JSON document that means the same, in which a terminal finds nothing to obey.

    Such characters stand in its strings only, where JSON has an escape for each of them.
    """
    return _UNSAFE.sub(_as_json, document)


def _as_json(match: re.Match[str]) -> str:
    character = match.group()
    return character if character in "\n\t\r" else json.dumps(character)[1:-1]


def _escaped(text: str) -> str:
    return _UNSAFE.sub(_visible, text.replace("\t", TAB))


def _visible(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"
