"""Edits of a query's tree: what was done, told to people, and done again to the old tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce

from sqlglot import exp

from plan_tui.contract.change_kinds import ChangeKind
from plan_tui.engine.impact.trees import CHAIN_ARGS, branches, conjuncts


class Shape(Enum):
    """How a slot holds its items."""

    ONE = "one"
    """One node, a plain value, or nothing."""
    LIST = "list"
    CONJUNCTS = "conjuncts"
    """A clause with a chain of ANDs."""
    CTES = "ctes"
    BRANCHES = "branches"
    """A chain of one set operation; the owner is its root."""


@dataclass(frozen=True)
class Slot:
    """Where items hang in the old tree."""

    owner: exp.Expr
    arg: str
    shape: Shape = Shape.ONE


@dataclass(frozen=True)
class Replaced:
    """An item, or what the slot holds, made another; the owner of a chain: its operation."""

    slot: Slot
    old: object
    new: object


@dataclass(frozen=True)
class Inserted:
    """An item that is new."""

    slot: Slot
    new: exp.Expr
    index: int
    """Among the items of the new tree."""


@dataclass(frozen=True)
class Removed:
    """An item that is gone."""

    slot: Slot
    old: exp.Expr


@dataclass(frozen=True)
class Reordered:
    """Items that stand in another order."""

    slot: Slot
    order: tuple[exp.Expr, ...]
    """Those of the old tree that stay, in the order of the new one."""


Deed = Replaced | Inserted | Removed | Reordered


@dataclass(frozen=True)
class Edit:
    """One change of a tree: the words for it, and how it is done again."""

    kind: ChangeKind
    deed: Deed
    column: str | None = None
    before: str | None = None
    after: str | None = None
    subject: str | None = None
    place: str | None = None


CLAUSES: dict[str, type[exp.Expr]] = {
    "where": exp.Where,
    "having": exp.Having,
    "qualify": exp.Qualify,
}
"""The clauses that hold a chain of conditions."""

RECURSIVE = "with_.recursive"
"""Not an argument of a query, but of the WITH that the edits of its CTEs leave."""


def items_of(slot: Slot) -> list[exp.Expr]:
    """What hangs in a slot, one by one."""
    held = slot.owner.args.get(slot.arg)
    match slot.shape:
        case Shape.BRANCHES:
            return branches(slot.owner)
        case Shape.LIST:
            return list(held or ())
        case Shape.CTES:
            return list(held.expressions) if held is not None else []
        case Shape.CONJUNCTS:
            return conjuncts(held.this) if held is not None else []
        case Shape.ONE:
            return [held] if held is not None else []


def apply_edits(old: exp.Expr, edits: Iterable[Edit]) -> exp.Expr:
    """The tree that edits make of the one that they were found in, which stays as it is.

    Args:
        old: What holds the query, which itself is never replaced.
        edits: All of them.
    """
    copy = old.copy()
    twins = dict(zip(map(id, old.walk()), copy.walk(), strict=True))
    by_slot: dict[tuple[int, str], list[Deed]] = {}
    for edit in edits:
        by_slot.setdefault((id(edit.deed.slot.owner), edit.deed.slot.arg), []).append(edit.deed)
    slots = [(_twin(deeds[0].slot, twins), deeds) for deeds in by_slot.values()]
    held = [items_of(slot) for slot, _ in slots]
    for (slot, deeds), items in sorted(
        zip(slots, held, strict=True), key=lambda each: each[0][0].arg == RECURSIVE
    ):
        if slot.shape is Shape.ONE:
            (deed,) = deeds
            assert isinstance(deed, Replaced)
            _set_one(slot, _copied(deed.new))
        else:
            _set_items(slot, _edited(items, deeds, twins), _operation(slot, deeds, twins))
    return copy


def _twin(slot: Slot, twins: dict[int, exp.Expr]) -> Slot:
    return Slot(twins[id(slot.owner)], slot.arg, slot.shape)


def _copied(value: object) -> object:
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value.copy() if isinstance(value, exp.Expr) else value


def _operation(slot: Slot, deeds: Sequence[Deed], twins: dict[int, exp.Expr]) -> exp.Expr:
    """The set operation that a chain has afterwards."""
    for deed in deeds:
        if isinstance(deed, Replaced) and twins.get(id(deed.old)) is slot.owner:
            assert isinstance(deed.new, exp.Expr)
            return deed.new
    return slot.owner


def _edited(
    items: list[exp.Expr], deeds: Sequence[Deed], twins: dict[int, exp.Expr]
) -> list[exp.Expr]:
    swapped: dict[int, exp.Expr] = {}
    gone: set[int] = set()
    for deed in deeds:
        match deed:
            case Reordered():
                items = [twins[id(item)] for item in deed.order]
            case Removed():
                gone.add(id(twins[id(deed.old)]))
            case Replaced() if isinstance(deed.new, exp.Expr):
                swapped[id(twins[id(deed.old)])] = deed.new.copy()
            case _:
                pass
    result = [swapped.get(id(item), item) for item in items if id(item) not in gone]
    inserted = [deed for deed in deeds if isinstance(deed, Inserted)]
    for deed in sorted(inserted, key=lambda deed: deed.index):
        result.insert(deed.index, deed.new.copy())
    return result


def _set_one(slot: Slot, value: object) -> None:
    if slot.arg == RECURSIVE:
        slot.owner.args["with_"].set("recursive", value)
    else:
        slot.owner.set(slot.arg, value)


def _set_items(slot: Slot, items: list[exp.Expr], operation: exp.Expr) -> None:
    owner, arg = slot.owner, slot.arg
    if slot.shape is Shape.BRANCHES:
        _set_branches(owner, items, operation)
    elif not items or slot.shape is Shape.LIST:
        owner.set(arg, items or None)
    elif slot.shape is Shape.CTES:
        held = owner.args.get(arg) or exp.With()
        held.set("expressions", items)
        owner.set(arg, held)
    else:
        owner.set(arg, CLAUSES[arg](this=reduce(_both, items)))


def _both(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.And(this=left, expression=right)


def _set_branches(owner: exp.Expr, items: list[exp.Expr], operation: exp.Expr) -> None:
    def shared() -> dict[str, object]:
        return {arg: _copied(operation.args.get(arg)) for arg in CHAIN_ARGS}

    def joined(left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return type(owner)(this=left, expression=right, **shared())

    owner.set("this", reduce(joined, items[:-1]))
    owner.set("expression", items[-1])
    for arg, value in shared().items():
        owner.set(arg, value)
