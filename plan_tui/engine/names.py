"""Model names as people write them, found in the loaded project."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from plan_tui.contract.errors import Problem, ProblemCode

_PATTERN = re.compile(r"[*?\[\]+:&|^()~]|^tag:|^git:")
_QUOTES = re.compile(r'["`\[\]]')
Value = TypeVar("Value")
NEAREST = 3
"""Names that are proposed in place of one that does not exist."""


class BadNameError(LookupError):
    """What was written in place of a model can't be used; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class UnknownModelError(BadNameError):
    """A name that no model has."""


class UnreadableSelectorError(BadNameError):
    """An expression that does not parse, or asks git what it can't answer."""


def is_pattern(text: str) -> bool:
    """Whether a selector is more than a name."""
    return _PATTERN.search(text) is not None


def nearest_words(written: str, words: Sequence[str]) -> tuple[str, ...]:
    """The few words that come closest; far ones only where nothing is close."""
    close = difflib.get_close_matches(written, words, n=NEAREST, cutoff=0.5)
    return tuple(close or difflib.get_close_matches(written, words, n=NEAREST, cutoff=0.0))


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

    def nearest(self, written: str) -> tuple[str, ...]:
        """The names that come closest; none only where there are no models at all."""
        short = [name for name in self._by_plain if not name.startswith(self._catalog or "\0")]
        return nearest_words(plain(written), short)

    def _unknown(self, written: str) -> Problem:
        nearest = self.nearest(written)
        return Problem(
            code=ProblemCode.UNKNOWN_MODEL,
            title=f"There is no model called {written}.",
            message=f"Did you mean {' or '.join(nearest)}?"
            if nearest
            else "The project has no models.",
            hint="Write schema.model, as it stands in the project, or SQLMesh's snapshot name.",
            model=written,
            nearest=nearest,
        )
