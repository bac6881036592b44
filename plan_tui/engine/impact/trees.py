"""What two parsed queries have in common: compared as the warehouse reads them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

CHAIN_ARGS = ("distinct", "by_name", "side", "kind", "on")
"""What two set operations have in common when they make one chain."""
LONG = 72
"""Characters from which on an expression is laid out over lines."""


def conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The conditions that all have to hold; what stands in parentheses is one."""
    found: list[exp.Expr] = []
    while isinstance(condition, exp.And):
        found.append(condition.expression)
        condition = condition.this
    return [condition, *reversed(found)]


def branches(query: exp.Expr) -> list[exp.Expr]:
    """The queries of a chain of the same set operation."""
    found: list[exp.Expr] = [query.expression]
    operation = _operation(query)
    query = query.this
    while isinstance(query, exp.SetOperation) and _operation(query) == operation:
        if modifiers(query):
            break
        found.append(query.expression)
        query = query.this
    return [query, *reversed(found)]


def _operation(query: exp.Expr) -> tuple[object, ...]:
    return (type(query), *(query.args.get(arg) or None for arg in CHAIN_ARGS))


def modifiers(query: exp.Expr) -> dict[str, object]:
    """What a set operation has beside its branches: a WITH, an ORDER BY..."""
    known = {"this", "expression", *CHAIN_ARGS}
    return {arg: value for arg, value in query.args.items() if arg not in known and value}


class Trees:
    """The trees of both sides, which are left alone, and how their nodes compare."""

    def __init__(
        self, old: exp.Expr, new: exp.Expr, dialect: str, old_dialect: str | None = None
    ) -> None:
        """Reads both.

        Args:
            old: The tree as it was.
            new: The tree as it is.
            dialect: Of the new one.
            old_dialect: Of the old one, where it is another.
        """
        self.old, self.new = old, new
        self._dialect = dialect
        self._old_dialect = dialect if old_dialect is None else old_dialect
        self._plain: dict[int, exp.Expr] = {}
        self._olds = {id(node) for node in old.walk()}
        self._read(old, self._old_dialect)
        self._read(new, dialect)

    def _read(self, tree: exp.Expr, dialect: str) -> None:
        copy = normalize_identifiers(tree.copy(), dialect=dialect)
        nodes = list(copy.walk())
        for node in nodes:
            if isinstance(node, exp.Identifier):
                node.set("quoted", True)
        for node in reversed(nodes):
            node._hash = hash(node)
        for node, plain in zip(tree.walk(), nodes, strict=True):
            self._plain[id(node)] = plain

    def plain(self, node: exp.Expr) -> exp.Expr:
        """A node with its identifiers as the warehouse reads them."""
        return self._plain[id(node)]

    def same(self, one: object, two: object) -> bool:
        """Whether two arguments mean the same; absent, false and empty ones do."""
        if isinstance(one, exp.Expr) and isinstance(two, exp.Expr):
            return bool(self.plain(one) == self.plain(two))
        if isinstance(one, list) and isinstance(two, list):
            return len(one) == len(two) and all(map(self.same, one, two))
        return (one or None) == (two or None)

    def same_but(self, one: exp.Expr, two: exp.Expr, *args: str) -> bool:
        """Whether two nodes are the same except for some arguments."""
        if type(one) is not type(two):
            return False
        names = [*one.args, *(arg for arg in two.args if arg not in one.args)]
        return all(
            self.same(one.args.get(arg), two.args.get(arg)) for arg in names if arg not in args
        )

    def text(self, value: object) -> str | None:
        """What an argument says, over lines where it is long; None where it is absent."""
        if not isinstance(value, exp.Expr):
            return str(value) if value else None
        dialect = self._old_dialect if id(value) in self._olds else self._dialect
        words = value.sql(dialect=dialect, comments=False)
        if len(words) > LONG:
            words = value.sql(dialect=dialect, comments=False, pretty=True)
        return words.strip()

    def name(self, item: exp.Expr) -> str:
        """What a join, CTE or column is called, or all of it where it has no name."""
        plain = self.plain(item)
        name = plain.alias_or_name if isinstance(item, exp.Join | exp.CTE) else plain.output_name
        return plain.sql() if name in ("", "*") else name


def comments(tree: exp.Expr) -> Iterator[str]:
    """All comments of a tree."""
    for node in tree.walk():
        yield from (comment.strip() for comment in node.comments or ())
