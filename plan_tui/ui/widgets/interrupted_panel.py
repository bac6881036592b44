"""What is known of an interrupted apply, above the environments, with the key that resumes it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from plan_tui.contract.interrupted import InterruptedRun
from plan_tui.contract.interrupted_words import headline, standing, warnings
from plan_tui.contract.text import clean

MOST_LINES = 4
"""Sentences that are shown; the history has them all."""


class InterruptedPanel(Static):
    """The apply to the chosen environment, or the newest one; nothing while there is none."""

    DEFAULT_CSS = """
    InterruptedPanel {
        display: none; height: auto; max-height: 9; padding: 0 1;
        border: round $warning; border-title-color: $text-warning; border-title-style: bold;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._runs: tuple[InterruptedRun, ...] = ()
        self._shown: tuple[InterruptedRun | None, int] = (None, 0)

    @property
    def run(self) -> InterruptedRun | None:
        """The apply that is shown."""
        return self._shown[0]

    def show(self, runs: Sequence[InterruptedRun], environment: str | None) -> None:
        """Draws one of the applies.

        Args:
            runs: All of them, the newest first.
            environment: The environment that is chosen.
        """
        chosen = [run for run in runs if run.environment == environment]
        run = next(iter([*chosen, *runs]), None)
        shown = (run, len(runs))
        if shown == self._shown:
            return
        self._shown = shown
        self.set_class(run is not None, "-shown")
        if run is not None:
            self.border_title = Content(clean(f"Interrupted: {run.environment}"))
            self.update(panel_content(run, len(runs) - 1))


def panel_content(run: InterruptedRun, others: int = 0) -> Content:
    """The panel's text."""
    lines = [headline(run), *warnings(run), *standing(run)][:MOST_LINES]
    keys: list[Content] = []
    if run.is_resumable:
        rest = "restate again, whole" if run.restating else "do only the rest"
        keys.append(Content.assemble(("u", "$text-accent bold"), f" resume: {rest}"))
    keys.append(Content.assemble(("f5", "$text-accent bold"), " history"))
    if others > 0:
        keys.append(Content(f"{others:,} more: choose the environment"))
    return Content("\n").join(
        [*(Content(clean(line)) for line in lines), Content("   ").join(keys)]
    )
