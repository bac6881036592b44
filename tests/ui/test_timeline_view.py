"""What a cell of the timeline shows, and the axis above it."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_tui.contract.impact import MissingRun
from plan_tui.contract.timeline import BatchRun, TimelineModel
from plan_tui.ui.formatting import DAY, HOUR
from plan_tui.ui.screens import timeline_words as words
from plan_tui.ui.widgets.timeline_axis import axis_lines
from plan_tui.ui.widgets.timeline_glyphs import (
    ASCII,
    LEGEND,
    SHORT_LEGEND,
    TONES,
    UNICODE,
    glyphs_for,
)
from plan_tui.ui.widgets.timeline_view import (
    CELLS,
    MISSING,
    RANKS,
    TimeView,
    Track,
    borders_of,
    effective_column,
    states_of,
)

from .timeline_samples import JAN_1, fqn, recorded

REASONS = sorted(MISSING)


def model(**given: object) -> TimelineModel:
    values: dict[str, object] = {
        "name": "m", "view_name": "shop.m", "kind": "FULL", "unit": "day", "unit_millis": DAY,
    }  # fmt: skip
    return TimelineModel.model_validate({**values, **given})


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """Pieces one after the other, with and without gaps, of hours to years."""
    lengths = st.integers(1, 24 * 900)
    there, missing, at = [], [], JAN_1 + draw(st.integers(-20_000, 20_000)) * HOUR
    for _ in range(draw(st.integers(1, 12))):
        at += draw(st.sampled_from((0, 1, 30, 9_000))) * HOUR
        end = at + draw(lengths) * HOUR
        state = draw(st.sampled_from((*REASONS, "there")))
        if state == "there":
            there.append((at, end))
        else:
            missing.append(MissingRun(start=at, end=end, reason=state))
        at = end
    return Track(model(there=there, missing=missing))


@given(tracks(), st.sampled_from(CELLS), st.integers(-3_000, 3_000), st.integers(1, 120))
@settings(max_examples=150, deadline=None)
def test_every_cell_shows_the_rarest_of_what_falls_into_it(
    track: Track, cell: int, offset: int, width: int
) -> None:
    view = TimeView((JAN_1 // cell + offset) * cell, cell, width)

    states = states_of(track, view)

    for column, state in enumerate(states):
        start, end = view.moment(column), view.moment(column + 1)
        inside = [p.state for p in track.pieces if p.start < end and p.end > start]
        assert state == min(inside, key=lambda each: RANKS[each], default="nothing")
        if set(inside) & MISSING:
            assert state in MISSING


@given(tracks(), st.integers(1, 100))
@settings(max_examples=50, deadline=None)
def test_nothing_missing_is_hidden_however_far_one_looks(track: Track, width: int) -> None:
    start, end = track.pieces[0].start, track.pieces[-1].end
    view = TimeView.fitting(start, end, width)
    missing = [piece for piece in track.pieces if piece.state in MISSING]

    states = states_of(track, view)

    if view.end >= end:
        for piece in missing:
            assert states[view.column(piece.start)] in MISSING


@given(st.integers(-200, 4_000_000), st.sampled_from(CELLS), st.integers(-30, 30))
def test_a_zoom_keeps_the_moment_in_its_column(hours: int, cell: int, by: int) -> None:
    at = hours * HOUR
    view = TimeView(at // cell * cell - 7 * cell, cell, 40)

    assert view.zoomed(by, at).column(at) == 7


def test_a_batch_begins_at_a_border_where_it_has_room() -> None:
    track = Track(
        model(
            missing=[MissingRun(start=JAN_1, end=JAN_1 + 30 * DAY, reason="new")],
            batches=[BatchRun(start=JAN_1, end=JAN_1 + 30 * DAY, every=7 * DAY, count=5)],
        )
    )
    days, months = TimeView(JAN_1, DAY, 40), TimeView(JAN_1, 4 * DAY, 40)

    assert borders_of(track, days, states_of(track, days)) == {0, 7, 14, 21, 28}
    assert borders_of(track, months, states_of(track, months)) == set()
    assert track.batch_at(JAN_1 + 29 * DAY) == (5, (JAN_1 + 28 * DAY, JAN_1 + 30 * DAY))
    assert track.batch_at(JAN_1 - 1) is None


def test_the_effective_date_is_marked_before_what_it_changes() -> None:
    lagged = next(each for each in recorded().models if each.name == fqn("lagged"))
    assert lagged.effective_from == JAN_1 + 7 * DAY
    view = TimeView(JAN_1, DAY, 30)
    track = Track(lagged)
    there = Track(model(there=[(JAN_1, JAN_1 + 7 * DAY)], effective_from=JAN_1 + 7 * DAY))

    # The days before it are filled again, so the mark stands on the first of a row of new ones.
    assert effective_column(lagged, view, states_of(track, view)) == 7
    assert effective_column(there.model, view, states_of(there, view)) == 6


@pytest.mark.parametrize("cell", CELLS)
def test_each_tick_stands_at_the_time_it_says(cell: int) -> None:
    view = TimeView((JAN_1 + 17 * DAY) // cell * cell, cell, 100)

    upper, lower, ruler = axis_lines(view, view.moment(5), view.moment(9), ASCII.marks)

    assert {len(upper), len(lower), len(ruler)} == {100}
    assert ruler[5] == "V"
    assert ruler[9] == ":"
    labels = [(m.start(), m.group()) for m in re.finditer(r"\S+", lower)]
    assert len(labels) >= 1 or cell == CELLS[-1]
    for column, label in labels:
        assert ruler[column] in "+V:"
        shown = {
            datetime.fromtimestamp(at / 1000, timezone.utc).strftime(form)
            for at in range(view.moment(column), view.moment(column + 1), min(cell, 300_000))
            if cell < 30 * DAY or at % (12 * HOUR) == 0
            for form in ("%H:%M", "%m-%d", "%b", "%Y")
        }
        assert label in shown


def test_each_state_has_a_sign_a_tone_and_words_of_its_own() -> None:
    states = {*RANKS}
    for glyphs in (UNICODE, ASCII):
        assert set(glyphs.states) == states == set(TONES)
        signs = [*glyphs.states.values(), glyphs.border, glyphs.effective, glyphs.now]
        assert len(set(signs)) == len(signs)
        assert {len(sign) for sign in signs} == {1}
    assert all(sign.isascii() for sign in ASCII.states.values())
    assert {state for state, _ in LEGEND} == states - {"nothing"}
    assert set(words.STATES) == set(words.WHY) == states - {"nothing"}


@pytest.mark.parametrize(
    ("encoding", "glyphs"),
    [("utf-8", UNICODE), ("UTF8", UNICODE), ("ANSI_X3.4-1968", ASCII), ("latin-1", ASCII),
     (None, ASCII)],
)  # fmt: skip
def test_signs_are_those_that_the_terminal_can_draw(encoding: str | None, glyphs: object) -> None:
    assert glyphs_for(encoding) is glyphs


@pytest.mark.parametrize("width", [78, 118])
def test_the_legend_says_everything_in_one_line(width: int) -> None:
    line = words.legend(UNICODE, width).plain
    assert len(line) <= width
    for _, text in LEGEND if width > 100 else SHORT_LEGEND:
        assert text in line
    assert "now" in line


@pytest.mark.parametrize(
    ("start", "end", "unit", "count"),
    [
        (JAN_1, JAN_1 + DAY, "day", 1),
        (JAN_1, JAN_1 + DAY, "five_minute", 288),
        (JAN_1, JAN_1 + 60 * DAY, "month", 2),
        (JAN_1, JAN_1 + 366 * DAY, "year", 1),
        (JAN_1, JAN_1 + 367 * DAY, "year", 2),
        (JAN_1, JAN_1 + 90_000_000, "hour", 25),
    ],
)
def test_intervals_are_counted_by_their_unit(start: int, end: int, unit: str, count: int) -> None:
    assert words.units_between(start, end, unit) == count


def test_the_reading_says_state_reason_and_batch() -> None:
    timeline = recorded()
    tracks = {each.name: Track(each) for each in timeline.models}

    def read(name: str, day: int, cell: int = DAY) -> str:
        at = JAN_1 + (day - 1) * DAY
        view = TimeView(at // cell * cell, cell, 10)
        lines = words.reading(timeline, tracks[fqn(name)], at, view.interval(at), 118)
        return "\n".join(lines)

    gap = read("fragile", 9)
    assert "shop.fragile  2024-01-09 · missing: a gap" in gap
    assert "batch 1 of 3: 2024-01-09 .. 01-10" in gap
    assert "2024-01-09 .. 01-10, 2 days" in gap
    assert "there, filled again: lookback" in read("lagged", 6)
    assert "effective from 2024-01-08" in read("lagged", 6)
    assert "there, stays as it is" in read("events", 3)
    assert "batch" not in read("events", 3)
    assert "in the future" in read("events", 25)
    assert "the model starts 2024-01-13" in read("clicks", 3)
    assert "there 2024-01-06 .. 01-08, gap 2024-01-09" in read("fragile", 8, 4 * DAY)
    assert "+ looks closer" in read("fragile", 8, 4 * DAY)
    assert "! 215,136 five-minute intervals from 2022-01-01" in read("sensors", 3)
    assert "missing: cron passed" in read("events", 16)
    assert "batches 1 to 2 of 6" in read("clicks", 15, 2 * DAY)


def test_a_plan_that_fills_nothing_says_so() -> None:
    timeline = recorded().model_copy(update={"fills": False, "note": "skip_backfill is set."})
    track = Track(timeline.models[-1])
    start = track.model.missing[0].start

    lines = words.reading(timeline, track, start, (start, start + DAY), 118)

    assert any("skip_backfill is set." in line for line in lines)
