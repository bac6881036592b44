"""What the columns and the rows of a relation are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

Ref = tuple[str, str]
"""A model's name and one of its columns in lower case, or ``ROWS`` or ``ANY``."""
ROWS = ""
"""Which rows a model has, whatever is in them."""
ANY = "*"
"""Columns of a model that can't be named, as behind a star that can't be expanded."""


@dataclass(frozen=True)
class Part:
    """Something that is computed: what it reads, and a number for how."""

    refs: frozenset[Ref] = frozenset()
    form: int = 0
    """Equal where the same is computed from the same; names, layout and comments count not."""

    @classmethod
    def of(cls, label: object, parts: Iterable[Part] = ()) -> Part:
        """What is computed from parts in this order, in a way that the label tells."""
        given = tuple(parts)
        refs = frozenset().union(*(part.refs for part in given))
        return cls(refs, hash((label, *(part.form for part in given))))


@dataclass(frozen=True)
class Relation:
    """A table or a query: each column and the rows."""

    columns: tuple[tuple[str, Part], ...]
    """In their order; names are lower case."""
    rows: Part
    """What decides which rows there are, and how often."""
    rest: Part | None = None
    """What a column that is not listed is computed from; None where all are listed."""
    table: str = ""
    """The model that it is, where it is one."""

    @classmethod
    def of_table(cls, name: str, columns: Sequence[str] | None) -> Relation:
        """A model.

        Args:
            name: Its name.
            columns: Its columns; None where they are not known.
        """
        listed = tuple((each, _of_ref((name, each))) for each in columns or ())
        rest = _of_ref((name, ANY)) if columns is None else None
        return cls(listed, _of_ref((name, ROWS)), rest, name)

    @classmethod
    def opaque(cls, part: Part) -> Relation:
        """A relation all of which is computed from the same, in a way that is not known."""
        return cls((), part, part)

    @cached_property
    def _by_name(self) -> dict[str, Part]:
        found: dict[str, Part] = {}
        for name, part in self.columns:
            found[name] = Part.of("twice", (found[name], part)) if name in found else part
        return found

    @property
    def everything(self) -> Part:
        """All that it is computed from."""
        rest = () if self.rest is None else (self.rest,)
        return Part.of("all", (*self.values, *rest, self.rows))

    @property
    def values(self) -> list[Part]:
        """Its listed columns, in order."""
        return [part for _, part in self.columns]

    def find(self, name: str) -> Part | None:
        """A column, or None where there is none of this name."""
        if self.table and self.rest is not None:
            return _of_ref((self.table, name))
        listed = self._by_name.get(name)
        if self.rest is None or listed is None:
            return listed or self.rest
        return Part.of("maybe", (listed, self.rest))

    def column(self, name: str) -> Part:
        """A column that must be there: one that is not listed may be anything."""
        found = self.find(name)
        if found is not None:
            return found
        hidden = (_of_ref((self.table, name)),) if self.table else ()
        return Part.of("hidden", (self.everything, *hidden))

    def renamed(self, names: Sequence[str]) -> Relation:
        """With other names for the first columns, as in ``t AS u(x, y)``."""
        if not names:
            return self
        if self.rest is not None or len(names) > len(self.columns):
            return Relation.opaque(self.everything)
        new = tuple((name, part) for name, (_, part) in zip(names, self.columns, strict=False))
        return Relation(new + self.columns[len(names) :], self.rows)

    def collapsed(self) -> Relation:
        """As one whose every column and rows come from all that it reads."""
        all_of_it = self.everything
        columns = tuple((name, Part.of(name, (all_of_it,))) for name, _ in self.columns)
        return Relation(columns, all_of_it, None if self.rest is None else all_of_it)


def _of_ref(ref: Ref) -> Part:
    return Part(frozenset((ref,)), hash(ref))
