"""The first paint: the set-up's frame, while the rest of the app is imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from plan_tui.contract.text import clean
from plan_tui.ui.glyphs import RUNNING, SEPARATOR


class OpeningScreen(Screen[None]):
    """Looks as the set-up will in a moment."""

    DEFAULT_CSS = """
    OpeningScreen .bar { height: 1; padding: 0 1; background: $panel; }
    """

    def compose(self) -> ComposeResult:
        project = clean(getattr(self.app, "project", "")) or "plan_tui"
        yield Static(
            Content.assemble(
                (project, "bold"),
                (f" {SEPARATOR} ", "$text-muted"),
                (f"{RUNNING} starting the engine 0.0s", "$warning"),
            ),
            classes="bar",
        )
        with Horizontal(id="panes"):
            with Vertical(id="environments", classes="pane") as environments:
                environments.border_title = "Environments"
            with Vertical(id="options", classes="pane") as options:
                options.border_title = "Plan"
        yield Static()
        yield Static(classes="bar")
