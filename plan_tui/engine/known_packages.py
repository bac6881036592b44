"""Remembers which packages are installed: each plan reads all of their file lists for it.

A directory that packages are installed to changes when one comes or goes, so its time tells
whether an answer still holds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import sqlmesh.core.context_diff as sqlmesh_diff

Packages = Mapping[str, list[str]]


class KnownPackages:
    """Answers like ``packages_distributions`` of ``importlib.metadata``."""

    def __init__(self, read: Callable[[], Packages]) -> None:
        self._read = read
        self._places: tuple[tuple[str, int], ...] = ()
        self._found: Packages | None = None

    def __call__(self) -> Packages:
        """The distributions that each top-level package comes from."""
        places = tuple(_place(path) for path in sys.path)
        if self._found is None or places != self._places:
            self._found, self._places = self._read(), places
        return self._found


def _place(path: str) -> tuple[str, int]:
    try:
        return path, os.stat(path or ".").st_mtime_ns
    except OSError:
        return path, 0


def install() -> None:
    """Has SQLMesh's comparison of environments ask here."""
    comparing: Any = sqlmesh_diff
    plain = comparing.metadata
    if not isinstance(plain, SimpleNamespace):
        comparing.metadata = SimpleNamespace(
            packages_distributions=KnownPackages(plain.packages_distributions),
            version=plain.version,
            PackageNotFoundError=plain.PackageNotFoundError,
        )
