"""How long a plan may take, in words; pure."""

from __future__ import annotations

from plan_tui.contract.impact import PlanEstimate
from plan_tui.contract.text import clean
from plan_tui.ui.formatting import SECOND, about, count
from plan_tui.ui.glyphs import ARROW

NO_HISTORY = "no history"
MOST_STEPS = 4
"""Models of the critical path that are written out."""


def seconds_words(seconds: float | None) -> str:
    """``12 min``, or that nothing is known."""
    if seconds is None:
        return NO_HISTORY
    return about(round(seconds * SECOND)) if seconds else "0 s"


def short_estimate(estimate: PlanEstimate) -> str:
    """``about 12 min``, and how many models are left out of it."""
    if estimate.seconds is None:
        return f"time: {NO_HISTORY}"
    without = f" without {count(estimate.unknown, 'model')}" if estimate.unknown else ""
    return f"about {seconds_words(estimate.seconds)}{without}"


def long_estimate(estimate: PlanEstimate) -> str:
    """The same with the number of batches that run at once, and the chain that bounds it."""
    if estimate.seconds is None:
        return f"{NO_HISTORY}: none of these models was timed yet"
    words = f"about {seconds_words(estimate.seconds)}, {estimate.concurrency:,} at once"
    if estimate.unknown:
        words += f"; {count(estimate.unknown, 'model')} not counted: {NO_HISTORY}"
    if len(estimate.critical_path) > 1 and estimate.critical_seconds:
        chain = _chain([clean(name) for name in estimate.critical_path])
        words += f"; at least {seconds_words(estimate.critical_seconds)} for {chain}"
    return words


def _chain(names: list[str]) -> str:
    """``a → b → … → z``: both ends of a long chain."""
    if len(names) > MOST_STEPS:
        names = [*names[: MOST_STEPS - 2], "…", names[-1]]
    return f" {ARROW} ".join(names)
