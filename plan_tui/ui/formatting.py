"""Numbers, times and intervals as text; all of it pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from textual.content import Content

from plan_tui.contract.base import Interval
from plan_tui.ui.glyphs import ELLIPSIS

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def moment(millis: int) -> datetime:
    """Epoch milliseconds as a moment in UTC, whatever the year."""
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=millis)


def duration(millis: int) -> str:
    """``0.4s``, ``12s``, ``3m05s``, ``2h07m``, ``3d04h``: at most six cells, and steady."""
    millis = max(0, millis)
    if millis < 9_950:
        return f"{millis / SECOND:.1f}s"
    seconds = round(millis / SECOND)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 86_400}d{seconds % 86_400 // 3600:02}h"


def about(millis: int) -> str:
    """A length of time in words, roughly: ``20 s``, ``3 min``, ``2 h``, ``4 d``."""
    millis = max(0, millis)
    if millis < MINUTE:
        return f"{max(1, round(millis / SECOND))} s"
    if millis < HOUR:
        return f"{round(millis / MINUTE)} min"
    if millis < 2 * DAY:
        return f"{round(millis / HOUR)} h"
    return f"{round(millis / DAY):,} d"


def ago(millis: int, now: int) -> str:
    """``3 d ago``, or ``in 4 d`` for what is to come."""
    if abs(now - millis) < 5 * SECOND:
        return "now"
    return f"{about(now - millis)} ago" if millis <= now else f"in {about(millis - now)}"


def relative_day(millis: int, now: int) -> str:
    """``today``, ``yesterday``, ``7 days ago``, ``in 3 days``: by calendar days, UTC."""
    import pendulum  # only a date that somebody types needs it

    today = pendulum.from_timestamp(now / SECOND).start_of("day")
    day = pendulum.from_timestamp(millis / SECOND).start_of("day")
    days = day.diff(today, abs=False).in_days()
    match days:
        case 0:
            return "today"
        case 1:
            return "yesterday"
        case -1:
            return "tomorrow"
        case _:
            return f"{days:,} days ago" if days > 0 else f"in {-days:,} days"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 model``, ``1,204 models``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def number(value: int | None, width: int = 0) -> str:
    """A number with thousands set off, right-aligned; nothing for None."""
    return ("" if value is None else f"{value:,}").rjust(width)


def date(millis: int) -> str:
    """``2026-11-17``, UTC."""
    return moment(millis).strftime("%Y-%m-%d")


def clock_time(millis: int) -> str:
    """``14:02:07``, UTC."""
    return moment(millis).strftime("%H:%M:%S")


def instant(millis: int) -> str:
    """``2026-11-17 00:00``, UTC; with seconds only where they are not zero."""
    when = moment(millis)
    return when.strftime("%Y-%m-%d %H:%M:%S" if when.second else "%Y-%m-%d %H:%M")


def instant_utc(millis: int) -> str:
    """``2026-11-17 00:00 UTC``."""
    return f"{instant(millis)} UTC"


def is_whole_days(interval: Interval) -> bool:
    """Whether both ends are midnights, UTC."""
    start, end = interval
    return start % DAY == 0 and end % DAY == 0 and end > start


def interval(value: Interval) -> str:
    """``2024-09-01 .. 09-30`` for whole days, both included; else ``2024-09-01 06:00-07:00``."""
    start, end = value
    if is_whole_days(value):
        return _days(start, end - DAY)
    if end - start <= DAY and date(start) == date(end - 1):
        last = moment(end).strftime("%H:%M") if date(end) == date(start) else "24:00"
        return f"{instant(start)}-{last}"
    return f"{instant(start)} {ELLIPSIS} {instant(end)}"


def _days(first: int, last: int) -> str:
    if first == last:
        return date(first)
    same_year = date(first)[:4] == date(last)[:4]
    return f"{date(first)} .. {date(last)[5:] if same_year else date(last)}"


def whole_days(value: Interval) -> int:
    """How many days an interval of whole days has."""
    return (value[1] - value[0]) // DAY


def clip(content: Content, width: int) -> Content:
    """Content in at most so many cells; an ellipsis stands for the rest."""
    if content.cell_length <= width:
        return content
    return content.truncate(max(1, width), ellipsis=True)


def clip_text(text: str, width: int) -> str:
    """Text in at most so many cells; an ellipsis stands for the rest."""
    return clip(Content(text), width).plain
