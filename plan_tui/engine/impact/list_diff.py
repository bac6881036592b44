"""The difference of two lists of a query: joins, CTEs, conditions, branches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.engine.impact.edits import (
    Edit,
    Inserted,
    Removed,
    Reordered,
    Replaced,
    Slot,
    items_of,
)
from plan_tui.engine.impact.pairing import Pairing, Pairs
from plan_tui.engine.impact.trees import Trees

Inside = Callable[[exp.Expr, exp.Expr, str | None], list[Edit] | None]
"""The edits in two items that are paired, or None where they are not to be told one by one."""


@dataclass(frozen=True)
class ListKinds:
    """What it is called when an item comes, goes, or is another."""

    added: Kind
    removed: Kind
    changed: Kind
    reordered: Kind = Kind.CLAUSE_CHANGED


def diff_list(
    trees: Trees,
    slots: tuple[Slot, Slot],
    kinds: ListKinds,
    pairing: Pairing,
    place: str | None,
    inside: Inside | None = None,
) -> list[Edit]:
    """The edits that make one list the other.

    Args:
        trees: Both sides.
        slots: Where the old and the new list hang.
        kinds: What the edits are called.
        pairing: Finds which item became which.
        place: What query it is in.
        inside: Looks into items that are paired.
    """
    old, new = (items_of(slot) for slot in slots)
    pairs = sorted(pairing(trees, old, new), key=lambda pair: pair[1])
    edits: list[Edit] = []
    gone = set(range(len(old))) - {one for one, _ in pairs}
    came = set(range(len(new))) - {two for _, two in pairs}
    for index in sorted(gone):
        edits.append(removed(trees, slots[0], kinds.removed, old[index], place))
    for one, two in pairs:
        if trees.same(old[one], new[two]):
            continue
        found = inside(old[one], new[two], place) if inside is not None else None
        edits += found if found is not None else [
            changed(trees, slots[0], kinds.changed, (old[one], new[two]), place)
        ]  # fmt: skip
    for index in sorted(came):
        edits.append(added(trees, slots[0], kinds.added, new[index], index, place))
    return edits + reordered(trees, slots[0], kinds.reordered, (old, new), pairs, place)


def removed(trees: Trees, slot: Slot, kind: Kind, item: exp.Expr, place: str | None) -> Edit:
    """An item that is gone."""
    return Edit(
        kind,
        Removed(slot, item),
        before=trees.text(_told(item)),
        subject=subject_of(item),
        place=place,
    )


def added(
    trees: Trees, slot: Slot, kind: Kind, item: exp.Expr, index: int, place: str | None
) -> Edit:
    """An item that is new."""
    return Edit(
        kind,
        Inserted(slot, item, index),
        after=trees.text(_told(item)),
        subject=subject_of(item),
        place=place,
    )


def changed(
    trees: Trees, slot: Slot, kind: Kind, items: tuple[exp.Expr, exp.Expr], place: str | None
) -> Edit:
    """An item that is another."""
    old, new = items
    return Edit(
        kind,
        Replaced(slot, old, new),
        before=trees.text(_told(old)),
        after=trees.text(_told(new)),
        subject=subject_of(new),
        place=place,
    )


def reordered(
    trees: Trees,
    slot: Slot,
    kind: Kind,
    items: tuple[list[exp.Expr], list[exp.Expr]],
    pairs: Pairs,
    place: str | None,
) -> list[Edit]:
    """The edit that puts the items that stay in their new order, where it is another.

    It tells of those that moved: their places among the ones that stay.

    Args:
        trees: Both sides.
        slot: Where the old list hangs.
        kind: What it is called.
        items: The old and the new list.
        pairs: Which became which, in the new order.
        place: What query it is in.
    """
    order = [one for one, _ in pairs]
    if order == sorted(order):
        return []
    old, new = items
    still = set(_longest_rise(order))
    were = {one: rank for rank, one in enumerate(sorted(order), 1)}
    moved = [(one, two, rank) for rank, (one, two) in enumerate(pairs, 1) if one not in still]
    before = ", ".join(f"{called(trees, old[one])} at {were[one]}" for one, _, _ in sorted(moved))
    after = ", ".join(f"{called(trees, new[two])} at {rank}" for _, two, rank in moved)
    deed = Reordered(slot, tuple(old[one] for one in order))
    return [Edit(kind, deed, before=before, after=after, subject="order", place=place)]


def called(trees: Trees, item: exp.Expr) -> str:
    """What to call an item: its name, or its text."""
    name = item.alias_or_name if isinstance(item, exp.Join | exp.CTE) else item.output_name
    return name or " ".join(str(trees.text(item)).split())


def subject_of(item: exp.Expr) -> str | None:
    """The name of a join or CTE."""
    return item.alias_or_name or None if isinstance(item, exp.Join | exp.CTE) else None


def _told(item: exp.Expr) -> exp.Expr:
    """A CTE by its query alone: its name is told beside it."""
    plain = isinstance(item, exp.CTE) and not item.args["alias"].args.get("columns")
    return item.this if plain and item.args.get("materialized") is None else item


def _longest_rise(numbers: list[int]) -> list[int]:
    """The longest part that rises: what can be said to have stayed where it was."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    rise: list[int] = []
    number_or_none = tails[-1] if tails else None
    while number_or_none is not None:
        rise.append(number_or_none)
        number_or_none = before[number_or_none]
    return rise
