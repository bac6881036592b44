"""The text diffs of a reviewed plan, as many as the journal keeps, computed in its thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from plan_tui.contract.history import RecordedDiffs

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.journal import Journal
    from plan_tui.engine.plan_run import PlanRun
    from plan_tui.engine.planner import BuiltPlan

MOST_CHARACTERS = 400_000
"""Of all diffs of one plan: a journal keeps hundreds of plans."""
MOST_SECONDS = 2.0


def record_diffs(
    journal: Journal, backend: Backend, run: PlanRun, stand_back: Callable[[float], float]
) -> None:
    """Has the diffs of the plan that a run built written down, after all that was told of it.

    Args:
        journal: Where.
        backend: What has the plan.
        run: The run.
        stand_back: Waits while somebody waits for something else, for so long at most.
    """
    built = backend.built
    if built is None or run.kept or run.breaker.is_tripped():
        return
    journal.note_later(
        lambda recorder: recorder.note_diffs(run.run_id, diffs_of(built, stand_back))
    )


def diffs_of(
    built: BuiltPlan,
    stand_back: Callable[[float], float] = lambda most: 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> RecordedDiffs:
    """The diffs of the models that are changed themselves, the directly changed first.

    Args:
        built: The plan.
        stand_back: Waits while somebody waits for something else, for so long at most.
        clock: Seconds that pass.
    """
    diff = built.plan.context_diff
    direct = sorted(name for name in diff.modified_snapshots if diff.directly_modified(name))
    others = sorted(name for name in diff.modified_snapshots if diff.metadata_updated(name))
    names = list(dict.fromkeys([*direct, *others]))
    until, room, patience = clock() + MOST_SECONDS, MOST_CHARACTERS, MOST_SECONDS
    kept: dict[str, str] = {}
    for name in names:
        stood = stand_back(patience)
        patience, until = max(0.0, patience - stood), until + stood
        if clock() > until:
            break
        text = diff.text_diff(name)
        if len(text) <= room:
            kept[name] = text
            room -= len(text)
    return RecordedDiffs(diffs=kept, left_out=len(names) - len(kept))
