"""Numbers, moments and durations in words, as commands and documents write them; pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from plan_tui.contract.base import Interval, Millis

DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def batches_text(batches: int, audits: int) -> str:
    """How many batches an apply starts, and how many of them fill no model."""
    words = count(batches, "batch")
    return f"{words} ({count(audits, 'standalone audit')} among them)" if audits else words


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 model``, ``2 models``, ``3 batches``."""
    plural = f"{noun}es" if noun.endswith(("ch", "s")) else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def reach_words(reading: int, reached: int) -> str:
    """``7 of 14 models below read what changed``: models that may read it count as reading."""
    reads = "reads" if reading == 1 else "read"
    return f"{reading:,} of {count(reached, 'model')} below {reads} what changed"


def moment(at: Millis) -> str:
    """A moment in UTC, as short as it can be told: a date alone at midnight."""
    time = _EPOCH + timedelta(milliseconds=at)
    if at % DAY == 0:
        return f"{time:%Y-%m-%d}"
    return f"{time:%Y-%m-%d %H:%M:%S}" if at % 60_000 else f"{time:%Y-%m-%d %H:%M}"


def clock_text(at: Millis) -> str:
    """A moment in UTC that is read as a moment: a date alone would stand for its whole day."""
    return f"{_EPOCH + timedelta(milliseconds=at):%Y-%m-%d %H:%M:%S}"


def range_text(interval: Interval) -> str:
    """``[start, end)``: one day as its date, whole days with both ends, else both moments."""
    start, end = interval
    if start % DAY or end % DAY or end <= start:
        return f"{moment(start)} to {moment(end)}"
    last = moment(end - DAY)
    return last if end - start == DAY else f"{moment(start)} to {last}"


def duration(millis: Millis) -> str:
    """A time span: ``84 ms``, ``1.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if millis < 1000:
        return f"{max(0, millis)} ms"
    seconds = millis / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def elapsed(millis: Millis) -> str:
    """A time that still runs: like ``duration``, but calm below a second."""
    return f"{max(0, millis) / 1000:.1f} s" if millis < 1000 else duration(millis)
