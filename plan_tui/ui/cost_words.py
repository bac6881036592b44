"""What a choice costs, and what another one would add or save, in words; pure."""

from __future__ import annotations

from collections.abc import Mapping

from plan_tui.contract.impact import Cost, CostDifference
from plan_tui.ui.estimate_words import NO_HISTORY, seconds_words
from plan_tui.ui.formatting import count

THE_SAME = "costs the same"


def cost_words(cost: Cost, *, with_intervals: bool = True) -> str:
    """``15 models, 4,468 intervals, 61 batches, 12 min``; no time where none is known."""
    parts = [count(cost.models, "model")]
    parts += [count(cost.intervals, "interval")] if with_intervals else []
    parts.append(count(cost.batches, "batch", "batches"))
    parts += [] if cost.seconds is None else [seconds_words(cost.seconds)]
    return ", ".join(parts)


def beside_words(costs: Mapping[str, Cost]) -> str:
    """``breaking/non-breaking: 15/1 models, 61/13 batches, 12 min/1 min``, where room is scarce."""
    each = list(costs.values())
    models = "/".join(f"{cost.models:,}" for cost in each)
    batches = "/".join(f"{cost.batches:,}" for cost in each)
    words = f"{'/'.join(costs)}: {models} models, {batches} batches"
    if any(cost.seconds is None for cost in each):
        return words
    return f"{words}, {'/'.join(seconds_words(cost.seconds) for cost in each)}"


def open_words(costs: Mapping[str, Cost]) -> list[str]:
    """What each open choice costs, the longest form first; once where they cost the same."""
    each = list(costs.values())
    if len(each) > 1 and all(cost == each[0] for cost in each):
        return [f"Either way: {cost_words(each[0], with_intervals=wide)}" for wide in (True, False)]
    forms = [
        " · ".join(
            f"{name} {cost_words(cost, with_intervals=wide)}" for name, cost in costs.items()
        )
        for wide in (True, False)
    ]
    return [*forms, beside_words(costs)] if costs else []


def difference_of(cost: Cost, now: Cost) -> CostDifference:
    """What one cost is more than another, or less."""
    known = cost.seconds is not None and now.seconds is not None
    return CostDifference(
        models=cost.models - now.models,
        intervals=cost.intervals - now.intervals,
        batches=cost.batches - now.batches,
        seconds=(cost.seconds or 0) - (now.seconds or 0) if known else None,
    )


def difference_words(difference: CostDifference, *, with_intervals: bool = True) -> str:
    """``+3 models, +12 batches, +4 min``: what differs, or that nothing does."""
    parts = [
        _more(difference.models, "model"),
        _more(difference.intervals, "interval") if with_intervals else "",
        _more(difference.batches, "batch", "batches"),
        later(difference.seconds),
    ]
    return ", ".join(part for part in parts if part) or THE_SAME


def signed(number: int) -> str:
    """``+12``, ``-4,102``, ``=``."""
    return f"{number:+,}" if number else "="


def later(seconds: float | None) -> str:
    """``+4 min``; nothing where it is not known, or less than half a second."""
    if seconds is None or round(abs(seconds)) == 0:
        return ""
    return f"{'+' if seconds > 0 else '-'}{seconds_words(abs(seconds))}"


def signed_time(seconds: float | None) -> str:
    """``+4 min``, ``=``, or that nothing is known."""
    return NO_HISTORY if seconds is None else later(seconds) or "="


def _more(number: int, noun: str, plural: str | None = None) -> str:
    if not number:
        return ""
    return f"{'+' if number > 0 else '-'}{count(abs(number), noun, plural)}"
