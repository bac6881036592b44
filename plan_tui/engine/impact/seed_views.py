"""What is seen of a changed seed: its rows where they were compared, else its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.query_views import Sight
from plan_tui.engine.impact.why import listed

ROWS = {Kind.ROWS_ADDED: "added", Kind.ROWS_REMOVED: "removed"}


def with_rows_told(sight: Sight, changes: Iterable[SemanticChange]) -> Sight:
    """The same, in words of the rows that came, went and changed, as far as they are known.

    Args:
        sight: What the hashes of the seed's columns tell.
        changes: The seed's semantic diff.
    """
    found = list(changes)
    if not any(each.kind in (*ROWS, Kind.ROWS_CHANGED) for each in found):
        return sight
    return replace(sight, words=f"of the seed, {listed(_told(found))}")


def _told(changes: list[SemanticChange]) -> Iterator[str]:
    for change in changes:
        if change.kind in (Kind.ROWS_ADDED, Kind.ROWS_REMOVED):
            was = "was" if change.subject == "1 row" else "were"
            yield f"{change.subject} {was} {ROWS[Kind(change.kind)]}"
        elif change.kind == Kind.ROWS_CHANGED:
            yield f"{change.column} changed in {change.subject}"
        elif change.kind in (Kind.COLUMN_ADDED, Kind.COLUMN_REMOVED):
            yield f"the column {change.column} {'came' if 'added' in change.kind else 'went'}"
