"""What a model's table is computed from: its query, and what its kind makes of that."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlmesh.core import dialect as d
from sqlmesh.core.dialect import normalize_model_name
from sqlmesh.core.model import SqlModel
from sqlmesh.core.model.kind import ModelKindName

from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.query_flow import ColumnsOf, QueryReader
from plan_tui.engine.impact.query_scope import CantTell
from plan_tui.engine.impact.relations import Part, Relation
from plan_tui.engine.impact.table_names import name_of_table

if TYPE_CHECKING:
    from sqlmesh.core.model import Model
    from sqlmesh.core.snapshot import Snapshot

logger = logging.getLogger(__name__)
_WHOLE = frozenset((ModelKindName.FULL, ModelKindName.VIEW, ModelKindName.EMBEDDED))
"""Kinds whose rows are those of the query."""
_BY_KEY = frozenset(
    (
        ModelKindName.INCREMENTAL_BY_TIME_RANGE,
        ModelKindName.INCREMENTAL_BY_UNIQUE_KEY,
        ModelKindName.INCREMENTAL_BY_PARTITION,
    )
)
"""Kinds that keep or replace rows by some of their columns."""
_OF_RUNTIME = re.compile(
    r"engine_adapter|runtime_stage|run_query|\badapter\.|\bdispatch\b|execute\(|fetchdf|fetchone"
    r"|\bload_result\b|\bstatement\b|this_env|\bgateway\b|snapshots?\b|\.parent_intervals|random"
    r"|getenv|environ|open\(|datetime|\btime\."
)
"""Words in macros whose result depends on more than the project's files."""
_OF_DATES = re.compile(
    r"\b(start|end|execution|latest)_(date|ds|ts|dt|dtntz|tstz|epoch|millis|hour)"
)


@dataclass(frozen=True)
class Flow:
    """What a model's columns and rows are computed from."""

    columns: Mapping[str, Part]
    """By names in lower case."""
    rows: Part
    opaque: frozenset[str] = frozenset()
    """Models that it reads, or may read, in a way that can't be told."""

    @property
    def sources(self) -> set[str]:
        """The models that are named in it."""
        parts = (self.rows, *self.columns.values())
        return {name for part in parts for name, _ in part.refs} | self.opaque


_flows: Kept[Flow] = Kept(most=20_000)


def flow_of(snapshot: Snapshot, columns_of: ColumnsOf) -> Flow:
    """The flow of a model.

    Args:
        snapshot: The model.
        columns_of: The columns of the models that it reads, as they are for it.
    """
    model, fingerprint = snapshot.model, snapshot.fingerprint
    parents = frozenset(parent.name for parent in snapshot.parents)
    seen = sorted({snapshot.name, *parents, *model.depends_on})
    # Without the hashes of its parents: whatever changes in them, it is computed from the same.
    key = (
        snapshot.name,
        fingerprint.data_hash,
        fingerprint.metadata_hash,
        parents,
        tuple((name, columns_of(name)) for name in seen),
    )
    return _flows.get(key, lambda: _compute(snapshot, columns_of))


def types_of_model(model: Model) -> dict[str, exp.DataType] | None:
    """A model's columns with their types, in order; None where they are not known."""
    try:
        return model.columns_to_types or None
    except Exception as error:
        logger.info("No columns of %s.", model.name, exc_info=error)
        return None


def columns_of_model(model: Model) -> tuple[str, ...] | None:
    """Names of a model's columns in lower case and in order; None where they are not known."""
    types = types_of_model(model)
    return tuple(name.lower() for name in types) if types else None


def _compute(snapshot: Snapshot, columns_of: ColumnsOf) -> Flow:
    parents = frozenset(parent.name for parent in snapshot.parents) - {snapshot.name}
    model = snapshot.model
    if not isinstance(model, SqlModel) or depends_on_runtime(model):
        return Flow({}, Part(), parents)
    return _of_sql(model, parents, columns_of)


def _of_sql(model: Model, parents: frozenset[str], columns_of: ColumnsOf) -> Flow:
    def name_of(table: exp.Table) -> str:
        return name_of_table(table, model.default_catalog, model.dialect)

    reader = QueryReader(name_of, columns_of)
    try:
        query = model.render_query()
        if query is None:
            raise CantTell("a query that is only known when it runs")
        relation = reader.read(query)
    except (CantTell, RecursionError) as error:
        logger.info("The query of %s can't be traced: %s", model.name, error)
        return Flow({}, Part(), parents)
    except Exception as error:
        logger.info("The query of %s can't be read.", model.name, exc_info=error)
        return Flow({}, Part(), parents)
    flow = _kept_by_kind(model, relation)
    return Flow(flow.columns, flow.rows, (parents - reader.tables) | _of_statements(model, parents))


def _kept_by_kind(model: Model, relation: Relation) -> Flow:
    """What the model's kind makes of the rows that its query gives."""
    kind = model.kind.name
    if kind not in _WHOLE and kind not in _BY_KEY:
        relation = relation.collapsed()
    names = [*(columns_of_model(model) or ()), *(name for name, _ in relation.columns)]
    columns = {name: relation.column(name) for name in dict.fromkeys(names)}
    rows = relation.rows
    if kind in _BY_KEY or _changes_itself(model):
        keys = None if _changes_itself(model) else _key_columns(model)
        kept_by = columns.keys() if keys is None else keys
        rows = Part.of("kept by", (rows, *(relation.column(name) for name in kept_by)))
    return Flow(columns, rows)


def _key_columns(model: Model) -> list[str] | None:
    """The columns by which rows are kept or replaced; None for all of them."""
    kind: Any = model.kind
    if kind.name == ModelKindName.INCREMENTAL_BY_TIME_RANGE:
        expressions = [kind.time_column.column]
    elif kind.name == ModelKindName.INCREMENTAL_BY_UNIQUE_KEY:
        if kind.when_matched is not None or kind.merge_filter is not None:
            return None
        expressions = kind.unique_key
    else:
        expressions = model.partitioned_by
    return [
        column.name.lower()
        for expression in expressions
        for column in expression.find_all(exp.Column, exp.Identifier)
    ]


# Statements around the query


def statements_of(model: Model) -> Iterator[exp.Expr]:
    """The statements before and after the query."""
    for statement in (*model.pre_statements, *model.post_statements):
        if not isinstance(statement, d.MacroDef):
            yield statement


def _of_statements(model: Model, parents: frozenset[str]) -> frozenset[str]:
    """Models that statements before or after the query may read."""
    statements = list(statements_of(model))
    if not statements:
        return frozenset()
    if not all(_is_plain(statement) for statement in statements):
        return parents
    found: set[str] = set()
    for statement in statements:
        for table in statement.find_all(exp.Table):
            found.add(normalize_model_name(table.copy(), model.default_catalog, model.dialect))
    return parents & found


def _is_plain(statement: exp.Expr) -> bool:
    unknown = (exp.Command, d.MacroFunc, d.MacroStrReplace, d.MacroSQL, d.Jinja)
    return statement.find(*unknown) is None


def _changes_itself(model: Model) -> bool:
    """Whether statements around the query may change the rows that it has given."""
    harmless = (exp.Set, exp.Pragma, exp.Use)
    return any(not isinstance(statement, harmless) for statement in statements_of(model))


# Macros


def depends_on_runtime(model: SqlModel) -> bool:
    """Whether macros may make another query of it when it runs than now."""
    raw = model.query
    if isinstance(raw, d.JinjaQuery):
        text = str(raw.args.get("this") or raw)
        at_dates = "{%" in text and _OF_DATES.search(text)
        return bool(_OF_RUNTIME.search(text) or at_dates) or _code_depends_on_runtime(model)
    macros = list(raw.find_all(d.MacroFunc, d.MacroStrReplace, d.MacroSQL))
    named = " ".join(each.name for each in raw.find_all(d.MacroVar))
    if not macros:
        return bool(_OF_RUNTIME.search(named))
    text = " ".join(each.sql() for each in macros)
    at_runtime = _OF_RUNTIME.search(f"{text} {named}") or _OF_DATES.search(text)
    return bool(at_runtime) or _code_depends_on_runtime(model)


def _code_depends_on_runtime(model: SqlModel) -> bool:
    """Whether a macro of the project, in Python or Jinja, asks for more than its arguments."""
    python: Iterable[Any] = model.python_env.values()
    if any(_OF_RUNTIME.search(str(each.payload)) for each in python if not each.is_value):
        return True
    macros = model.jinja_macros
    packages = (*macros.packages.values(), macros.root_macros)
    return any(
        _OF_RUNTIME.search(each.definition) for package in packages for each in package.values()
    )
