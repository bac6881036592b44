"""Counts intervals by arithmetic where SQLMesh asks a calendar for each.

SQLMesh steps from interval to interval with dates, and sorts what it has collected in a set: for
a model with millions of intervals that is most of a minute. Intervals of a fixed length need
neither. The results are the same; whatever is not of that kind is left to SQLMesh's own functions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlmesh.core import scheduler
from sqlmesh.core.snapshot import definition
from sqlmesh.utils.cron import interval_seconds

from plan_tui.contract.base import Interval

if TYPE_CHECKING:
    from sqlmesh.core.node import IntervalUnit

KEPT = 16_384
"""Answers that are remembered, as SQLMesh does."""

_expand_range = definition.expand_range
_compute_missing_intervals = definition.compute_missing_intervals


@lru_cache(KEPT)
def expand_range(start_ts: int, end_ts: int, interval_unit: IntervalUnit) -> list[int]:
    """The borders of the intervals of a range, and its end."""
    step = interval_seconds(interval_unit.cron_expr) * 1000
    # SQLMesh's dates lose fractions of seconds as they are added up.
    if not step or start_ts % 1000 or end_ts < start_ts:
        found: list[int] = _expand_range(start_ts, end_ts, interval_unit)
        return found
    borders = list(range(start_ts, end_ts + 1, step))
    if borders[-1] != end_ts:
        borders.append(end_ts)
    return borders


@lru_cache(KEPT)
def compute_missing_intervals(
    interval_unit: IntervalUnit,
    intervals: tuple[Interval, ...],
    start_ts: int,
    end_ts: int,
    lookback: int,
    model_end_ts: int | None,
) -> list[Interval]:
    """The intervals of a range that are not filled, and those that a model looks back at."""
    if start_ts >= end_ts or (lookback and model_end_ts) or not _in_order(intervals):
        found: list[Interval] = _compute_missing_intervals(
            interval_unit, intervals, start_ts, end_ts, lookback, model_end_ts
        )
        return found
    borders = expand_range(start_ts, end_ts, interval_unit)
    pieces = list(itertools.pairwise(borders))
    if intervals:
        missing = [not filled for filled in _filled(pieces, intervals)]
        if lookback and any(missing):
            ahead = [*missing[lookback:], *[True] * lookback]
            missing = [now or later for now, later in zip(missing, ahead, strict=False)]
        pieces = [piece for piece, absent in zip(pieces, missing, strict=True) if absent]
    if model_end_ts:
        pieces = [piece for piece in pieces if piece[0] < model_end_ts]
    return pieces


def _in_order(intervals: Sequence[Interval]) -> bool:
    """Whether intervals are not empty, sorted and apart."""
    later = intervals[1:]
    apart = all(end <= start for (_, end), (start, _) in zip(intervals, later, strict=False))
    return apart and all(start < end for start, end in intervals)


def _filled(pieces: Sequence[Interval], intervals: Sequence[Interval]) -> Iterator[bool]:
    """Of each piece in order, whether one of the intervals holds it whole."""
    at = 0
    for start, end in pieces:
        while at < len(intervals) and intervals[at][1] <= start:
            at += 1
        yield at < len(intervals) and intervals[at][0] <= start and end <= intervals[at][1]


def install() -> None:
    """Has SQLMesh ask here."""
    definition.expand_range = expand_range
    definition.compute_missing_intervals = compute_missing_intervals
    scheduler.expand_range = expand_range
