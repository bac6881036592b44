"""The document that ``plan --json`` prints: the agreed fields and no others."""

from __future__ import annotations

from typing import Any, Final

from plan_tui.contract.stages import PlanOverviewStageTracker
from plan_tui.contract.text import clean_json

_OF_SCREENS: Final[dict[str, Any]] = {
    "steps_notes": True,
    "validation": {"lint": {"__all__": {"name": True}}},
    "backfills": {"models": {"__all__": {"preview": True}}},
}
"""What the app draws and programs were promised to find elsewhere, or to do without."""


def printed_document(plan: PlanOverviewStageTracker) -> str:
    """A plan as one line of JSON.

    Why steps are missing is told with the warnings: programs look there for all that is told.
    """
    told = plan.model_copy(update={"warnings": (*plan.warnings, *plan.steps_notes)})
    return clean_json(told.model_dump_json(exclude=_OF_SCREENS))
