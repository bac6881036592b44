"""Intervals counted by arithmetic are those that SQLMesh counts."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from sqlmesh.core.node import IntervalUnit
from sqlmesh.core.snapshot.definition import merge_intervals

from plan_tui.contract.base import Interval
from plan_tui.engine import interval_steps as ours

MINUTE = 60_000
DAY = 1_440 * MINUTE
JAN_1 = 1_704_067_200_000
UNITS = list(IntervalUnit)

moments = st.builds(
    lambda days, minutes, odd: JAN_1 + days * DAY + minutes * MINUTE + odd,
    st.integers(-3, 3),
    st.sampled_from([0, 0, 5, 15, 30, 60, 7, 719]),
    st.sampled_from([0, 0, 0, 1_000, 1, 999]),
)
stretches = st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1])


@given(st.sampled_from(UNITS), moments, moments)
def test_borders_are_those_of_sqlmesh(unit: IntervalUnit, start: int, end: int) -> None:
    assert ours.expand_range(start, end, unit) == ours._expand_range(start, end, unit)


@given(
    st.sampled_from(UNITS),
    st.lists(stretches, max_size=4),
    st.booleans(),
    moments,
    moments,
    st.sampled_from([0, 0, 1, 2, 500]),
    st.none() | moments,
)
@example(IntervalUnit.DAY, [(JAN_1, JAN_1 + DAY)], True, JAN_1, JAN_1 + 3 * DAY, 1, None)
@example(IntervalUnit.DAY, [(JAN_1, JAN_1 + 3 * DAY)], True, JAN_1, JAN_1 + 3 * DAY, 1, None)
def test_missing_intervals_are_those_of_sqlmesh(
    unit: IntervalUnit,
    filled: list[Interval],
    merged: bool,
    start: int,
    end: int,
    lookback: int,
    model_end: int | None,
) -> None:
    intervals = tuple(merge_intervals(sorted(filled)) if merged and filled else filled)
    arguments = (unit, intervals, start, end, lookback, model_end)
    assert ours.compute_missing_intervals(*arguments) == ours._compute_missing_intervals(*arguments)
