"""What cells look like, as a terminal is told, and the shortest way from one look to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

PLAIN: Final = 0
"""The look of a cell that nothing was said of."""
_SEEN_ON_BLANKS = {"4", "7", "9", "21", "53"}
"""Underlined, reversed, struck and overlined: what shows where there is no letter."""


@dataclass(frozen=True)
class Look:
    """Colours and attributes of a cell, each as the parameters of ``SGR`` that set it."""

    foreground: str = ""
    background: str = ""
    attributes: tuple[str, ...] = ()

    @property
    def blank(self) -> Look:
        """What can be seen of it on a cell without a letter."""
        if _SEEN_ON_BLANKS.intersection(self.attributes):
            return self
        return Look(background=self.background)

    @property
    def parameters(self) -> str:
        """What sets it on a plain pen."""
        return ";".join(filter(None, (*self.attributes, self.foreground, self.background)))

    def drawn_over(self, parameters: str) -> Look:
        """It, after more parameters.

        Raises:
            ValueError: One is not known; source: ECMA-48, 8.3.117, and xterm's colours.
        """
        foreground, background, attributes = self.foreground, self.background, self.attributes
        codes = iter(parameters.split(";"))
        for code in codes:
            number = int(code or 0)
            if number == 0:
                foreground, background, attributes = "", "", ()
            elif number in (38, 48):
                colour = _colour(code, codes)
                if number == 38:
                    foreground = colour
                else:
                    background = colour
            elif 30 <= number <= 37 or 90 <= number <= 97:
                foreground = code
            elif 40 <= number <= 47 or 100 <= number <= 107:
                background = code
            elif number == 39:
                foreground = ""
            elif number == 49:
                background = ""
            elif 1 <= number <= 9 or number in (21, 53):
                attributes = tuple(sorted({*attributes, str(number)}))
            else:
                raise ValueError(parameters)
        return Look(foreground, background, attributes)


def _colour(code: str, codes: Iterator[str]) -> str:
    """The parameters of one colour of 256, or of one of red, green and blue."""
    rest: list[str] = []
    for following in codes:
        rest.append(following)
        if len(rest) == (2 if rest[0] == "5" else 4):
            return ";".join((code, *rest))
    raise ValueError(code)


@dataclass
class Looks:
    """The looks that were met, by number, and the ways between them."""

    _numbers: dict[Look, int] = field(default_factory=lambda: {Look(): PLAIN})
    _all: list[Look] = field(default_factory=lambda: [Look()])
    _blanks: list[int] = field(default_factory=lambda: [PLAIN])
    _after: dict[tuple[int, str], int] = field(default_factory=dict)
    _ways: dict[tuple[int, int], str] = field(default_factory=dict)

    def after(self, look: int, parameters: str) -> int:
        """A look, after more parameters.

        Raises:
            ValueError: One is not known.
        """
        found = self._after.get((look, parameters))
        if found is None:
            found = self._number(self._all[look].drawn_over(parameters))
            self._after[look, parameters] = found
        return found

    def blank(self, look: int) -> int:
        """What can be seen of a look on a cell without a letter."""
        return self._blanks[look]

    def way(self, before: int, after: int) -> str:
        """The sequence that turns a pen with one look into a pen with another."""
        if before == after:
            return ""
        found = self._ways.get((before, after))
        if found is None:
            found = self._ways[before, after] = _way(self._all[before], self._all[after])
        return found

    def _number(self, look: Look) -> int:
        number = self._numbers.get(look)
        if number is None:
            number = self._numbers[look] = len(self._all)
            self._all.append(look)
            self._blanks.append(number)
            self._blanks[number] = self._number(look.blank)
        return number


def _way(before: Look, after: Look) -> str:
    anew = f"\x1b[0;{after.parameters}m" if after.parameters else "\x1b[m"
    if not set(before.attributes) <= set(after.attributes):
        return anew
    changes = [each for each in after.attributes if each not in before.attributes]
    if before.foreground != after.foreground:
        changes.append(after.foreground or "39")
    if before.background != after.background:
        changes.append(after.background or "49")
    changed = f"\x1b[{';'.join(changes)}m"
    return min(anew, changed, key=len)
