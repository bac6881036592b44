"""What earlier batches tell of one that is to come."""

from __future__ import annotations

from plan_tui.engine.impact.pace import Pace
from plan_tui.journal.durations import BatchTime

from .projects import DAY

INCREMENTAL = "INCREMENTAL_BY_TIME_RANGE"


def done(days: int, millis: int, kind: str = INCREMENTAL, name: str = "m") -> BatchTime:
    return BatchTime(name, kind, (0, days * DAY), millis)


def seconds(pace: Pace, days: int, kind: str = INCREMENTAL) -> float | None:
    return pace.seconds("m", kind, DAY, (0, days * DAY))


def test_nothing_is_known_of_a_model_that_never_ran() -> None:
    assert seconds(Pace.of([done(1, 500, name="other")]), 1) is None


def test_batches_of_its_own_size_tell_it_by_their_median() -> None:
    pace = Pace.of([done(30, 3_000), done(30, 4_000), done(30, 90_000), done(1, 1_000)])
    assert seconds(pace, 30) == 4.0


def test_a_batch_beyond_all_sizes_grows_with_its_intervals() -> None:
    pace = Pace.of([done(10, 2_000)])
    assert (seconds(pace, 40), seconds(pace, 5)) == (8.0, 1.0)


def test_between_two_sizes_it_is_read_off_the_line() -> None:
    pace = Pace.of([done(1, 1_000), done(11, 2_000)])
    assert seconds(pace, 6) == 1.5
    assert seconds(pace, 22) == 4.0


def test_a_whole_table_takes_what_it_took_however_long_the_interval() -> None:
    pace = Pace.of([done(1, 2_000, "FULL"), done(400, 4_000, "FULL"), done(9, 3_000, "FULL")])
    assert seconds(pace, 1_000, "FULL") == 3.0


def test_the_same_kind_is_preferred_and_a_view_tells_nothing_of_a_table() -> None:
    pace = Pace.of([done(1, 9_000, "FULL"), done(1, 2_000)])
    assert seconds(pace, 1) == 2.0
    assert seconds(pace, 1, "SCD_TYPE_2") in (2.0, 5.5)
    views = Pace.of([done(1, 5, "VIEW")])
    assert seconds(views, 1) is None
    assert seconds(views, 1, "VIEW") == 0.005
