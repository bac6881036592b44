"""Escape followed quickly by another key is two keys, however they arrive.

A terminal sends one byte for escape, and the same byte before a letter for alt with that letter.
Textual takes what comes within a tenth of a second for one key: of escape and enter it leaves
enter, of escape and a letter neither. On a busy machine, or over a slow line, a tenth of a second
is how people type, and escape is how they say no.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from plan_tui.ui.paste_filter import PasteFilter

ESC = "\x1b"
WITH_ALT = "y"
"""Letters that are bound with alt."""
NO_KEYS = "[O\t"
"""What begins the sequence of another key, or is one after escape: shift+tab."""


_PRESSED = "escape-pressed"
"""Stands for the key within the parser, which makes a ``^`` of an escape before another escape."""


class EscapeParser(XTermParser):
    """Textual's parser of what a terminal sends, with an escape key of its own."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        harmless = self._paste.passed(data)
        # Nothing at all would be the end of what comes in.
        return map(_told, super().feed(harmless)) if harmless or not data else ()

    def tick(self) -> Iterable[Message]:
        return map(_told, super().tick())

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence == ESC:
            return (events.Key(_PRESSED, ESC),)
        if alt and sequence not in WITH_ALT:
            return (_escape(), *super()._sequence_to_key_events(sequence))
        if len(sequence) == 2 and sequence[0] == ESC and sequence[1] not in NO_KEYS:
            # Not left for the parser to wait for more of it: another escape may come first.
            return self._sequence_to_key_events(sequence[1], alt=True)
        return super()._sequence_to_key_events(sequence, alt)


def _told(message: Message) -> Message:
    is_escape = isinstance(message, events.Key) and message.key == _PRESSED
    return _escape() if is_escape else message


def _escape() -> events.Key:
    return events.Key("escape", ESC)


def tell_escape_apart() -> None:
    """Has the app's terminal be read by this parser."""
    linux_driver.XTermParser = EscapeParser  # type: ignore[attr-defined]
