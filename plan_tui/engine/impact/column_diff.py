"""The difference of two select lists."""

from __future__ import annotations

from sqlglot import exp

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.engine.impact.edits import Edit, Inserted, Removed, Replaced, Shape, Slot
from plan_tui.engine.impact.list_diff import reordered
from plan_tui.engine.impact.pairing import Items, Pairs, by_name, pair_by, rest
from plan_tui.engine.impact.trees import Trees


def diff_columns(
    trees: Trees, old_query: exp.Expr, new_query: exp.Expr, place: str | None
) -> list[Edit]:
    """What was done to the columns of a query, in the new order."""
    slot = Slot(old_query, "expressions", Shape.LIST)
    old, new = old_query.expressions, new_query.expressions
    pairs = sorted(_pairs(trees, old, new), key=lambda pair: pair[1])
    edits = [
        Edit(
            Kind.COLUMN_REMOVED,
            Removed(slot, old[one]),
            column=_column(old[one]),
            before=trees.text(old[one].unalias()),
            place=place,
        )
        for one in rest(old, (one for one, _ in pairs))
    ]
    came = dict.fromkeys(rest(new, (two for _, two in pairs)))
    for one, two in sorted([*pairs, *((-1, two) for two in came)], key=lambda pair: pair[1]):
        if one >= 0:
            edits += _changed(trees, slot, old[one], new[two], place)
        else:
            edits.append(_added(trees, slot, new[two], two, place))
    return edits + reordered(trees, slot, Kind.COLUMNS_REORDERED, (old, new), pairs, place)


def _pairs(trees: Trees, old: Items, new: Items) -> Pairs:
    """Which column became which: by name, then by expression, then by what it calls."""
    pairs = by_name(trees, old, new)
    for key in (_expression, _call):
        pairs += pair_by(
            ((one, key(trees, old[one])) for one in rest(old, (one for one, _ in pairs))),
            ((two, key(trees, new[two])) for two in rest(new, (two for _, two in pairs))),
        )
    return pairs


def _expression(trees: Trees, item: exp.Expr) -> object:
    return trees.plain(item).unalias()


def _call(trees: Trees, item: exp.Expr) -> object:
    """What columns without a name have in common with what they were: the function they call."""
    plain = trees.plain(item)
    if plain.output_name:
        return object()
    inner = plain.args.get("this")
    return type(plain), inner.name.lower() if isinstance(inner, exp.Expr) else None


def _added(trees: Trees, slot: Slot, item: exp.Expr, index: int, place: str | None) -> Edit:
    return Edit(
        Kind.COLUMN_ADDED,
        Inserted(slot, item, index),
        column=_column(item),
        after=trees.text(item.unalias()),
        place=place,
    )


def _changed(
    trees: Trees, slot: Slot, old: exp.Expr, new: exp.Expr, place: str | None
) -> list[Edit]:
    if trees.same(old, new):
        return []
    deed, column = Replaced(slot, old, new), _column(new)
    before, after = old.unalias(), new.unalias()
    if trees.same(before, after):
        kind, texts = Kind.COLUMN_RENAMED, (_column(old), column)
        if trees.plain(old).output_name == trees.plain(new).output_name:
            kind, texts = Kind.COLUMN_CHANGED, (trees.text(old), trees.text(new))
    elif isinstance(before, exp.Cast) and trees.same_but(before, after, "to"):
        kind, texts = Kind.TYPE_CHANGED, (trees.text(before.to), trees.text(after.args["to"]))
    else:
        kind, texts = Kind.COLUMN_CHANGED, (trees.text(before), trees.text(after))
    return [Edit(kind, deed, column, *texts, place=place)]


def _column(item: exp.Expr) -> str | None:
    """The name of a column; None where only rendering tells it."""
    name = item.output_name
    return name if name and name != "*" else None
