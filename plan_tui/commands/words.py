"""Numbers, moments and durations in the words of the command line."""

from __future__ import annotations

from plan_tui.contract.words import (
    DAY,
    clock_text,
    count,
    duration,
    elapsed,
    moment,
    range_text,
)

__all__ = ["DAY", "clock_text", "count", "duration", "elapsed", "moment", "range_text"]
