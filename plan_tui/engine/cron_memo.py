"""Remembers ticks of crons: one plan asks for the same few thousands of times.

SQLMesh makes a new ``croniter`` for each question, which parses the expression anew. The next tick
depends on the expression and the moment alone, so an answer given once holds for ever. The hour
that is repeated when summer time ends has the same moments twice: their offset tells them apart.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import sqlmesh.utils.cron as sqlmesh_cron
from croniter import croniter  # type: ignore[import-untyped]

KEPT = 65_536
"""Ticks that are remembered."""


class RememberedCron:
    """Answers like ``croniter(expression, moment)`` for a single step."""

    def __init__(self, expression: str, moment: datetime | None = None) -> None:
        self._expression = expression
        self._moment = moment

    def get_next(self) -> float:
        """The next tick, in epoch seconds."""
        if self._moment is None:
            return float(croniter(self._expression).get_next())
        return _next(self._expression, self._moment, _place(self._moment))

    def get_prev(self) -> float:
        """The previous tick, in epoch seconds."""
        if self._moment is None:
            return float(croniter(self._expression).get_prev())
        return _previous(self._expression, self._moment, _place(self._moment))


def _place(moment: datetime) -> object:
    """What equal moments still differ in."""
    return moment.tzinfo, moment.utcoffset()


@lru_cache(KEPT)
def _next(expression: str, moment: datetime, place: object) -> float:
    return float(croniter(expression, moment).get_next())


@lru_cache(KEPT)
def _previous(expression: str, moment: datetime, place: object) -> float:
    return float(croniter(expression, moment).get_prev())


def install() -> None:
    """Has SQLMesh ask here."""
    sqlmesh_cron.croniter = RememberedCron
