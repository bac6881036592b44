"""Writes changed cells only: Textual's partial update writes a widget's line from its start.

A row of a live table changes in its last cells five times a second; from the start of the line
that is two to three times the bytes, and over SSH the bytes are what one waits for.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class LeanUpdate(ChopsUpdate):
    """A partial update that is cropped at both of its ends."""

    def render_segments(self, console: Console) -> str:
        written: list[str] = []
        for y, first, last in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(start, first), min(end, last)
                if strip is None or left >= right:
                    continue
                if (left, right) != (start, end):
                    strip = strip.crop(left - start, right - start)
                written += (Control.move_to(left, y).segment.text, strip.render(console))
        return "".join(written)


class LeanCompositor(Compositor):
    """Textual's compositor with partial updates of changed cells."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        if update is None:
            return None
        return LeanUpdate(update.chops, update.spans, update.chop_ends)
