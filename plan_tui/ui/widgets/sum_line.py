"""The line that always says what the plan comes to."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from plan_tui.contract.dangers import Danger, blocking
from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.state import PlanFacts
from plan_tui.ui.estimate_words import short_estimate
from plan_tui.ui.formatting import clip, count
from plan_tui.ui.glyphs import OPEN, RUNNING, SEPARATOR, WARNING

_GAP = f" {SEPARATOR} "
_SETTLED = "all categorized"
_LOCKED = "categories locked"


def sum_words(
    facts: PlanFacts,
    warnings: int,
    width: int,
    estimate: PlanEstimate | None = None,
    dangers: Sequence[Danger] = (),
) -> Content:
    """``18 models · 4,468 intervals · 61 batches · ? 1 not categorized``, shorter when narrow."""
    wide = _parts(facts, warnings, estimate, dangers, short=False)
    short = _parts(facts, warnings, estimate, dangers, short=True)
    # How long it takes goes first, and that nothing is open; never what it comes to.
    untimed = _parts(facts, warnings, None, dangers, short=True)
    fewest = [part for part in untimed if part.plain not in (_SETTLED, _LOCKED)]
    forms = [Content(_GAP).join(parts) for parts in (wide, short, untimed, fewest)]
    return next((form for form in forms if form.cell_length <= width), forms[-1])


def _parts(
    facts: PlanFacts,
    warnings: int,
    estimate: PlanEstimate | None,
    dangers: Sequence[Danger],
    *,
    short: bool,
) -> list[Content]:
    parts: list[Content] = [
        Content(count(facts.models, "model") + ("" if short else " to backfill")),
        Content(count(facts.intervals, "interval")),
        Content(count(facts.batches, "batch", "batches")),
    ]
    if estimate is not None and facts.batches and not (short and estimate.seconds is None):
        parts.append(Content(short_estimate(estimate)))
    if facts.uncategorized:
        words = "open" if short else "not categorized"
        words = f"{OPEN} {len(facts.uncategorized):,} {words}"
        parts.append(Content.styled(words, "$text-warning bold"))
    elif facts.categories_locked:
        parts.append(Content.styled(_LOCKED, "$text-warning"))
    elif facts.has_changes:
        parts.append(Content.styled(_SETTLED, "$text-success"))
    if dangers:
        number = len(blocking(dangers))
        block = f", {number:,} block{'s' if number == 1 else ''}" if number and not short else ""
        tone = "$text-error bold" if number else "$text-warning"
        parts.append(Content.styled(f"{WARNING} {count(len(dangers), 'danger')}{block}", tone))
    if warnings and not (short and dangers):
        parts.append(Content.styled(f"{WARNING} {count(warnings, 'warning')}", "$text-warning"))
    return parts


class SumLine(Widget):
    """One line under the panes."""

    DEFAULT_CSS = """
    SumLine { height: 1; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts: PlanFacts | None = None
        self._warnings = 0
        self._estimate: PlanEstimate | None = None
        self._dangers: Sequence[Danger] = ()
        self._choosing = False

    def show(
        self,
        facts: PlanFacts | None,
        warnings: int,
        estimate: PlanEstimate | None = None,
        dangers: Sequence[Danger] = (),
    ) -> None:
        """Shows what a plan comes to; nothing where there is none."""
        shown = (self._facts, self._warnings, self._estimate, self._dangers)
        if self._choosing or (facts, warnings, estimate, dangers) != shown:
            self._facts, self._warnings = facts, warnings
            self._estimate, self._dangers = estimate, dangers
            self._choosing = False
            self.refresh()

    def show_choosing(self) -> None:
        """Says that the engine computes what follows from a choice."""
        self._choosing = True
        self.refresh()

    def render(self) -> Content:
        width = max(10, self.content_size.width)
        if self._choosing:
            words = Content(f"{RUNNING} computing what follows from the choice")
        elif self._facts is None:
            words = Content("")
        else:
            words = sum_words(self._facts, self._warnings, width, self._estimate, self._dangers)
        return clip(words, width)
