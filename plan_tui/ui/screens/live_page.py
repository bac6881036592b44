"""A page over the whole screen that is drawn anew while what it shows goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from plan_tui.contract.text import clean
from plan_tui.ui.screens.base import PlanDialog
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.footer import CommandFooter

REFRESH_SECONDS = 0.5


class LivePage(PlanDialog[None]):
    """One pane with sections to go through, and the keys below it."""

    PANE: ClassVar[str]
    """The id of the pane."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._pane_title = title
        self._drawn: object = None
        """What was drawn last: nothing is drawn where none of it moved."""

    def compose(self) -> ComposeResult:
        with Vertical(id=self.PANE, classes="pane") as pane:
            pane.border_title = Content(clean(self._pane_title))
            yield DetailView()
        yield CommandFooter()

    def on_mount(self) -> None:
        self.query_one(DetailView).focus()
        self.draw(from_top=True)
        self.set_interval(REFRESH_SECONDS, self.draw)

    def draw(self, from_top: bool = False) -> None:
        """Draws what it shows as it is now, where anything about it moved.

        Args:
            from_top: Whether it begins at its top.
        """
        raise NotImplementedError
