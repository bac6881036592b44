"""Completes what is typed into the filter: facets, then what there is of each."""

from __future__ import annotations

from collections.abc import Callable

from textual.suggester import Suggester


class FacetSuggester(Suggester):
    """Asks a pure function, anew each time: what is known changes with the plan."""

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return self._complete(value)
