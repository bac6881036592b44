"""Which files make up a project, and whether they changed."""

from __future__ import annotations

import os
from collections.abc import Iterator

SUFFIXES = (".sql", ".py", ".yaml", ".yml", ".csv", ".jinja", ".lock", ".toml")
_NEVER_READ = frozenset({".cache", ".git", ".venv", "node_modules", "__pycache__"})
_NOT_READ_AT_THE_TOP = frozenset({"venv", "logs", "dbt_packages"})
"""Folders that belong to tools; below ``models`` they are models like any others."""
CONFIG_NAMES = frozenset({"config.py", "config.yaml", "config.yml", "sqlmesh.yaml", "sqlmesh.yml"})

Stamp = tuple[int, int]
"""Modification time in nanoseconds, and size."""


def scan(paths: tuple[str, ...]) -> dict[str, Stamp]:
    """Every file that SQLMesh may read below some directories, with its stamp.

    SQLMesh's own check looks at files it has loaded, so that a new file goes unseen.
    """
    return {name: (found.st_mtime_ns, found.st_size) for name, found in _files(paths)}


def _files(paths: tuple[str, ...]) -> Iterator[tuple[str, os.stat_result]]:
    for root in paths:
        for folder, folders, names in os.walk(root):
            at_top = folder == root
            folders[:] = [name for name in folders if not _is_skipped(name, at_top)]
            for name in names:
                if not _matters(name):
                    continue
                path = os.path.join(folder, name)
                try:
                    yield path, os.stat(path)
                except OSError:
                    continue


def belongs(path: str, paths: tuple[str, ...]) -> bool:
    """Whether a change of this file may change the project in some directories."""
    for root in paths:
        if path.startswith(f"{root}{os.sep}"):
            *folders, name = os.path.relpath(path, root).split(os.sep)
            skipped = (_is_skipped(each, at_top=i == 0) for i, each in enumerate(folders))
            if _matters(name) and not any(skipped):
                return True
    return False


def _is_skipped(folder: str, at_top: bool) -> bool:
    return folder in _NEVER_READ or (at_top and folder in _NOT_READ_AT_THE_TOP)


def _matters(name: str) -> bool:
    return name.endswith(SUFFIXES) or name == ".env" or name.startswith(".env.")


def is_config(path: str, paths: tuple[str, ...]) -> bool:
    """Whether a file is configuration, which SQLMesh reads only when a context is made."""
    folder, name = os.path.split(path)
    return (name in CONFIG_NAMES and folder in paths) or name.startswith(".env")


def changed(before: dict[str, Stamp], after: dict[str, Stamp]) -> list[str]:
    """Files that are new, gone or different, sorted."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
