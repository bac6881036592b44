"""Where a name inside a query leads to: sources, aliases, the query around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from plan_tui.engine.impact.relations import Part, Relation


class CantTell(Exception):
    """A query has something that is not understood: all that it reads counts as read."""


@dataclass
class Scope:
    """The names that one SELECT sees."""

    outer: Scope | None = None
    ctes: dict[str, Relation] = field(default_factory=dict)
    sources: dict[str, Relation] = field(default_factory=dict)
    aliases: dict[str, Part] = field(default_factory=dict)
    """Its own projections: some warehouses let other clauses name them."""
    bound: frozenset[str] = frozenset()
    """Parameters of the lambdas around an expression."""

    def chain(self) -> Iterator[tuple[int, Scope]]:
        """This scope and those around it, with their distance."""
        scope: Scope | None = self
        distance = 0
        while scope is not None:
            yield distance, scope
            scope, distance = scope.outer, distance + 1

    def add(self, name: str, relation: Relation) -> None:
        """Adds a source; one without a name of its own is found by columns alone."""
        key = name or f"#{len(self.sources)}"
        if key in self.sources:
            raise CantTell(f"two sources are called {key}")
        self.sources[key] = relation

    def cte(self, name: str) -> Relation | None:
        """A common table expression that is seen from here."""
        return next((s.ctes[name] for _, s in self.chain() if name in s.ctes), None)

    def everything(self) -> Part:
        """All that could be named from here."""
        every = (relation for _, s in self.chain() for relation in s.sources.values())
        return Part.of("anything", (relation.everything for relation in every))

    def resolve(self, node: exp.Column) -> Part:
        """What a column reads; where that is not certain, all that it may read."""
        path = [part.name.lower() for part in node.parts]
        if isinstance(node.this, exp.Star):
            return self.star(path[-2] if len(path) > 1 else "")
        if len(path) == 1:
            return self._unqualified(path[0])
        found = self._qualified(path[-2], path[-1])
        if found is not None:
            return found
        # A field of a struct: ``column.field`` or ``source.column.field``.
        of_source = self._qualified(path[0], path[1])
        return of_source if of_source is not None else self._unqualified(path[0])

    def star(self, table: str) -> Part:
        """All columns of one source, or of all of them, as one value."""
        for _, scope in self.chain():
            if not table or table in scope.sources:
                chosen = [scope.sources[table]] if table else list(scope.sources.values())
                return Part.of("star", (relation.everything for relation in chosen))
        return self.everything()

    def _qualified(self, table: str, name: str) -> Part | None:
        for distance, scope in self.chain():
            if table in scope.sources:
                number = list(scope.sources).index(table)
                # Two sources may be the same model: which of them is meant makes a difference.
                return Part.of(("column", distance, number), (scope.sources[table].column(name),))
        return None

    def _unqualified(self, name: str) -> Part:
        if name in self.bound:
            return Part.of(("bound", name))
        found: list[Part] = []
        for distance, scope in self.chain():
            if name in scope.aliases:
                found.append(scope.aliases[name])
            certain = bool(found)
            for number, relation in enumerate(scope.sources.values()):
                part = relation.find(name)
                if part is not None:
                    found.append(Part.of(("column", distance, number), (part,)))
                    certain = certain or relation.rest is None
            if certain:
                break
        if not found:
            # The name of a source as a value is its whole row.
            return Part.of(name, (self.star(name),))
        return found[0] if len(found) == 1 else Part.of("any of", found)
