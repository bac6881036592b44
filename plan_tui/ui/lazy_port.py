"""The real port, imported when it is first asked something: after the first paint."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from plan_tui.client.port import EnginePort
    from plan_tui.contract.locations import ProjectKey


class _LazyPort:
    """Stands for a ``SocketPort`` until it is needed."""

    def __init__(self, key: ProjectKey) -> None:
        self._key = key

    @cached_property
    def _port(self) -> EnginePort:
        from plan_tui.client.api import SocketPort

        return SocketPort(self._key)

    def __getattr__(self, name: str) -> object:
        return getattr(self._port, name)


def lazy_port(key: ProjectKey) -> EnginePort:
    """A port to the engine of a project."""
    return cast("EnginePort", _LazyPort(key))
