"""The line under the rail of a run, and the pane that says how it ended."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from plan_tui.ui.messages import OpenSetup
from plan_tui.ui.run_text import Summary

LOOKS = ("success", "error", "warning")


class RunLine(Widget):
    """How far all of it is, a question, or what a cancel came to: as many lines as it must."""

    DEFAULT_CSS = """
    RunLine {
        height: auto; min-height: 1; max-height: 6; padding: 0 1;
        &.-alert { color: $text-warning; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = self._bar = ""

    def show(self, text: str, bar: str = "", alert: bool = False) -> None:
        """Draws a line, after a bar where there is one; an alert stands out."""
        self.set_class(alert, "-alert")
        if (text, bar) != (self._text, self._bar):
            before = self._lines()
            self._text, self._bar = text, bar
            self.refresh(layout=self._lines() != before)

    @property
    def text(self) -> str:
        """What the line says."""
        return self._text

    def _lines(self) -> int:
        width = self.size.width
        return len(self.render().wrap(width)) if width else 1

    def render(self) -> Content:
        return Content.assemble(
            (self._bar, "$text-primary on $panel"), "  " if self._bar else "", self._text
        )


class RunSummaryPane(Widget, can_focus=True):
    """Applied, Failed, Cancelled or Unknown; what was done, what is left, where to go."""

    DEFAULT_CSS = """
    RunSummaryPane {
        height: auto; padding: 0 1; display: none; border: round $border;
        border-title-style: bold;
        &.-shown { display: block; }
        &.-success { border: round $success; border-title-color: $text-success; }
        &.-error { border: round $error; border-title-color: $text-error; }
        &.-warning { border: round $warning; border-title-color: $text-warning; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "lead_on", "Environments", show=False)
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._summary: Summary | None = None

    @property
    def summary(self) -> Summary | None:
        """What it shows."""
        return self._summary

    def show(self, summary: Summary | None) -> None:
        """Draws a summary, or hides while there is none."""
        if summary == self._summary:
            return
        self._summary = summary
        self.set_class(summary is not None, "-shown")
        if summary is not None:
            self.border_title = summary.heading
            for look in LOOKS:
                self.set_class(look == summary.look, f"-{look}")
        self.refresh(layout=True)

    def action_lead_on(self) -> None:
        """Goes back to where a plan begins."""
        self.post_message(OpenSetup())

    def render(self) -> Content:
        summary = self._summary
        if summary is None:
            return Content("")
        keys = Content("   ").join(
            [Content.assemble((key, "$text-accent bold"), f" {what}") for key, what in summary.keys]
        )
        return Content("\n").join([*map(Content, summary.lines), keys])
