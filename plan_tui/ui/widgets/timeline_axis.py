"""The axis above a timeline: ticks at round times, dates above them; all of it pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from plan_tui.ui.formatting import DAY, HOUR, MINUTE, moment
from plan_tui.ui.widgets.timeline_view import TimeView

LABEL_CELLS = 7
"""Cells between two ticks, at least: a label and a gap."""
MONTH = 28 * DAY
YEAR = 365 * DAY
LAST_YEAR = 9000


@dataclass(frozen=True)
class Step:
    """A distance of ticks."""

    millis: int
    """The shortest distance between two of them."""
    count: int
    """How many of the unit that ``label`` shows."""
    unit: str
    """``minute``, ``day``, ``month`` or ``year``."""


STEPS = (
    *(Step(n * MINUTE, n, "minute") for n in (5, 15, 30)),
    *(Step(n * HOUR, 60 * n, "minute") for n in (1, 2, 3, 6, 12)),
    *(Step(n * DAY, n, "day") for n in (1, 2, 7, 14)),
    *(Step(n * MONTH, n, "month") for n in (1, 3, 6)),
    *(Step(n * YEAR, n, "year") for n in (1, 2, 5, 10, 20, 50, 100)),
)


def axis_lines(view: TimeView, cursor: int | None, now: int, marks: Marks) -> tuple[str, str, str]:
    """Dates, ticks, and a ruler with the cursor and now.

    Args:
        view: The time in view.
        cursor: The moment under the cursor.
        now: The execution time of the plan.
        marks: The signs of the ruler.
    """
    step = _step(view)
    ticks = list(_ticks(view, step))
    upper = _upper(view, step)
    lower = _placed(view, [(view.column(_millis(at)), _label(at, step)) for at in ticks])
    ruler = [marks.line] * view.width
    for at in ticks:
        ruler[view.column(_millis(at))] = marks.tick
    if 0 <= view.column(now) < view.width:
        ruler[view.column(now)] = marks.now
    if cursor is not None and 0 <= view.column(cursor) < view.width:
        ruler[view.column(cursor)] = marks.cursor
    return upper, lower, "".join(ruler)


@dataclass(frozen=True)
class Marks:
    """The signs of the ruler."""

    line: str
    tick: str
    now: str
    cursor: str


def _step(view: TimeView) -> Step:
    for step in STEPS:
        if step.millis >= LABEL_CELLS * view.cell:
            return step
    return STEPS[-1]


def _ticks(view: TimeView, step: Step) -> Iterator[datetime]:
    """The ticks in view, in order."""
    at = _floor(moment(view.origin), step)
    end = moment(view.end)
    while at < end and at.year < LAST_YEAR:
        if _millis(at) >= view.origin:
            yield at
        at = _next(at, step)


def _floor(at: datetime, step: Step) -> datetime:
    match step.unit:
        case "minute":
            minutes = (at.hour * 60 + at.minute) // step.count * step.count
            return at.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
        case "day":
            day = at.replace(hour=0, minute=0, second=0, microsecond=0)
            # Weeks begin on Mondays, every second day counts from the same one.
            return day - timedelta(days=(day.toordinal() - 1) % step.count)
        case "month":
            month = (at.month - 1) // step.count * step.count + 1
            return _first(at, at.year, month)
        case _:
            return _first(at, max(1, at.year // step.count * step.count), 1)


def _next(at: datetime, step: Step) -> datetime:
    match step.unit:
        case "minute":
            return at + timedelta(minutes=step.count)
        case "day":
            return at + timedelta(days=step.count)
        case "month":
            months = at.year * 12 + at.month - 1 + step.count
            return _first(at, months // 12, months % 12 + 1)
        case _:
            return _first(at, at.year + step.count, 1)


def _first(at: datetime, year: int, month: int) -> datetime:
    return at.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)


def _label(at: datetime, step: Step) -> str:
    match step.unit:
        case "minute":
            return at.strftime("%H:%M")
        case "day":
            return at.strftime("%m-%d")
        case "month":
            return at.strftime("%b")
        case _:
            return f"{at.year:04}"


def _upper(view: TimeView, step: Step) -> str:
    """The dates that the ticks' labels leave out, one at the left edge at least."""
    match step.unit:
        case "minute":
            outer, text = Step(DAY, 1, "day"), _date
        case "day" | "month":
            outer, text = Step(YEAR, 1, "year"), _year
        case _:
            return " " * view.width
    placed = [(view.column(_millis(at)), text(at)) for at in _ticks(view, outer)]
    edge = text(moment(view.origin))
    if not placed or placed[0][0] > len(edge):
        placed.insert(0, (0, edge))
    return _placed(view, placed)


def _date(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _year(at: datetime) -> str:
    return f"{at.year:04}"


def _placed(view: TimeView, labels: list[tuple[int, str]]) -> str:
    """Labels at their columns; one that would touch the one before it is left out."""
    line, free = [" "] * view.width, 0
    for column, text in labels:
        if column >= free and column + len(text) <= view.width:
            line[column : column + len(text)] = text
            free = column + len(text) + 1
    return "".join(line)


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
