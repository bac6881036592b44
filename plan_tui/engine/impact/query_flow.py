"""Reads a query's tree: what each column and the rows of its result are computed from.

It must never miss: of what a query reads, everything that may change its result is told, by the
column that it may change, or as the rows. What it does not know makes it say so (``CantTell``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlglot import exp

from plan_tui.engine.impact.query_clauses import (
    aggregates,
    alias_columns,
    aligned,
    names_positions,
    pivoted,
    spine,
)
from plan_tui.engine.impact.query_scope import CantTell, Scope
from plan_tui.engine.impact.relations import Part, Relation

NameOf = Callable[[exp.Table], str]
ColumnsOf = Callable[[str], Sequence[str] | None]
_ROW_MAKERS = (exp.UDTF, exp.Anonymous, exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.Inline)
"""What may make more rows, or fewer, where it stands among the columns."""
_OF_A_SELECT = {
    "with_", "expressions", "from_", "joins", "laterals", "distinct", "order", "limit", "offset",
    "hint",
}  # fmt: skip
_OF_AN_OPERATION = {
    "with_", "this", "expression", "distinct", "by_name", "order", "limit", "offset", "kind",
}  # fmt: skip
_OF_A_SUBQUERY = {"with_", "this", "alias", "order", "limit", "offset", "joins", "pivots"}


class QueryReader:
    """Reads the tree of one query; ``tables`` gathers the models that it names."""

    def __init__(self, name_of: NameOf, columns_of: ColumnsOf) -> None:
        self._name_of = name_of
        self._columns_of = columns_of
        self.tables: set[str] = set()

    def read(self, query: exp.Expr) -> Relation:
        """The relation of a whole query.

        Raises:
            CantTell: It has something that is not understood.
        """
        return self._query(query, None, root=True)

    # Queries

    def _query(self, node: exp.Expr, outer: Scope | None, root: bool = False) -> Relation:
        scope = Scope(outer)
        self._ctes(node, scope)
        match node:
            case exp.Select():
                return self._select(node, scope, root)
            case exp.SetOperation():
                return self._operation(node, scope, root)
            case exp.Subquery():
                return self._subquery(node, scope, root)
            case exp.Values():
                return Relation.opaque(self._inside(node, scope))
            case _:
                raise CantTell(f"a query of type {type(node).__name__}")

    def _ctes(self, node: exp.Expr, scope: Scope) -> None:
        clause = node.args.get("with_")
        if clause is None:
            return
        for cte in clause.expressions:
            name, names = cte.alias.lower(), alias_columns(cte)
            if clause.args.get("recursive"):
                # Whatever it reads may decide over any of its rows and columns.
                scope.ctes[name] = Relation.opaque(Part.of("itself"))
                everything = self._query(cte.this, scope).everything
                scope.ctes[name] = Relation.opaque(everything)
            else:
                scope.ctes[name] = self._query(cte.this, scope).renamed(names)

    def _select(self, node: exp.Select, scope: Scope, root: bool) -> Relation:
        if node.args.get("pivots"):
            raise CantTell("a pivot of a query")
        rows = [*self._sources(node, scope)]
        columns: list[tuple[str, Part]] = []
        rest: Part | None = None
        for projection in node.expressions:
            for name, part in self._projected(projection, scope, rows):
                if name is None:
                    rest = part if rest is None else Part.of("rest", (rest, part))
                else:
                    columns.append((name, part))
                    scope.aliases[name] = part
        rows.append(Part.of(("aggregates", aggregates(node))))
        rows += self._others(node, _OF_A_SELECT, scope)
        every = [part for _, part in columns] + ([] if rest is None else [rest])
        distinct = node.args.get("distinct")
        if distinct is not None:
            on = distinct.args.get("on")
            rows += [self._inside(on, scope)] if on is not None else []
            rows.append(Part.of("distinct", every))
        if names_positions(node.args.get("group")):
            rows.append(Part.of("positions", every))
        rows += self._ordered(node, scope, every, root and distinct is None)
        return Relation(tuple(columns), Part.of("select", rows), rest)

    def _operation(self, node: exp.SetOperation, scope: Scope, root: bool) -> Relation:
        left, right = self._query(node.this, scope), self._query(node.expression, scope)
        kind = (type(node).__name__, bool(node.args.get("distinct")))
        columns = aligned(node, left, right)
        if columns is None:
            both = Part.of(kind, (left.everything, right.everything))
            return Relation.opaque(both)
        rows = [Part.of(kind, (left.rows, right.rows))]
        every = [part for _, part in columns]
        if not isinstance(node, exp.Union) or node.args.get("distinct") is not False:
            rows.append(Part.of("distinct", every))
        scope.aliases.update(columns)
        rows += self._others(node, _OF_AN_OPERATION, scope)
        rows += self._ordered(node, scope, every, root)
        return Relation(tuple(columns), Part.of("operation", rows))

    def _subquery(self, node: exp.Subquery, scope: Scope, root: bool) -> Relation:
        if not isinstance(node.this, exp.Query) or node.args.get("joins"):
            raise CantTell("joins in parentheses")
        found = self._query(node.this, scope, root)
        scope.aliases.update(found.columns)
        rows = [found.rows, *self._others(node, _OF_A_SUBQUERY, scope)]
        rows += self._ordered(node, scope, [found.everything], root)
        if len(rows) > 1:
            found = Relation(found.columns, Part.of("subquery", rows), found.rest)
        return pivoted(found, node).renamed(alias_columns(node))

    def _ordered(
        self, node: exp.Expr, scope: Scope, every: list[Part], root: bool
    ) -> Iterator[Part]:
        """Order and limit: what comes first decides what is kept; the order alone keeps all."""
        limits = [node.args[key] for key in ("limit", "offset") if node.args.get(key) is not None]
        yield from (self._inside(limit, scope) for limit in limits)
        order = node.args.get("order")
        if order is None or (root and not limits):
            return
        yield self._inside(order, scope)
        if names_positions(order):
            yield Part.of("positions", every)

    def _others(self, node: exp.Expr, known: set[str], scope: Scope) -> Iterator[Part]:
        """The clauses that are not read in another place: each may decide over rows."""
        for key, value in node.args.items():
            if key not in known and value:
                yield Part.of(key, (self._inside(value, scope),))

    # Sources

    def _sources(self, node: exp.Expr, scope: Scope) -> Iterator[Part]:
        first = node.args.get("from_")
        if first is not None:
            yield from self._source(first.this, scope)
        yield from self._joins(node, scope)

    def _joins(self, node: exp.Expr, scope: Scope) -> Iterator[Part]:
        for lateral in node.args.get("laterals") or ():
            yield from self._source(lateral, scope)
        for join in node.args.get("joins") or ():
            yield from self._source(join.this, scope)
            how = tuple(str(join.args.get(k) or "") for k in ("method", "side", "kind", "global_"))
            using = [
                scope.resolve(exp.column(identifier.name))
                for identifier in join.args.get("using") or ()
            ]
            yield Part.of(("join", *how), using)
            if join.method.upper() == "NATURAL":
                yield scope.star("")
            for key in set(join.args) - {"this", "method", "side", "kind", "global_", "using"}:
                if join.args[key]:
                    yield Part.of(key, (self._inside(join.args[key], scope),))

    def _source(self, node: exp.Expr, scope: Scope) -> Iterator[Part]:
        """Adds a source to the scope; what it does to the rows."""
        in_parentheses = isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query)
        if in_parentheses or isinstance(node, exp.Paren):
            if node.alias or node.args.get("pivots"):
                raise CantTell("joins in parentheses under a name")
            yield Part.of("(")
            yield from self._source(node.this, scope)
            yield from self._joins(node, scope)
            yield Part.of(")")
            return
        relation = self._relation(node, scope)
        scope.add(node.alias_or_name.lower(), relation)
        yield relation.rows
        yield from self._joins(node, scope) if isinstance(node, exp.Table) else ()

    def _relation(self, node: exp.Expr, scope: Scope) -> Relation:
        match node:
            case exp.Table():
                return self._table(node, scope)
            case exp.Lateral(this=exp.Subquery() as inner):
                return self._query(inner, scope).renamed(alias_columns(node))
            case exp.Query():
                return self._query(node, scope)
            case exp.Values() | exp.UDTF():
                return Relation.opaque(self._inside(node, scope))
            case _:
                raise CantTell(f"a source of type {type(node).__name__}")

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        if not isinstance(node.this, exp.Identifier):
            found = Relation.opaque(self._inside(node.this, scope))
        else:
            cte = None if node.db else scope.cte(node.name.lower())
            found = self._model(node) if cte is None else cte
        return pivoted(found, node).renamed(alias_columns(node))

    def _model(self, node: exp.Table) -> Relation:
        name = self._name_of(node)
        self.tables.add(name)
        return Relation.of_table(name, self._columns_of(name))

    # Expressions

    def _projected(
        self, node: exp.Expr, scope: Scope, rows: list[Part]
    ) -> Iterator[tuple[str | None, Part]]:
        """The columns that a projection gives; no name stands for those that can't be told."""
        star = node.this if isinstance(node, exp.Column) else node
        if isinstance(star, exp.Star):
            table = node.table.lower() if isinstance(node, exp.Column) else ""
            yield from self._starred(star, table, scope)
            return
        if node.find(exp.Columns) is not None:
            raise CantTell("columns by a pattern")
        if isinstance(node, exp.Dot) and node.find(exp.Star) is not None:
            yield None, self._inside(node, scope)
            return
        value = node.this if isinstance(node, exp.Alias | exp.Aliases) else node
        part = self._inside(value, scope)
        if node.find(*_ROW_MAKERS) is not None:
            rows.append(Part.of("makes rows", (part,)))
        names = node.aliases if isinstance(node, exp.Aliases) else [node.output_name]
        yield from ((str(name).lower(), part) for name in names)

    def _starred(
        self, star: exp.Star, table: str, scope: Scope
    ) -> Iterator[tuple[str | None, Part]]:
        if star.args.get("replace") or star.args.get("rename"):
            raise CantTell("a star that replaces")
        if table and table not in scope.sources:
            raise CantTell("a star of something unknown")
        left_out = {each.name.lower() for each in star.args.get("except_") or ()}
        for number, (name, relation) in enumerate(scope.sources.items()):
            if table and name != table:
                continue
            for column, part in relation.columns:
                if column not in left_out:
                    yield column, Part.of(("column", 0, number), (part,))
            if relation.rest is not None:
                yield None, relation.rest

    def _inside(self, node: Any, scope: Scope) -> Part:
        """What an expression, a list of them, or a plain value reads."""
        match node:
            case exp.Column():
                return scope.resolve(node)
            case exp.Exists() if isinstance(node.this, exp.Query):
                return Part.of("exists", (self._query(node.this, scope).rows,))
            case exp.Query():
                return Part.of("query", (self._query(node, scope).everything,))
            case exp.Table():
                return self._table(node, scope).everything
            case exp.Count(this=exp.Star()):
                return Part.of("count")
            case exp.Star():
                return scope.star("")
            case exp.Lambda():
                names = frozenset(each.name.lower() for each in node.expressions)
                inner = Scope(scope, bound=names)
                return Part.of("lambda", (self._inside(node.this, inner),))
            case exp.Expr():
                return self._expression(node, scope)
            case list() | tuple():
                return Part.of("list", (self._inside(each, scope) for each in node))
            case _:
                return Part.of(str(node))

    def _expression(self, node: exp.Expr, scope: Scope) -> Part:
        if type(node).__name__.startswith("Macro"):
            raise CantTell("a macro that is not rendered")
        operands = spine(node)
        if operands is not None:
            return Part.of(type(node).__name__, (self._inside(each, scope) for each in operands))
        args = [(key, value) for key, value in node.args.items() if value not in (None, False, [])]
        label = (type(node).__name__, *(key for key, _ in args))
        return Part.of(label, (self._inside(value, scope) for _, value in args))
