"""Durations, counts, dates and intervals as text."""

from __future__ import annotations

import pytest

from plan_tui.ui import formatting as fmt

from .samples import DAY, HOUR, NOW, TODAY


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (-5, "0.0s"),
        (0, "0.0s"),
        (420, "0.4s"),
        (9_949, "9.9s"),
        (9_950, "10s"),
        (59_400, "59s"),
        (59_600, "1m00s"),
        (185_000, "3m05s"),
        (3_600_000, "1h00m"),
        (7_620_000, "2h07m"),
        (76 * HOUR, "3d04h"),
    ],
)
def test_duration(millis: int, text: str) -> None:
    assert fmt.duration(millis) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (100, "1 s"),
        (20_000, "20 s"),
        (180_000, "3 min"),
        (2 * HOUR, "2 h"),
        (3 * DAY, "3 d"),
        (2000 * DAY, "2,000 d"),
    ],
)
def test_about(millis: int, text: str) -> None:
    assert fmt.about(millis) == text


def test_ago_looks_both_ways() -> None:
    assert fmt.ago(NOW - 3 * DAY, NOW) == "3 d ago"
    assert fmt.ago(NOW + 4 * DAY, NOW) == "in 4 d"
    assert fmt.ago(NOW - 1000, NOW) == "now"


def test_relative_day_counts_calendar_days() -> None:
    assert fmt.relative_day(TODAY, NOW) == "today"
    assert fmt.relative_day(TODAY - 1, NOW) == "yesterday"
    assert fmt.relative_day(TODAY + DAY, NOW) == "tomorrow"
    assert fmt.relative_day(TODAY - 7 * DAY, NOW) == "7 days ago"
    assert fmt.relative_day(TODAY + 3 * DAY, NOW) == "in 3 days"


def test_count_sets_thousands_off() -> None:
    assert fmt.count(1, "model") == "1 model"
    assert fmt.count(1204, "model") == "1,204 models"
    assert fmt.count(2, "batch", "batches") == "2 batches"


def test_number_is_right_aligned() -> None:
    assert fmt.number(1204, 7) == "  1,204"
    assert fmt.number(None, 3) == "   "


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((TODAY, TODAY + DAY), "2026-11-25"),
        ((TODAY - 3 * DAY, TODAY), "2026-11-22 .. 11-24"),
        ((TODAY - 365 * DAY, TODAY), "2025-11-25 .. 2026-11-24"),
        ((TODAY + 6 * HOUR, TODAY + 7 * HOUR), "2026-11-25 06:00-07:00"),
        ((TODAY + 23 * HOUR, TODAY + DAY), "2026-11-25 23:00-24:00"),
        ((TODAY + 6 * HOUR, TODAY + 2 * DAY), "2026-11-25 06:00 … 2026-11-27 00:00"),
    ],
)
def test_interval(value: tuple[int, int], text: str) -> None:
    assert fmt.interval(value) == text


def test_moments_before_the_epoch_and_far_away() -> None:
    assert fmt.date(-DAY) == "1969-12-31"
    assert fmt.date(253_402_214_400_000) == "9999-12-31"
    assert fmt.instant_utc(TODAY) == "2026-11-25 00:00 UTC"
    assert fmt.instant(TODAY + 1000) == "2026-11-25 00:00:01"


def test_clip_text_says_that_it_clipped() -> None:
    assert fmt.clip_text("orders", 10) == "orders"
    assert fmt.clip_text("order_items", 6) == "order…"
