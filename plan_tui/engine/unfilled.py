"""Warns of what a stopped apply left empty or half restated: no plan of SQLMesh has it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from plan_tui.contract.base import Interval
from plan_tui.contract.interrupted import Hole
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.words import clock_text, range_text
from plan_tui.journal.open_holes import read_left_behind, without
from plan_tui.journal.store import JournalError

logger = logging.getLogger(__name__)
MOST = 3
"""Intervals that a warning names; the others it counts."""


class Unfilled:
    """What stopped applies to a project's environments left, as the journal has it."""

    def __init__(self, journal: Path, project: str) -> None:
        """Reads nothing yet.

        Args:
            journal: The journal's file.
            project: The digest of the project, gateway and configuration.
        """
        self._journal = journal
        self._project = project

    def warnings(self, plan: PlanOverviewStageTracker, versions: Mapping[str, str]) -> list[str]:
        """What is left and is not filled by a plan either, with the options that fill it.

        Args:
            plan: The plan's document.
            versions: The version of each model's table: what became of others is no matter.
        """
        try:
            left = read_left_behind(self._journal, self._project, plan.environment, versions)
        except (OSError, ValueError, sqlite3.Error, JournalError):
            logger.warning("The journal can't be read for what was left empty.", exc_info=True)
            return []
        filling = {model.name: list(model.intervals) for model in plan.backfills.models}
        found = []
        if empty := _joined(left.empty, filling):
            found.append(
                f"Data may be empty since an apply to {plan.environment} was stopped, old rows "
                f"deleted and new ones not written: {_how(empty)}"
            )
        if old := _joined(left.old, filling):
            found.append(
                f"Data is still to be restated since an apply to {plan.environment} was stopped, "
                f"and may have the rows of before: {_how(old)}"
            )
        return found


def _joined(holes: Sequence[Hole], filling: dict[str, list[Interval]]) -> list[Hole]:
    """What a plan does not fill, neighbours in one; in the order of names and times."""
    joined: list[Hole] = []
    for hole in holes:
        for start, end in without([hole.interval], filling.get(hole.name, [])):
            last = joined[-1] if joined else None
            if last is not None and last.name == hole.name and last.interval[1] >= start:
                start, end = last.interval[0], max(end, last.interval[1])
                joined.pop()
            joined.append(hole.model_copy(update={"interval": (start, end)}))
    return joined


def _how(holes: list[Hole]) -> str:
    named = "; ".join(f"{hole.view_name} {range_text(hole.interval)}" for hole in holes[:MOST])
    if len(holes) > MOST:
        named += f"; and {len(holes) - MOST:,} more"
    restate = " ".join(
        f"--restate-model '{name}'" for name in dict.fromkeys(hole.name for hole in holes)
    )
    start = clock_text(min(hole.interval[0] for hole in holes))
    end = clock_text(max(hole.interval[1] for hole in holes))
    return (
        f"{named}. SQLMesh's state calls them filled, so no plan fills them by itself. Plan with "
        f"{restate} --start '{start}' --end '{end}'."
    )
