"""Model names as people write them, found in the loaded project."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from plan_tui.contract.errors import Problem, ProblemCode

_PATTERN = re.compile(r"[*?\[\]+:&|^()~]|^tag:|^git:")
_QUOTES = re.compile(r'["`\[\]]')
Value = TypeVar("Value")


class UnknownModelError(LookupError):
    """A name that no model has."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def plain(name: str) -> str:
    """A name without quotes and in lower case, for comparing."""
    return _QUOTES.sub("", name).lower().strip()


class NameFinder:
    """Finds snapshot names from ``schema.model``, display names or snapshot names."""

    def __init__(
        self, names: Iterable[str], default_catalog: str | None, environment: str | None = None
    ) -> None:
        listed = tuple(names)
        self._names = frozenset(listed)
        self._by_plain: dict[str, str] = {}
        self._suffix = f"__{environment.lower()}" if environment else None
        self._catalog = f"{plain(default_catalog)}." if default_catalog else ""
        for name in listed:
            simple = plain(name)
            self._by_plain[simple] = name
            if self._catalog and simple.startswith(self._catalog):
                self._by_plain.setdefault(simple[len(self._catalog) :], name)

    def find(self, written: str) -> str:
        """The snapshot name that is meant.

        Raises:
            UnknownModelError: No model is called so; its problem names the nearest.
        """
        if written in self._names:
            return written
        simple = plain(written)
        found = self._by_plain.get(simple) or self._by_plain.get(self._unsuffixed(simple))
        if found is None:
            raise UnknownModelError(self._unknown(written))
        return found

    def _unsuffixed(self, name: str) -> str:
        """A name as the environment shows it (``schema__dev.model``), without the environment."""
        if self._suffix is None:
            return name
        return ".".join(part.removesuffix(self._suffix) for part in name.split("."))

    def find_all(self, written: Mapping[str, Value]) -> dict[str, Value]:
        """The same mapping by snapshot names.

        Raises:
            UnknownModelError: See ``find``.
        """
        return {self.find(name): value for name, value in written.items()}

    def selectors(self, written: Iterable[str] | None) -> tuple[str, ...] | None:
        """Selectors as SQLMesh takes them; patterns and tags are its own to judge.

        A name as the environment shows it is none for SQLMesh: the model's stands in its place.

        Raises:
            UnknownModelError: See ``find``.
        """
        if written is None:
            return None
        return tuple(each if _PATTERN.search(each) else self._selected(each) for each in written)

    def _selected(self, name: str) -> str:
        found = self.find(name)
        return name if plain(name) in self._by_plain else found

    def _unknown(self, written: str) -> Problem:
        short = [name for name in self._by_plain if not name.startswith(self._catalog or "\0")]
        nearest = tuple(difflib.get_close_matches(plain(written), short, n=3, cutoff=0.5))
        meant = f"Did you mean {' or '.join(nearest)}?" if nearest else ""
        return Problem(
            code=ProblemCode.UNKNOWN_MODEL,
            title=f"There is no model called {written}.",
            message=meant or "Nothing in the project has a name like it.",
            hint="Write schema.model, as it stands in the project, or SQLMesh's snapshot name.",
            model=written,
            nearest=nearest,
        )
