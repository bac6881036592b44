"""What the timeline says of the interval under the cursor; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from plan_tui.contract.base import Interval
from plan_tui.contract.text import clean
from plan_tui.contract.timeline import Timeline
from plan_tui.ui.formatting import DAY, HOUR, MINUTE, count, date, instant, interval, moment
from plan_tui.ui.glyphs import SEPARATOR, WARNING
from plan_tui.ui.widgets.cells import wrap
from plan_tui.ui.widgets.timeline_glyphs import (
    COLOURS,
    LEGEND,
    SHORT_LEGEND,
    TONES,
    TimelineGlyphs,
)
from plan_tui.ui.widgets.timeline_view import MISSING, THERE, Piece, Track

GAP = f" {SEPARATOR} "
STATES = {
    THERE: "there, stays as it is",
    "new": "missing: new",
    "cron": "missing: cron passed",
    "gap": "missing: a gap",
    "extended": "missing: earlier start",
    "lookback": "there, filled again: lookback",
    "restated": "there, filled again: restated",
}
WHY = {
    THERE: "It was filled before, and this plan leaves it alone.",
    "new": "Nothing of this version of the model is filled here yet.",
    "cron": "It has come due since the model was last filled.",
    "gap": "What is before it and what is after it is filled, and this is not.",
    "extended": "It lies before everything that is filled: the plan starts earlier.",
    "lookback": "It is filled; the model looks back this far from what is missing after it.",
    "restated": "It is filled; the plan restates it.",
}
UNITS = {
    "five_minute": "five-minute interval",
    "quarter_hour": "quarter hour",
    "half_hour": "half hour",
}
MOST_PIECES = 3


def reading(timeline: Timeline, track: Track, at: int, cell: Interval, width: int) -> list[str]:
    """Lines that say what the cursor stands on, the most important first.

    Args:
        timeline: The whole of it.
        track: The model under the cursor.
        at: The moment under the cursor.
        cell: The stretch of time that its cell stands for.
        width: Cells of a line.
    """
    model = track.model
    pieces = track.within(*cell)
    piece = track.most(*cell)
    head = f"{clean(model.view_name)}  "
    if piece is None:
        lines = [f"{head}{_span(cell)}{GAP}{_nothing(timeline, track, cell)}"]
    elif len(pieces) > 1:
        lines = [f"{head}{_span(cell)}{GAP}{_several(pieces, cell)}"]
    else:
        part = unit_around(max(at, piece.start), model.unit, piece, cell)
        lines = [f"{head}{_span(part)}{GAP}{STATES.get(piece.state, piece.state)}"]
    if model.absurd is not None:
        lines.append(f"{WARNING} {clean(model.absurd)}")
    if piece is not None:
        lines.append(_why(timeline, piece))
        lines.append(GAP.join(_facts(track, piece, cell)))
    return [part for line in lines for part in wrap(line, max(20, width))]


def _span(value: Interval) -> str:
    """The interval in words, a time of day only where there is one."""
    return interval(value)


def _moment(at: int) -> str:
    return date(at) if at % DAY == 0 else instant(at)


def _nothing(timeline: Timeline, track: Track, cell: Interval) -> str:
    model = track.model
    if model.end is not None and cell[0] >= model.end:
        return f"the model ends {date(model.end - 1)}"
    if cell[0] >= timeline.now:
        return "in the future"
    if model.start is not None and cell[1] <= model.start:
        return f"the model starts {_moment(model.start)}"
    return "not filled, and not part of this plan"


def _several(pieces: Sequence[Piece], cell: Interval) -> str:
    parts = [
        f"{piece.state} {_span((max(piece.start, cell[0]), min(piece.end, cell[1])))}"
        for piece in pieces[:MOST_PIECES]
    ]
    more = len(pieces) - MOST_PIECES
    return ", ".join(parts) + (f" and {more:,} more" if more > 0 else "") + "; + looks closer"


def _why(timeline: Timeline, piece: Piece) -> str:
    why = WHY.get(piece.state, "")
    if piece.state in MISSING and not timeline.fills:
        return f"{why} {clean(timeline.note or '')}".strip()
    return why


def _facts(track: Track, piece: Piece, cell: Interval) -> list[str]:
    model = track.model
    facts = []
    if piece.state in MISSING:
        facts += _batches(track, piece, cell)
    units = units_between(piece.start, piece.end, model.unit)
    name = UNITS.get(model.unit, model.unit)
    facts.append(f"{_span((piece.start, piece.end))}, {count(units, name)}")
    if model.effective_from is not None:
        facts.append(f"effective from {_moment(model.effective_from)}")
    return facts


def _batches(track: Track, piece: Piece, cell: Interval) -> list[str]:
    first = track.batch_at(max(piece.start, cell[0]))
    last = track.batch_at(min(piece.end, cell[1]) - 1)
    if first is None or last is None:
        return []
    of = f"{track.model.batch_count:,}"
    if first[0] == last[0]:
        return [f"batch {first[0]:,} of {of}: {_span(first[1])}"]
    return [f"batches {first[0]:,} to {last[0]:,} of {of}"]


def unit_around(at: int, unit: str, piece: Piece, cell: Interval) -> Interval:
    """The model's own interval at a moment; where a cell holds more of them, what it shows."""
    own = unit_interval(at, unit)
    if cell[1] - cell[0] > own[1] - own[0]:
        return max(piece.start, cell[0]), min(piece.end, cell[1])
    return own


LENGTHS = {
    "five_minute": 5 * MINUTE,
    "quarter_hour": 15 * MINUTE,
    "half_hour": 30 * MINUTE,
    "hour": HOUR,
    "day": DAY,
}


def unit_interval(at: int, unit: str) -> Interval:
    """The interval of a unit that a moment falls into."""
    if unit in LENGTHS:
        length = LENGTHS[unit]
        return at - at % length, at - at % length + length
    months = _months(moment(at)) if unit == "month" else moment(at).year * 12
    return _month_start(months, at), _month_start(months + (1 if unit == "month" else 12), at)


def units_between(start: int, end: int, unit: str) -> int:
    """How many intervals of a unit lie between two of their borders, begun ones counted."""
    if unit in LENGTHS:
        return -(-(end - start) // LENGTHS[unit])
    months = _months(moment(end - 1)) - _months(moment(start)) + 1
    return months if unit == "month" else moment(end - 1).year - moment(start).year + 1


def _months(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _month_start(months: int, at: int) -> int:
    first = datetime(months // 12, months % 12 + 1, 1, tzinfo=moment(at).tzinfo)
    return round(first.timestamp() * 1000)


def cell_words(millis: int) -> str:
    """What a cell stands for: ``1 cell = 6 hours``."""
    for length, name in ((364 * DAY, "year"), (28 * DAY, "month"), (7 * DAY, "week")):
        if millis % length == 0:
            return f"1 cell = {count(millis // length, name)}"
    for length, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if millis % length == 0:
            return f"1 cell = {count(millis // length, name)}"
    return ""


def legend(glyphs: TimelineGlyphs, width: int) -> Content:
    """The signs and their words, in one line; shorter words where it is narrow."""
    marks = (glyphs.border, glyphs.effective, glyphs.now)
    for gap, words, marked in (
        ("   ", LEGEND, ("batch", "effective from", "now")),
        ("  ", LEGEND, ("batch", "effective from", "now")),
        (" ", SHORT_LEGEND, ("batch", "from", "now")),
    ):
        items = [
            Content.assemble((glyphs.states[state], COLOURS[TONES[state]]), f" {text}")
            for state, text in words
        ]
        items += [Content(f"{sign} {text}") for sign, text in zip(marks, marked, strict=True)]
        line = Content(gap).join(items)
        if line.cell_length <= width:
            return line
    return line.truncate(max(1, width), ellipsis=True)
