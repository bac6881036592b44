"""SQLMesh notes in the home directory who its anonymous user is, or no project loads at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlmesh.core.analytics.collector import User
from sqlmesh.utils import random_id


@cache
def allow_unwritable_home() -> None:
    """Has SQLMesh make up a user for this process where the home can't be written to, or is full.

    It needs one also where its analytics are disabled.
    """
    kept = User.load_or_create

    def load_or_make_up(cls: type[User], sqlmesh_path: Path) -> User:
        try:
            return kept(sqlmesh_path)
        except OSError:
            return cls(id=random_id())

    User.load_or_create = classmethod(load_or_make_up)  # type: ignore[assignment]
