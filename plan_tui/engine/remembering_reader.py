"""A state reader that asks for each environment once; a plan looks at the same one many times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlmesh.core.environment import Environment
    from sqlmesh.core.state_sync import StateReader


class RememberingReader:
    """Everything but ``get_environment`` goes to the reader behind it."""

    def __init__(self, reader: StateReader) -> None:
        self._reader = reader
        self._environments: dict[str, Environment | None] = {}

    def get_environment(self, environment: str) -> Environment | None:
        """The environment as it was at the first question."""
        if environment not in self._environments:
            self._environments[environment] = self._reader.get_environment(environment)
        return self._environments[environment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)
