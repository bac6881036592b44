"""Remembered ticks of crons are those that croniter gives."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter  # type: ignore[import-untyped]

from plan_tui.engine.cron_memo import RememberedCron

NEW_YORK = ZoneInfo("America/New_York")
SUMMER_BEGINS = datetime(2024, 3, 10, 4, tzinfo=timezone.utc)
SUMMER_ENDS = datetime(2024, 11, 3, 3, tzinfo=timezone.utc)


@pytest.mark.parametrize("expression", ["0 * * * *", "*/30 * * * *", "@daily", "30 1 * * *"])
@pytest.mark.parametrize("zone", [timezone.utc, NEW_YORK, timezone(timedelta(hours=-4))])
@pytest.mark.parametrize("start", [SUMMER_BEGINS, SUMMER_ENDS])
def test_ticks_are_those_of_croniter(expression: str, zone: tzinfo, start: datetime) -> None:
    moments = [(start + timedelta(minutes=15 * step)).astimezone(zone) for step in range(24)]
    for _ in range(2):
        for moment in moments:
            cron = RememberedCron(expression, moment)
            assert cron.get_next() == croniter(expression, moment).get_next()
            assert cron.get_prev() == croniter(expression, moment).get_prev()
