"""The sections of the change list, from top to bottom."""

from __future__ import annotations

from plan_tui.contract.base import Name
from plan_tui.ui.widgets.change_chips import Chip


class Section(Name):
    """Where a row stands in the list, from top to bottom."""

    BROKEN = "Broken"
    CHECKS = "Failed checks"
    DIRECT = "Directly modified"
    ADDED = "Added"
    PROJECT = "Project"
    REMOVED = "Removed"
    INDIRECT = "Indirectly modified"
    METADATA = "Metadata only"
    NOT_PLANNED = "Not planned"
    RESTATED = "Restated"
    MISSING = "Missing intervals only"
    WARNINGS = "Warnings"


CHANGED = (
    Section.DIRECT,
    Section.ADDED,
    Section.PROJECT,
    Section.REMOVED,
    Section.INDIRECT,
    Section.METADATA,
)
"""Sections whose rows differ from the environment."""
UNREAD = {
    Section.BROKEN: ("broken_model", Chip.BROKEN),
    Section.NOT_PLANNED: ("not_planned", Chip.NOT_PLANNED),
}


def heading_words(section: Section, shown: int, total: int) -> str:
    """``Added 3``, or ``Added 1 of 3`` while a filter hides the rest."""
    return f"{section} {total:,}" if shown == total else f"{section} {shown:,} of {total:,}"
