"""The order of a list's rows and how one row looks: the part of a list that needs no terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from textual.strip import Strip


@dataclass(frozen=True)
class RowState:
    """What a row looks like apart from its content."""

    cursor: bool = False
    marked: bool = False
    heading: bool = False


@dataclass(frozen=True)
class Rows:
    """Keys from top to bottom; on headings the cursor can't stand."""

    keys: Sequence[str] = ()
    headings: frozenset[str] = frozenset()
    index: dict[str, int] = field(default_factory=dict)
    """The position of each key."""

    @classmethod
    def of(cls, keys: Sequence[str], headings: Collection[str]) -> Rows:
        """Rows from unique keys."""
        return cls(keys, frozenset(headings), {key: at for at, key in enumerate(keys)})

    def position(self, key: str | None) -> int | None:
        """Where a row is, if the cursor may stand on it."""
        return None if key is None or key in self.headings else self.index.get(key)

    def near(self, position: int, direction: int) -> int | None:
        """The row at a position, or the next one that the cursor may stand on."""
        last = len(self.keys) - 1
        if last < 0:
            return None
        position = max(0, min(last, position))
        ahead = range(position, last + 1)
        behind = range(position, -1, -1)
        for candidates in (ahead, behind) if direction > 0 else (behind, ahead):
            for candidate in candidates:
                if self.keys[candidate] not in self.headings:
                    return candidate
        return None


def changed_cells(before: Strip, after: Strip) -> tuple[int, int]:
    """The first changed cell and the one after the last, by whole segments."""
    old, new = list(before), list(after)
    left = 0
    while old and new and old[0] == new[0]:
        left += old.pop(0).cell_length
        new.pop(0)
    right = max(before.cell_length, after.cell_length)
    while old and new and old[-1] == new[-1]:
        right -= old.pop().cell_length
        new.pop()
    return left, right if old or new else left
