"""Parts of an interval that nothing has filled."""

from __future__ import annotations

import pytest

from plan_tui.contract.base import Interval
from plan_tui.journal.open_holes import merged, without


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(10, 20)]),
        ([(0, 30)], []),
        ([(10, 20)], []),
        ([(0, 10), (20, 30)], [(10, 20)]),
        ([(5, 12)], [(12, 20)]),
        ([(12, 15)], [(10, 12), (15, 20)]),
        ([(12, 15), (15, 25)], [(10, 12)]),
    ],
)
def test_what_is_taken_is_left_out(taken: list[Interval], left: list[Interval]) -> None:
    assert without([(10, 20)], taken) == left


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ([], []),
        ([(0, 5), (5, 9)], [(0, 9)]),
        ([(7, 9), (0, 5), (2, 3)], [(0, 5), (7, 9)]),
        ([(hour, hour + 1) for hour in range(9_000)], [(0, 9_000)]),
    ],
)
def test_neighbours_are_one(given: list[Interval], whole: list[Interval]) -> None:
    assert merged(given) == whole
