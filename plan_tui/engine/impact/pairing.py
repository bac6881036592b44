"""Which item of an old list became which of a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from difflib import SequenceMatcher

from sqlglot import exp

from plan_tui.engine.impact.trees import Trees

Items = Sequence[exp.Expr]
Pairs = list[tuple[int, int]]
"""Indices of the old and of the new list; each at most once."""
Pairing = Callable[[Trees, Items, Items], Pairs]

ALIKE = 0.5
"""From which share of common text on two conditions are one that was changed."""


def pair_by(olds: Iterable[tuple[int, Hashable]], news: Iterable[tuple[int, Hashable]]) -> Pairs:
    """Pairs items that have the same key, those that have it several times in order."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for index, key in olds:
        waiting[key].append(index)
    return [(waiting[key].pop(0), index) for index, key in news if waiting.get(key)]


def rest(items: Items, taken: Iterable[int]) -> list[int]:
    """Indices of what is in no pair yet."""
    known = set(taken)
    return [index for index in range(len(items)) if index not in known]


def equal(trees: Trees, old: Items, new: Items) -> Pairs:
    """Pairs what is the same on both sides."""
    return pair_by(
        ((index, trees.plain(item)) for index, item in enumerate(old)),
        ((index, trees.plain(item)) for index, item in enumerate(new)),
    )


def by_name(trees: Trees, old: Items, new: Items) -> Pairs:
    """Pairs items that are called the same, or are the same without a name."""
    return pair_by(
        ((index, trees.name(item)) for index, item in enumerate(old)),
        ((index, trees.name(item)) for index, item in enumerate(new)),
    )


def in_order(trees: Trees, old: Items, new: Items) -> Pairs:
    """Pairs equal items that stand in the same order, and those between them one by one."""
    matcher = SequenceMatcher(
        None, [trees.plain(item) for item in old], [trees.plain(item) for item in new], False
    )
    pairs: Pairs = []
    for _, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        pairs += zip(range(from_old, to_old), range(from_new, to_new), strict=False)
    return pairs


def by_likeness(trees: Trees, old: Items, new: Items) -> Pairs:
    """Pairs equal conditions, then those that read the same columns or look much alike."""
    pairs = equal(trees, old, new)
    olds = rest(old, (one for one, _ in pairs))
    for two in rest(new, (two for _, two in pairs)):
        best = max(olds, key=lambda one: _alike(trees, old[one], new[two]), default=None)
        if best is not None and _alike(trees, old[best], new[two]) >= ALIKE:
            pairs.append((best, two))
            olds.remove(best)
    return pairs


def _alike(trees: Trees, one: exp.Expr, two: exp.Expr) -> float:
    columns = [{trees.plain(column) for column in side.find_all(exp.Column)} for side in (one, two)]
    if columns[0] and columns[0] == columns[1]:
        return 1.0
    texts = [trees.plain(side).sql() for side in (one, two)]
    return float(SequenceMatcher(None, texts[0], texts[1], False).ratio())
