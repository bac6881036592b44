"""The difference of two queries, clause by clause; no difference is left out.

sqlglot's own ``diff`` pairs nodes by how alike they look, in time that grows with the square of
their number, and tells of literals and identifiers. What a reviewer asks for are columns, filters
and joins, which have names: so clauses are paired by what they are, columns, joins and CTEs by
their names, and each pair that differs is one edit or, where it is a query, its own edits.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.engine.impact.column_diff import diff_columns
from plan_tui.engine.impact.edits import (
    RECURSIVE,
    Edit,
    Replaced,
    Shape,
    Slot,
)
from plan_tui.engine.impact.list_diff import ListKinds, diff_list
from plan_tui.engine.impact.pairing import by_likeness, by_name, in_order
from plan_tui.engine.impact.trees import CHAIN_ARGS, Trees, branches, modifiers

CLAUSE_ORDER = (
    "expressions", "distinct", "from_", "joins", "where", "group", "having", "qualify",
    "order", "limit", "offset",
)  # fmt: skip
"""The order in which a reviewer reads; others follow, CTEs last."""

WHOLE = {
    "distinct": Kind.DISTINCT_CHANGED,
    "group": Kind.GROUPING_CHANGED,
    "order": Kind.ORDERING_CHANGED,
    "limit": Kind.LIMIT_CHANGED,
    "offset": Kind.LIMIT_CHANGED,
}
FILTERS = {
    "where": ListKinds(Kind.FILTER_ADDED, Kind.FILTER_REMOVED, Kind.FILTER_CHANGED),
    "having": ListKinds(*[Kind.HAVING_CHANGED] * 3),
    "qualify": ListKinds(*[Kind.QUALIFY_CHANGED] * 3),
}
JOINS = ListKinds(Kind.JOIN_ADDED, Kind.JOIN_REMOVED, Kind.JOIN_CHANGED, Kind.JOINS_REORDERED)
CTES = ListKinds(Kind.CTE_ADDED, Kind.CTE_REMOVED, Kind.CTE_CHANGED, Kind.CTES_REORDERED)
BRANCHES = ListKinds(Kind.BRANCH_ADDED, Kind.BRANCH_REMOVED, Kind.QUERY_CHANGED)


def diff_queries(trees: Trees) -> list[Edit]:
    """What was done to a query, outermost first; nothing where both mean the same.

    Args:
        trees: Two nodes that hold a query in ``this``.
    """
    return _Queries(trees).diff(Slot(trees.old, "this"), trees.old.this, trees.new.this, None)


class _Queries:
    """Goes down two trees together."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees

    def diff(self, slot: Slot, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        """The edits that make one query the other.

        Args:
            slot: What holds the old one, should it be another altogether.
            old: As it was.
            new: As it is.
            place: What the query is a part of; None for the outermost.
        """
        if self._trees.same(old, new):
            return []
        if isinstance(old, exp.Select) and isinstance(new, exp.Select):
            return self._args(old, new, place, ())
        if isinstance(old, exp.SetOperation) and type(old) is type(new):
            return self._chains(old, new, place)
        if self._trees.same_but(old, new, "this") and isinstance(old, exp.Subquery):
            return self.diff(Slot(old, "this"), old.this, new.this, place)
        return [self._other(slot, old, new, place)]

    def _other(self, slot: Slot, old: exp.Expr, new: exp.Expr, place: str | None) -> Edit:
        deed = Replaced(slot, old, new)
        grown = self._grown(old, new)
        if grown is not None:
            return Edit(Kind.BRANCH_ADDED, deed, after=grown, place=place)
        shrunk = self._grown(new, old)
        if shrunk is not None:
            return Edit(Kind.BRANCH_REMOVED, deed, before=shrunk, place=place)
        texts = self._trees.text(old), self._trees.text(new)
        return Edit(Kind.QUERY_CHANGED, deed, before=texts[0], after=texts[1], place=place)

    def _grown(self, small: exp.Expr, large: exp.Expr) -> str | None:
        """The rest of a chain whose first query is all there was, or None."""
        if not isinstance(large, exp.SetOperation) or isinstance(small, exp.SetOperation):
            return None
        first, *rest = branches(large)
        with_same = self._trees.same(small.args.get("with_"), large.args.get("with_"))
        if not with_same or set(modifiers(large)) - {"with_"}:
            return None
        if not self._trees.same_but(small, first, "with_"):
            return None
        return "\n".join(f"{_operator(large)}\n{self._trees.text(each)}" for each in rest)

    def _args(
        self, old: exp.Expr, new: exp.Expr, place: str | None, known: Sequence[str]
    ) -> list[Edit]:
        names = {*old.args, *new.args} - set(known)
        edits: list[Edit] = []
        for arg in sorted(names, key=_rank):
            if not self._trees.same(old.args.get(arg), new.args.get(arg)):
                edits += self._arg(arg, old, new, place)
        return edits

    def _arg(self, arg: str, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        match arg:
            case "expressions" if isinstance(old, exp.Select):
                return diff_columns(self._trees, old, new, place)
            case "where" | "having" | "qualify":
                return self._filters(arg, old, new, place)
            case "from_":
                return self._source(old, new, place)
            case "joins":
                slots = Slot(old, arg, Shape.LIST), Slot(new, arg, Shape.LIST)
                return diff_list(self._trees, slots, JOINS, by_name, place, self._inside)
            case "with_":
                return self._ctes(old, new, place)
        return [self._whole(arg, old, new, place)]

    def _whole(self, arg: str, old: exp.Expr, new: exp.Expr, place: str | None) -> Edit:
        before, after = old.args.get(arg), new.args.get(arg)
        return Edit(
            WHOLE.get(arg, Kind.CLAUSE_CHANGED),
            Replaced(Slot(old, arg), before, after),
            before=self._words(arg, before),
            after=self._words(arg, after),
            subject=None if arg in WHOLE else arg.rstrip("_").replace("_", " ").upper(),
            place=place,
        )

    def _words(self, arg: str, value: object) -> str | None:
        if isinstance(value, list):
            words = ", ".join(str(self._trees.text(each)) for each in value)
            return words.replace(" OVER (", " AS (") if arg == "windows" else words or None
        return arg.upper() if value is True else self._trees.text(value)

    def _filters(self, arg: str, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        slots = Slot(old, arg, Shape.CONJUNCTS), Slot(new, arg, Shape.CONJUNCTS)
        return diff_list(self._trees, slots, FILTERS[arg], by_likeness, place)

    def _source(self, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        before, after = old.args.get("from_"), new.args.get("from_")
        if before is not None and after is not None and self._trees.same_but(before, after, "this"):
            inside = self._inside(before.this, after.this, place, Slot(before, "this"))
            if inside is not None:
                return inside
        return [
            Edit(
                Kind.SOURCE_CHANGED,
                Replaced(Slot(old, "from_"), before, after),
                before=self._trees.text(before and before.this),
                after=self._trees.text(after and after.this),
                place=place,
            )
        ]

    def _inside(
        self, old: exp.Expr, new: exp.Expr, place: str | None, slot: Slot | None = None
    ) -> list[Edit] | None:
        """The edits in a subquery, where nothing but its query is another."""
        if not self._trees.same_but(old, new, "this"):
            return None
        if isinstance(old, exp.Join):
            return self._inside(old.this, new.this, place)
        if not isinstance(old, exp.Subquery | exp.CTE):
            return None
        name = old.alias or "subquery"
        return self.diff(Slot(old, "this"), old.this, new.this, _deeper(place, name))

    def _ctes(self, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        slots = Slot(old, "with_", Shape.CTES), Slot(new, "with_", Shape.CTES)
        edits = diff_list(self._trees, slots, CTES, by_name, place, self._inside)
        before, after = old.args.get("with_"), new.args.get("with_")
        if after is None:
            return edits
        was = before.args.get("recursive") if before is not None else None
        now = after.args.get("recursive")
        if bool(was) != bool(now):
            edits.append(
                Edit(
                    Kind.CLAUSE_CHANGED,
                    Replaced(Slot(old, RECURSIVE), was, now),
                    before="WITH RECURSIVE" if was else "WITH",
                    after="WITH RECURSIVE" if now else "WITH",
                    subject="WITH",
                    place=place,
                )
            )
        return edits

    def _chains(self, old: exp.Expr, new: exp.Expr, place: str | None) -> list[Edit]:
        known = ("this", "expression", *CHAIN_ARGS)
        edits = self._args(old, new, place, known)
        slots = Slot(old, "this", Shape.BRANCHES), Slot(new, "this", Shape.BRANCHES)
        if not all(self._trees.same(old.args.get(arg), new.args.get(arg)) for arg in CHAIN_ARGS):
            deed = Replaced(slots[0], old, new)
            operators = _operator(old), _operator(new)
            edits.append(Edit(Kind.UNION_CHANGED, deed, None, *operators, place=place))
        numbers = {id(each): number for number, each in enumerate(branches(old), 1)}

        def inside(one: exp.Expr, two: exp.Expr, place: str | None) -> list[Edit] | None:
            if not isinstance(one, exp.Query) or type(one) is not type(two):
                return None
            name = f"branch {numbers[id(one)]}"
            return self.diff(slots[0], one, two, _deeper(place, name))

        return edits + diff_list(self._trees, slots, BRANCHES, in_order, place, inside)


def _rank(arg: str) -> tuple[int, str]:
    if arg in CLAUSE_ORDER:
        return CLAUSE_ORDER.index(arg), arg
    return len(CLAUSE_ORDER) + (arg == "with_"), arg


def _deeper(place: str | None, name: str) -> str:
    return f"{place} > {name}" if place else name


def _operator(query: exp.Expr) -> str:
    """``UNION ALL`` and the like."""
    words = [str(query.args.get(arg) or "") for arg in ("side", "kind")]
    words.append(type(query).key.upper())
    words.append("" if query.args.get("distinct") else "ALL")
    words.append("BY NAME" if query.args.get("by_name") else "")
    return " ".join(word for word in words if word)
