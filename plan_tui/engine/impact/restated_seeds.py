"""Seeds among the models that are to be restated: SQLMesh leaves them out without a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan

    from plan_tui.engine.mapping import PlanView

MOST = 5
"""Names that are written out."""


def seeds_left_out(plan: Plan, view: PlanView) -> Iterator[str]:
    """A sentence on the seeds that were to be restated and are not.

    What reads it is left out with it, unless it is restated by itself.
    """
    wanted = plan.selected_models_to_restate or set()
    restated = {snapshot_id.name for snapshot_id in plan.restatements}
    by_name = plan.context_diff.snapshots_by_name
    left = [by_name[name] for name in sorted(wanted - restated) if name in by_name]
    names = [view.view_name(snapshot) for snapshot in left if snapshot.is_seed]
    if not names:
        return
    listed = ", ".join(names[:MOST]) + (f" and {len(names) - MOST:,} more" * (len(names) > MOST))
    subject = f"{listed} is a seed" if len(names) == 1 else f"{listed} are seeds"
    yield (
        f"{subject}, and SQLMesh restates no seed: the rows come from the file alone. What reads "
        "it is not restated with it: name those models, too, or change the file to load it again."
    )
