"""Takes escape out of what is pasted.

Terminals tell a paste by what they send before and after it, and most take escape out of it. Where
one does not, Textual ends the paste at it in its mind, and presses what follows as keys.
"""

from __future__ import annotations

from textual._xterm_parser import BRACKETED_PASTE_END as END
from textual._xterm_parser import BRACKETED_PASTE_START as START


class PasteFilter:
    """Remembers whether a paste goes on from one piece to the next."""

    def __init__(self) -> None:
        self._is_pasting = False
        self._before = ""
        """The end of what was passed, which may be the first half of a begin."""
        self._held = ""
        """The end of what came in a paste, which may be the first half of its end."""

    def passed(self, data: str) -> str:
        """What is to be read of a piece that came in."""
        passed = ""
        while data:
            taken, data = self._in_paste(data) if self._is_pasting else self._outside(data)
            passed += taken
        return passed

    def _outside(self, data: str) -> tuple[str, str]:
        begin = (self._before + data).find(START)
        if begin < 0:
            self._before = (self._before + data)[1 - len(START) :]
            return data, ""
        end = begin + len(START) - len(self._before)
        self._is_pasting, self._before = True, ""
        return data[:end], data[end:]

    def _in_paste(self, data: str) -> tuple[str, str]:
        text, end, rest = (self._held + data).partition(END)
        self._held = ""
        if end:
            self._is_pasting = False
        else:
            half = next(n for n in range(len(END) - 1, -1, -1) if text.endswith(END[:n]))
            text, self._held = text[: len(text) - half], END[:half]
        return text.replace(END[0], "") + end, rest
