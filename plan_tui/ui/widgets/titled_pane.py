"""A framed pane whose titles change without painting what it holds."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from typing_extensions import Self


class TitledPane(Vertical, can_focus=False):
    """Textual repaints a whole widget for a new title; this one its upper and lower edge."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._titles = ("", "")
        self._edges_only = False

    def show_titles(self, title: str, subtitle: str = "") -> None:
        """Writes titles into the frame; they are not read as markup."""
        if (title, subtitle) == self._titles:
            return
        self._titles = (title, subtitle)
        self._edges_only = True
        self.border_title = Content(title)
        self.border_subtitle = Content(subtitle)
        self._edges_only = False

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        if self._edges_only:
            width, height = self.outer_size
            left, top = -self.gutter.left, -self.gutter.top
            regions = (Region(left, top, width, 1), Region(left, top + height - 1, width, 1))
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
