"""Hears which models fail while SQLMesh loads, so that the others are loaded all the same.

SQLMesh's loader raises at the first file that it can't read, and its resolver at the first model
that it can't render. Both call one function for each model: here it keeps what was raised, and
the rest goes on as SQLMesh has it. Nothing is done twice and nothing more where nothing fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlmesh.core.loader as sqlmesh_loader
import sqlmesh.core.model.schema as sqlmesh_schema
from sqlmesh.core import constants as c
from sqlmesh.core.loader import SqlMeshLoader
from sqlmesh.core.model import Model
from sqlmesh.utils.errors import ConfigError

from plan_tui.engine.warm_models import resolve_unless_settled

_load_sql = sqlmesh_loader.load_sql_models
_load_python = SqlMeshLoader._load_python_models


@dataclass(frozen=True)
class Failure:
    """What was raised for a file, or for one model of it."""

    path: Path | None
    error: Exception
    model: str | None = None
    """The snapshot name, where the file could be read."""


class _Ear:
    """Keeps failures of this process: those of a forked one would not be seen here."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._process = os.getpid()

    def keep(self, failure: Failure) -> bool:
        if self._process != os.getpid():
            return False
        self.failures.append(failure)
        return True


_ears: list[_Ear] = []


@contextmanager
def hearing() -> Iterator[list[Failure]]:
    """While it is entered, failures of single models are kept instead of raised."""
    ear = _Ear()
    _ears.append(ear)
    try:
        yield ear.failures
    finally:
        _ears.remove(ear)


def _keep(failure: Failure) -> bool:
    return bool(_ears) and _ears[-1].keep(failure)


def _load_sql_unless_broken(path: Path) -> list[Model]:
    try:
        return _load_sql(path)
    except Exception as error:
        if not _keep(Failure(path, error)):
            raise
        return []


def _load_python_unless_broken(loader: SqlMeshLoader, *args: Any, **kwargs: Any) -> Any:
    """Loads Python models without the files that fail; SQLMesh takes the paths that it is to read.

    It stops at the first one, which is left out when it starts again: its registry of models
    is then what it would be without that file.
    """
    while True:
        try:
            return _load_python(loader, *args, **kwargs)
        except ConfigError as error:
            path, cause = error.location, error.__context__
            twice = isinstance(cause, ValueError) and "Duplicate key" in str(cause)
            chosen, files = kwargs.get("selected_paths"), set(_python_files(loader))
            left = files if chosen is None else files & chosen
            if path not in left or twice or not _keep(Failure(path, error)):
                raise
            kwargs["selected_paths"] = left - {path}


def _python_files(loader: SqlMeshLoader) -> Iterable[Path]:
    return loader._glob_paths(
        loader.config_path / c.MODELS,
        ignore_patterns=loader.config.ignore_patterns,
        extension=".py",
    )


def _resolve_unless_broken(model: Model, mapping: dict[str, Any]) -> Any:
    try:
        return resolve_unless_settled(model, mapping)
    except Exception as error:
        if not _keep(Failure(model._path, error, model.fqn)):
            raise
        # Its hashes are of no use: the model is replaced.
        return (model.fqn, None, "", "", model.mapping_schema)


def invalid(models: Iterable[Model]) -> list[Failure]:
    """Models whose definition SQLMesh refuses once their columns are known."""
    found = []
    for model in models:
        try:
            model.validate_definition()
        except Exception as error:
            found.append(Failure(model._path, error, model.fqn))
    return found


def install() -> None:
    """Has SQLMesh's loader and resolver call the functions of this module."""
    sqlmesh_loader.load_sql_models = _load_sql_unless_broken
    SqlMeshLoader._load_python_models = _load_python_unless_broken  # type: ignore[method-assign, assignment]
    sqlmesh_schema.load_optimized_query_and_mapping = _resolve_unless_broken
