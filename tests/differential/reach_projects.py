"""Projects of made up queries over seeds, edited, computed in DuckDB, and asked for their reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from sqlglot import exp, parse_one
from sqlglot.schema import MappingSchema
from sqlmesh.core.context_diff import ContextDiff
from sqlmesh.core.dialect import parse
from sqlmesh.core.model import Model, SeedModel, load_sql_based_model
from sqlmesh.core.snapshot import Snapshot

from plan_tui.engine.impact.plan_graph import PlanGraph

from .reach_queries import NAMES, QueryMaker, Source

SEED_HEAD = "MODEL (name db.{name}, kind SEED (path '{path}'), columns ({columns}));"
MODEL_HEAD = "MODEL (name db.{name}, kind FULL, dialect duckdb);"


@dataclass(frozen=True)
class MadeProject:
    """Seeds and queries, in an order in which each reads only those before it."""

    seeds: dict[str, list[tuple[int | None, ...]]]
    columns: dict[str, tuple[str, ...]]
    queries: dict[str, str]

    def with_query(self, name: str, query: str) -> MadeProject:
        """With another query of one model."""
        return replace(self, queries={**self.queries, name: query})


def make_project(chance: Random, models: int) -> MadeProject:
    """A project of two seeds and some queries over them and each other."""
    seeds, columns = {}, {}
    for name in ("s1", "s2"):
        columns[name] = NAMES[: chance.randint(2, 4)]
        seeds[name] = [
            tuple(chance.randint(0, 5) if chance.random() < 0.9 else None for _ in columns[name])
            for _ in range(chance.randint(4, 8))
        ]
    tables = [Source(f"db.{name}", columns[name]) for name in seeds]
    queries: dict[str, str] = {}
    for number in range(models):
        name = f"m{number}"
        recent = tables[-4:] if chance.random() < 0.7 else tables
        made = QueryMaker(chance, recent).query()
        queries[name] = made.sql
        tables.append(Source(f"db.{name}", made.columns))
    return MadeProject(seeds, columns, queries)


# Edits


def edit(project: MadeProject, chance: Random) -> tuple[str, MadeProject]:
    """Changes one model or seed; its name, and the project after."""
    if chance.random() < 0.3:
        return _edit_seed(project, chance)
    name = chance.choice(list(project.queries))
    tree = parse_one(project.queries[name], dialect="duckdb")
    edits = [_added, _dropped, _moved]
    if not any(clause.recursive for clause in tree.find_all(exp.With)):
        # What runs again and again has to end.
        edits += [_number, _number, _operator, _join, _cut]
    for _ in range(chance.choice([1, 1, 2])):
        chance.choice(edits)(tree, chance)
    return name, project.with_query(name, tree.sql(dialect="duckdb"))


def _edit_seed(project: MadeProject, chance: Random) -> tuple[str, MadeProject]:
    name = chance.choice(list(project.seeds))
    rows = list(project.seeds[name])
    if chance.random() < 0.2:
        rows.append(rows[0])
    else:
        at = chance.randrange(len(project.columns[name]))
        for number in range(len(rows)):
            if chance.random() < 0.6:
                row = rows[number]
                rows[number] = (*row[:at], chance.randint(0, 7), *row[at + 1 :])
    return name, replace(project, seeds={**project.seeds, name: rows})


def _number(tree: exp.Expr, chance: Random) -> None:
    found = [each for each in tree.find_all(exp.Literal) if each.is_int]
    if found:
        literal = chance.choice(found)
        literal.replace(exp.Literal.number(int(literal.this) + 1))


def _operator(tree: exp.Expr, chance: Random) -> None:
    found = list(tree.find_all(exp.GT, exp.LT, exp.Add, exp.Mul, exp.Max, exp.Min))
    if found:
        node = chance.choice(found)
        other = {exp.GT: exp.LTE, exp.LT: exp.GTE, exp.Add: exp.Sub, exp.Mul: exp.Add,
                 exp.Max: exp.Min, exp.Min: exp.Max}[type(node)]  # fmt: skip
        node.replace(other(**{key: value for key, value in node.args.items() if value}))


def _join(tree: exp.Expr, chance: Random) -> None:
    found = [each for each in tree.find_all(exp.Join) if each.args.get("on")]
    if found:
        join = chance.choice(found)
        join.set("kind", None)
        join.set("side", chance.choice(["LEFT", "FULL", ""]))


def _added(tree: exp.Expr, chance: Random) -> None:
    select = _a_select(tree, chance)
    columns = [each for each in select.find_all(exp.Column) if not each.is_star]
    value = chance.choice(columns).copy() if columns else exp.Literal.number(7)
    place = chance.choice([0, len(select.expressions)])
    select.args["expressions"].insert(place, exp.alias_(value, chance.choice(["x", "y", *NAMES])))


def _dropped(tree: exp.Expr, chance: Random) -> None:
    select = _a_select(tree, chance)
    if len(select.expressions) > 1:
        select.expressions.pop(chance.randrange(len(select.expressions)))


def _moved(tree: exp.Expr, chance: Random) -> None:
    chance.shuffle(_a_select(tree, chance).expressions)


def _cut(tree: exp.Expr, chance: Random) -> None:
    select = _a_select(tree, chance)
    match chance.randint(0, 2):
        case 0:
            select.set("distinct", None if select.args.get("distinct") else exp.Distinct())
        case 1:
            columns = [each for each in select.find_all(exp.Column) if not each.is_star]
            if columns:
                select.where(exp.GT(this=chance.choice(columns).copy(), expression="1"), copy=False)
        case _:
            select.set("where", None)


def _a_select(tree: exp.Expr, chance: Random) -> Any:
    selects = list(tree.find_all(exp.Select))
    return selects[0] if chance.random() < 0.6 else chance.choice(selects)


# SQLMesh's models of them


def snapshots_of(
    project: MadeProject,
    directory: Path,
    was: MadeProject | None = None,
    kept: dict[str, Snapshot] | None = None,
) -> dict[str, Snapshot]:
    """SQLMesh's snapshots, with every star expanded and every column qualified.

    Args:
        project: What they are of.
        directory: Where the seeds' files are written.
        was: The project before an edit.
        kept: Its snapshots; those that the edit does not reach are taken over.
    """
    models: dict[str, Model] = {}
    for name, rows in project.seeds.items():
        if was is not None and kept is not None and was.seeds[name] == rows:
            models[f'"db"."{name}"'] = kept[f'"db"."{name}"'].model
            continue
        path = directory / f"{name}.csv"
        lines = [",".join(project.columns[name])]
        lines += [",".join("" if value is None else str(value) for value in row) for row in rows]
        path.write_text("\n".join(lines) + "\n")
        columns = ", ".join(f"{column} INT" for column in project.columns[name])
        text = SEED_HEAD.format(name=name, path=path, columns=columns)
        model = load_sql_based_model(parse(text), path=directory / f"{name}.sql")
        models[model.fqn] = model
    for name, query in project.queries.items():
        if was is not None and kept is not None and was.queries[name] == query:
            old = kept[f'"db"."{name}"'].model
            if all(models[parent] is kept[parent].model for parent in old.depends_on):
                models[old.fqn] = old
                continue
        head = MODEL_HEAD.format(name=name)
        model = load_sql_based_model(parse(f"{head}\n{query}", default_dialect="duckdb"))
        schema = MappingSchema(normalize=False)
        for parent in model.depends_on:
            schema.add_table(parent, models[parent].columns_to_types, dialect="duckdb")
        model.update_schema(schema)
        models[model.fqn] = model
    nodes: dict[str, Any] = dict(models)
    return {
        name: kept[name]
        if kept is not None and kept[name].model is model
        else Snapshot.from_node(model, nodes=nodes)
        for name, model in models.items()
    }


def graph_between(old: dict[str, Snapshot], new: dict[str, Snapshot]) -> PlanGraph:
    """The graph of a plan that goes from one to the other."""
    modified = {
        name: (snapshot, old[name])
        for name, snapshot in new.items()
        if snapshot.fingerprint != old[name].fingerprint
    }
    diff = ContextDiff(
        environment="dev",
        is_new_environment=False,
        is_unfinalized_environment=False,
        normalize_environment_name=True,
        previous_gateway_managed_virtual_layer=False,
        gateway_managed_virtual_layer=False,
        create_from="prod",
        create_from_env_exists=True,
        added=set(),
        removed_snapshots={},
        modified_snapshots=modified,
        snapshots={snapshot.snapshot_id: snapshot for snapshot in new.values()},
        new_snapshots={},
        previous_plan_id=None,
        previously_promoted_snapshot_ids=set(),
        previous_finalized_snapshots=None,
        environment_statements=[],
    )
    return PlanGraph(diff, {name: name.replace('"', "") for name in new})


# What DuckDB computes


@dataclass(frozen=True)
class Table:
    """A computed table: its columns, and its rows in no order."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(repr=False)

    def only(self, columns: list[str]) -> Counter[tuple[Any, ...]]:
        """The rows with some of the columns."""
        places = [self.columns.index(column) for column in columns]
        return Counter(tuple(row[place] for place in places) for row in self.rows)


class Warehouse:
    """DuckDB in memory with every model as a table; an edit is computed and taken back."""

    def __init__(self, snapshots: dict[str, Snapshot]) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute("CREATE SCHEMA db")
        self._snapshots = snapshots
        for name, snapshot in snapshots.items():
            self._create(name, snapshot)
        self.tables = {name: self._read(name) for name in snapshots}

    def close(self) -> None:
        """Lets go of it."""
        self._connection.close()

    def after(self, snapshots: dict[str, Snapshot]) -> dict[str, Table]:
        """The tables as they would be with other versions of the models."""
        other = [name for name in snapshots if snapshots[name] is not self._snapshots[name]]
        self._connection.execute("BEGIN")
        try:
            for name in other:
                self._connection.execute(f"DROP TABLE {name}")
            for name in other:
                self._create(name, snapshots[name])
            return {**self.tables, **{name: self._read(name) for name in other}}
        finally:
            self._connection.execute("ROLLBACK")

    def _create(self, name: str, snapshot: Snapshot) -> None:
        model = snapshot.model
        if not isinstance(model, SeedModel):
            query = model.render_query_or_raise().sql(dialect="duckdb")
            self._connection.execute(f"CREATE TABLE {name} AS {query}")
            return
        columns = list(model.columns_to_types or {})
        types = ", ".join(f"{column} INT" for column in columns)
        self._connection.execute(f"CREATE TABLE {name} ({types})")
        for frame in model.render_seed():
            rows = frame.astype(object).where(frame.notna(), None).values.tolist()
            holes = ", ".join("?" for _ in columns)
            self._connection.executemany(f"INSERT INTO {name} VALUES ({holes})", rows)

    def _read(self, name: str) -> Table:
        cursor = self._connection.execute(f"SELECT * FROM {name}")
        columns = tuple(column[0].lower() for column in cursor.description or ())
        return Table(columns, cursor.fetchall())
