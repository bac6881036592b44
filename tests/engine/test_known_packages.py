"""What is installed is read again exactly when something is installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import sqlmesh.core.context_diff as sqlmesh_diff

from plan_tui.engine import known_packages
from plan_tui.engine.known_packages import KnownPackages


def test_they_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    reads: list[int] = []

    def read() -> dict[str, list[str]]:
        reads.append(1)
        return {"shop": [f"shop-{len(reads)}"]}

    known = KnownPackages(read)
    assert known() == known() == {"shop": ["shop-1"]}
    (tmp_path / "new.dist-info").mkdir()
    os.utime(tmp_path, ns=(1, 1))
    assert known() == {"shop": ["shop-2"]}
    sys.path.append(str(tmp_path / "gone"))
    assert known() == {"shop": ["shop-3"]}


def test_sqlmesh_gets_what_it_would_read_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = sqlmesh_diff.metadata
    monkeypatch.setattr(sqlmesh_diff, "metadata", metadata)
    known_packages.install()
    wrapped = sqlmesh_diff.metadata
    known_packages.install()
    assert sqlmesh_diff.metadata is wrapped
    assert "sqlmesh" in wrapped.packages_distributions()
    assert wrapped.version("sqlmesh")
    with pytest.raises(wrapped.PackageNotFoundError):
        wrapped.version("no-such-package-at-all")
