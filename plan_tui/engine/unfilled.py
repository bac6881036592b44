"""Warns of intervals that a stopped apply may have left empty: no plan of SQLMesh has them."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from plan_tui.contract.interrupted import Hole
from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.words import clock_text, count, range_text
from plan_tui.journal.open_holes import read_open_holes, without
from plan_tui.journal.store import JournalError

logger = logging.getLogger(__name__)
MOST = 3
"""Intervals that the warning names; the others it counts."""


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

    def warning(self, plan: PlanOverviewStageTracker) -> str | None:
        """What may be empty and is not filled by a plan either, with the options that fill it."""
        try:
            holes = read_open_holes(self._journal, self._project, plan.environment)
        except (OSError, sqlite3.Error, JournalError):
            logger.warning("The journal can't be read for what was left empty.", exc_info=True)
            return None
        filling = {model.name: list(model.intervals) for model in plan.backfills.models}
        left = [
            hole.model_copy(update={"interval": part})
            for hole in holes
            for part in without([hole.interval], filling.get(hole.name, []))
        ]
        return _warning(plan.environment, left) if left else None


def _warning(environment: str, holes: list[Hole]) -> str:
    named = "; ".join(f"{hole.view_name} {range_text(hole.interval)}" for hole in holes[:MOST])
    if len(holes) > MOST:
        named += f"; and {len(holes) - MOST:,} more"
    restate = " ".join(
        f"--restate-model '{name}'" for name in dict.fromkeys(hole.name for hole in holes)
    )
    start = clock_text(min(hole.interval[0] for hole in holes))
    end = clock_text(max(hole.interval[1] for hole in holes))
    return (
        f"{count(len(holes), 'interval')} may be empty since an apply to {environment} was "
        f"stopped, old rows deleted and new ones not written: {named}. SQLMesh's state calls them "
        f"filled, so no plan fills them by itself. Plan with {restate} --start '{start}' "
        f"--end '{end}'."
    )
