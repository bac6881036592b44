"""The models as the state has them, for those whose files can't be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlmesh.core.environment import Environment
from sqlmesh.core.model import Model

Key = tuple[str, str]
"""A snapshot's name and identifier."""


class KnownModels:
    """The models of the environment that a plan is compared with, then those of prod."""

    def __init__(self, reader: Any, environments: Iterable[str], kept: dict[Key, Model]) -> None:
        """Reads which versions the environments have.

        Args:
            reader: The state.
            environments: Names, the target's first; those that do not exist are passed over.
            kept: Models that were read before: the same object stays, with what was resolved.
        """
        self._reader = reader
        self._kept = kept
        self._versions: dict[str, Any] = {}
        self._source: dict[str, str] = {}
        self.compared: frozenset[str] = frozenset()
        """Names in the environment that the plan is compared with."""
        for name in dict.fromkeys(environments):
            environment = reader.get_environment(Environment.sanitize_name(name))
            if environment is not None and not environment.expired:
                self._take(environment)

    def _take(self, environment: Environment) -> None:
        models = {each.name: each for each in environment.snapshots if each.is_model}
        if not self._versions:
            self.compared = frozenset(models)
        for name, version in models.items():
            if name not in self._versions:
                self._versions[name], self._source[name] = version, environment.name

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __contains__(self, name: str) -> bool:
        return name in self._versions

    def source(self, name: str) -> str:
        """The environment that a model is taken from."""
        return self._source[name]

    def model(self, name: str, is_settled: Callable[[Model], bool]) -> Model | None:
        """The model as the state has it; None where the state has lost it.

        Args:
            name: Its snapshot name.
            is_settled: Whether a model is the same that was resolved in the last load.
        """
        version = self._versions[name]
        key = (version.name, version.identifier)
        model = self._kept.get(key)
        if model is None:
            snapshot = self._reader.get_snapshots([version]).get(version.snapshot_id)
            if snapshot is None:
                return None
            model = snapshot.node
        if not is_settled(model):
            model = unresolved(model)
        self._kept[key] = model
        return model


def unresolved(model: Model) -> Model:
    """A copy that knows nothing of the columns upstream yet."""
    return model.copy(update={"mapping_schema": {}})
