"""The reach against DuckDB, which computes both sides, and against SQLMesh's own lineage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

import duckdb
import pytest
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlmesh import Context
from sqlmesh.core import lineage
from sqlmesh.core.model import Model
from sqlmesh.core.snapshot import Snapshot
from sqlmesh.utils.errors import SQLMeshError

from plan_tui.engine.impact.plan_graph import PlanGraph
from plan_tui.engine.impact.spreading import Spread, Touched, spread
from tests.soaking import trials

from .reach_projects import (
    MadeProject,
    Table,
    Warehouse,
    edit,
    graph_between,
    make_project,
    snapshots_of,
)

MODELS = 6
EDITS = 3
BROKEN = (SqlglotError, SQLMeshError, duckdb.Error)
"""What an edit ends in that leaves no project."""


def _spread(graph: PlanGraph, name: str) -> Spread:
    start = Touched.of(graph.own_change(name))
    return spread(graph, {name: start}, graph.below(name), lambda: None)


@contextmanager
def made(seed: int, directory: Path) -> Iterator[Made]:
    """The first project from this seed on that SQLMesh and DuckDB take."""
    while True:
        try:
            project = make_project(Random(seed), MODELS)
            snapshots = snapshots_of(project, directory)
            warehouse = Warehouse(snapshots)
            break
        except BROKEN:
            seed += 1_000_003
    try:
        yield Made(project, snapshots, warehouse)
    finally:
        warehouse.close()


@dataclass(frozen=True)
class Made:
    """A project with what SQLMesh and DuckDB make of it."""

    project: MadeProject
    snapshots: dict[str, Snapshot]
    warehouse: Warehouse

    def edits(
        self, seed: int, directory: Path
    ) -> Iterator[tuple[str, dict[str, Snapshot], dict[str, Table]]]:
        """Edits that SQLMesh and DuckDB take: the edited model, and what becomes of all."""
        chance = Random(seed)
        for _ in range(EDITS):
            name, after = edit(self.project, chance)
            try:
                snapshots = snapshots_of(after, directory, self.project, self.snapshots)
                yield f'"db"."{name}"', snapshots, self.warehouse.after(snapshots)
            except BROKEN:
                continue


def wrongly_spared(before: Table, after: Table, touched: Touched) -> str | None:
    """What differs of a table although it is said not to; None where nothing does."""
    if touched.rows is not None:
        return None
    spared = [
        column
        for column in dict.fromkeys((*before.columns, *after.columns))
        if column not in touched.columns
    ]
    gone = [each for each in spared if each not in before.columns or each not in after.columns]
    if gone:
        return f"{gone} are there on one side only"
    if before.only(spared) != after.only(spared):
        return f"{spared} differ"
    return None


@pytest.mark.parametrize("seed", trials(range(40), range(300)))
def test_what_is_spared_does_not_differ(seed: int, tmp_path: Path) -> None:
    with made(seed, tmp_path) as it:
        old, before = it.snapshots, it.warehouse.tables
        for name, new, after in it.edits(seed, tmp_path):
            graph = graph_between(old, new)
            found = _spread(graph, name)
            for each in graph.snapshots:
                wrong = wrongly_spared(before[each], after[each], found.get(each, Touched()))
                assert wrong is None, (
                    f"{each} after {name}: {wrong}\n{_queries(old, new, each, name)}"
                )


def _queries(old: dict[str, Snapshot], new: dict[str, Snapshot], *names: str) -> str:
    return "\n".join(
        f"{name}: {versions[name].model.render_query()}"
        for name in names
        for versions in (old, new)
    )


class _Models:
    """As much of a context as SQLMesh's lineage asks for."""

    default_catalog = None

    def __init__(self, snapshots: dict[str, Snapshot]) -> None:
        self._snapshots = snapshots

    def get_model(self, name: str) -> Model:
        return self._snapshots[name].model


@pytest.mark.parametrize("seed", range(200, 215))
def test_whatever_sqlmesh_finds_is_found(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLMesh keeps queries by the address of their model, and those of other tests are gone.
    monkeypatch.setattr(lineage, "CACHE", {})
    with made(seed, tmp_path) as it:
        graph = graph_between(it.snapshots, it.snapshots)
        for name, snapshot in it.snapshots.items():
            for column in graph.columns(name) or ():
                if not snapshot.model.is_sql:
                    continue
                found = lineage.column_dependencies(
                    cast(Context, _Models(it.snapshots)), name, exp.column(column, quoted=True)
                )
                [flow] = graph.flows(name)
                read = flow.columns[column].refs | flow.rows.refs
                listed = {(parent, each) for parent, of in found.items() for each in of}
                known = {ref for ref in listed if ref[0] in it.snapshots and ref[1] != "*"}
                assert known <= read, f"{name}.{column}: {snapshot.model.render_query()}"
