"""Categories and kinds of change as one letter each; pure."""

from __future__ import annotations

from enum import Enum

from plan_tui.contract.changes import AddedChange, DirectChange
from plan_tui.ui.glyphs import ADDED, FAILED, METADATA, OPEN, REMOVED, WAITING, WARNING


class Chip(Enum):
    """A category or a kind of change as a letter, a tone and words."""

    BREAKING = ("B", "chip-breaking", "breaking")
    NON_BREAKING = ("N", "chip-safe", "non-breaking")
    OPEN = (OPEN, "chip-open", "not categorized")
    FIXED_BREAKING = ("B", "bad", "breaking")
    FIXED_NON_BREAKING = ("N", "good", "non-breaking")
    FORWARD_ONLY = ("F", "accent", "forward-only")
    INDIRECT_BREAKING = ("b", "bad", "indirectly breaking")
    INDIRECT_NON_BREAKING = ("n", "good", "indirectly non-breaking")
    METADATA = (METADATA, "muted", "metadata")
    ADDED = (ADDED, "good", "added")
    REMOVED = (REMOVED, "bad", "removed")
    PLAIN = (WAITING, "muted", "")
    CHANGED = ("~", "accent", "changed")
    BROKEN = (FAILED, "bad", "broken")
    NOT_PLANNED = (WAITING, "warn", "not planned")
    FAILED = (FAILED, "bad", "failed")
    WARNING = (WARNING, "warn", "warning")

    @property
    def letter(self) -> str:
        """The sign that is drawn."""
        return self.value[0]

    @property
    def tone(self) -> str:
        """Its style's name in ``line_list_look``."""
        return self.value[1]

    @property
    def words(self) -> str:
        """What it means."""
        return self.value[2]


_FIXED = {
    "BREAKING": Chip.FIXED_BREAKING,
    "NON_BREAKING": Chip.FIXED_NON_BREAKING,
    "FORWARD_ONLY": Chip.FORWARD_ONLY,
    "INDIRECT_BREAKING": Chip.INDIRECT_BREAKING,
    "INDIRECT_NON_BREAKING": Chip.INDIRECT_NON_BREAKING,
    "METADATA": Chip.METADATA,
}


def chip_of(change: DirectChange | AddedChange, choosable: bool) -> Chip:
    """The chip of a model whose own definition is new."""
    category = change.change_category
    if category is None and change.choices:
        return Chip.OPEN
    if choosable and category in ("BREAKING", "NON_BREAKING"):
        return Chip[category]
    if isinstance(change, AddedChange) and (category is None or change.node_type == "audit"):
        return Chip.ADDED
    return _FIXED.get(category or "", Chip.PLAIN)


def fixed_chip(category: str | None) -> Chip:
    """The chip of a category that nobody chooses."""
    return _FIXED.get(category or "", Chip.PLAIN)
