"""Keeps loaded models between loads, so that one edited file costs one model and those below it.

SQLMesh's loader reads every model back from its file cache and resolves the columns of each anew.
Here a model whose file, macros, audits, signals and configuration did not change (SQLMesh's own
cache key says so) stays the object it was, together with what was resolved for it, unless a model
upstream of it is a new object. Then it is read back from SQLMesh's cache like before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlmesh.core.model.schema as sqlmesh_schema
from sqlmesh.core.loader import SqlMeshLoader
from sqlmesh.core.model import Model, SqlModel

from plan_tui.engine.broken.known import unresolved

if TYPE_CHECKING:
    from plan_tui.engine.context import EngineContext

_resolve = sqlmesh_schema.load_optimized_query_and_mapping
_PlainCache = SqlMeshLoader._Cache


class WarmModels:
    """The models of one context's last load."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[str, list[Model]]] = {}
        self._settled: dict[int, Model] = {}
        self._names: frozenset[str] = frozenset()
        self._columns: dict[str, Any] = {}

    def get(self, path: Path, entry: str) -> list[Model] | None:
        """The models of a file, where SQLMesh's cache key is still the same."""
        kept = self._kept.get(path)
        return kept[1] if kept is not None and kept[0] == entry else None

    def keep(self, path: Path, entry: str, models: list[Model]) -> None:
        """Remembers the models of a file."""
        self._kept[path] = (entry, models)

    def forget(self, models: Iterable[Model]) -> None:
        """Has these read back from SQLMesh's cache the next time."""
        gone = {id(model) for model in models}
        self._kept = {
            path: (entry, kept)
            for path, (entry, kept) in self._kept.items()
            if not any(id(model) in gone for model in kept)
        }
        for key in gone:
            self._settled.pop(key, None)

    def is_settled(self, model: Model) -> bool:
        """Whether this very object has been resolved, and nothing upstream of it is new."""
        return self._settled.get(id(model)) is model

    def settle(self, models: dict[str, Model]) -> None:
        """Remembers that all of these are resolved."""
        self._settled = {id(model): model for model in models.values()}
        self._names = frozenset(models)
        self._columns = {
            name: model.columns_to_types
            for name, model in models.items()
            if not isinstance(model, SqlModel)
        }

    def unsettled_below(self, models: dict[str, Model], dag: Any) -> set[str]:
        """Names of kept models that a new, changed or missing model upstream makes outdated."""
        moved = self._names ^ frozenset(models)
        sources = {
            name
            for name, model in models.items()
            if (not self.is_settled(model) and not self._same_columns(name, model))
            or moved & model.depends_on
        }
        below = {name for source in sources for name in dag.downstream(source)} | sources
        return {name for name in below if name in models and self.is_settled(models[name])}

    def _same_columns(self, name: str, model: Model) -> bool:
        """Whether a model that is never cached still has the columns that it had."""
        if isinstance(model, SqlModel) or name not in self._columns:
            return False
        return bool(self._columns[name] == model.columns_to_types)


class _WarmCache(_PlainCache):
    """SQLMesh's cache of model files with the objects of the last load in front of it."""

    def get(self, path: Path) -> list[Model]:
        warm = _warm_of(self)
        if warm is None:
            return super().get(path)
        entry = self._model_cache_entry_id(path)
        kept = warm.get(path, entry)
        if kept is None:
            kept = super().get(path)
            if kept:
                warm.keep(path, entry, kept)
        return kept


def _warm_of(cache: Any) -> WarmModels | None:
    return getattr(cache._loader.context, "warm", None)


def refresh_outdated(context: EngineContext) -> None:
    """Puts fresh objects in place of kept models that are outdated; resolving does the rest."""
    warm = context.warm
    models: dict[str, Model] = context._models
    replaced = context.stand_ins.replaced
    outdated = warm.unsettled_below(models, context.dag)
    paths = {models[name]._path for name in outdated if models[name]._path}
    warm.forget(models[name] for name in outdated)
    for loader in context._loaders:
        if not isinstance(loader, SqlMeshLoader):
            continue
        cache = _WarmCache(loader, loader.config_path)
        for path in paths:
            if path in loader._path_mtimes:
                own = [model for model in cache.get(path) if model.fqn not in replaced]
                context._models.update({model.fqn: model for model in own if model.enabled})
    for name in outdated:
        model = context._models[name]
        if warm.is_settled(model):
            context._models.update({name: unresolved(model) if name in replaced else model.copy()})


def resolve_unless_settled(model: Model, mapping: dict[str, Any]) -> Any:
    """Resolves a model's columns as SQLMesh does, unless they are known from the last load."""
    warm = _active[-1] if _active else None
    if warm is None or not warm.is_settled(model):
        return _resolve(model, mapping)
    return (model.fqn, None, model.data_hash, model.metadata_hash, model.mapping_schema)


_active: list[WarmModels] = []


@contextmanager
def resolving(warm: WarmModels) -> Iterator[None]:
    """While it is entered, SQLMesh skips models that are settled."""
    _active.append(warm)
    try:
        yield
    finally:
        _active.pop()


def install() -> None:
    """Has SQLMesh's loader and resolver ask here first."""
    SqlMeshLoader._Cache = _WarmCache  # type: ignore[misc]
    sqlmesh_schema.load_optimized_query_and_mapping = resolve_unless_settled
