"""Lines of toned text, as a detail pane shows them; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

Part = tuple[str, str]
"""Text with the name of its tone in ``line_list_look``; an empty name for plain text."""


@dataclass(frozen=True)
class Line:
    """One line that may lead somewhere."""

    key: str
    parts: tuple[Part, ...] = ()
    heading: bool = False
    opens: str = ""
    """The key of the change that ``enter`` goes to."""

    @property
    def width(self) -> int:
        """Cells that it needs."""
        return sum(cell_len(text) for text, _ in self.parts)

    @property
    def text(self) -> str:
        """What it says, without tones."""
        return "".join(text for text, _ in self.parts)


class Page:
    """Gathers lines and gives them keys that stay the same when lines above them change."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._section = ""
        self._number = 0

    def heading(self, name: str, words: str, note: str = "", tone: str = "label") -> None:
        """Starts a section, with an empty line before it."""
        if self.lines:
            self.add(("", ""))
        self._section, self._number = name, 0
        parts = ((words, ""), (f"  {note}", tone)) if note else ((words, ""),)
        self.lines.append(Line(f"#{name}", parts, heading=True))

    def add(self, *parts: Part, opens: str = "") -> None:
        """Adds a line to the section."""
        self._number += 1
        self.lines.append(Line(f"{self._section}:{self._number}", parts, opens=opens))

    def extend(self, lines: Iterable[tuple[Part, ...]]) -> None:
        """Adds lines to the section."""
        for parts in lines:
            self.add(*parts)
