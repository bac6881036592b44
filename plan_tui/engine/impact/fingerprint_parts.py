"""Which parts of a definition SQLMesh's hashes are made of, by names that a person understands.

SQLMesh hashes a list of values without names. The same values are gathered here with names, so
that one can tell which of them moved a hash.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from sqlmesh.core import constants
from sqlmesh.utils.metaprogramming import Executable

Parts = dict[str, Any]
"""The values that are hashed, by what they are."""

VARIABLES = (
    constants.SQLMESH_VARS,
    constants.SQLMESH_VARS_METADATA,
    constants.SQLMESH_BLUEPRINT_VARS,
    constants.SQLMESH_BLUEPRINT_VARS_METADATA,
)
KIND = "kind"
SETTINGS = "kind's settings"
"""Of a kind, what the data follows from."""
OPTIONS = "kind's options"
QUERY = "query"
UPSTREAM = "upstream columns"
"""The columns of the tables that a model reads: SQLMesh hashes them with its metadata."""
WORDED = ("query", "pre-statements", "post-statements")
"""Hashed as they are written, formatting and comments included."""
MOST_CELLS = 40
"""Length of the values that are written out."""
CODE = ("macro ", "signal ", "variable ", "Python code of ", "import ", "Jinja ")
"""What a part begins with that is not in the model's own definition."""


def data_parts(model: Any) -> Parts:
    """What a model's data hash is made of; nothing for an audit, which has none."""
    if not model.is_model:
        return {}
    parts: Parts = {
        KIND: model.kind.name.value,
        SETTINGS: [str(value) for value in model.kind.data_hash_values[1:]],
        "table format": model.table_format,
        "storage format": model.storage_format,
        "lookback": model.lookback,
        "partitioning": [part.sql() for part in model.partitioned_by or ()],
        "clustering": [part.sql() for part in model.clustered_by or ()],
        "stamp": model.stamp,
        "physical schema": model.physical_schema,
        "physical version": model.physical_version,
        "gateway": model.gateway,
        "interval unit": model.interval_unit,
        "query optimization": model.optimize_query,
        "virtual environment mode": model.virtual_environment_mode,
        "columns": [(n, t.sql(model.dialect)) for n, t in (model.columns_to_types_ or {}).items()],
        "physical properties": _sql_values(model.physical_properties),
        "pre-statements": [each.sql for each in model.pre_statements_ or ()],
        "post-statements": [each.sql for each in model.post_statements_ or ()],
        **_code(model, metadata=False),
    }
    if model.is_sql:
        parts |= {QUERY: model.query_.sql, **_jinja(model)}
    elif model.is_seed:
        parts |= {
            "seed data": list(model.column_hashes.items()),
            "grants": model.grants,
            "grants target": model.grants_target_layer,
        }
    elif model.is_python:
        parts["entry point"] = model.entrypoint
    return parts


def metadata_parts(node: Any) -> Parts:
    """What a node's metadata hash is made of."""
    if not node.is_model:
        return _audit_parts(node)
    parts: Parts = {
        "dialect": node.dialect,
        "owner": node.owner,
        "description": node.description,
        "column descriptions": node.column_descriptions,
        "cron": node.cron,
        "cron time zone": node.cron_tz.key if node.cron_tz else None,
        "start": str(node.start) if node.start else None,
        "end": str(node.end) if node.end else None,
        "retention": str(node.retention) if node.retention else None,
        "batch size": node.batch_size,
        "batch concurrency": node.batch_concurrency,
        UPSTREAM: upstream_columns(node),
        "tags": sorted(node.tags),
        "references": sorted(each.json(sort_keys=True) for each in node.all_references),
        OPTIONS: [str(value) for value in node.kind.metadata_hash_values],
        "project": node.project,
        "partial intervals": node.allow_partials,
        "session properties": _sql_values(node.session_properties),
        "grains": [each.sql() for each in node.grains],
        "audits": node._audit_metadata_hash_values(),
        "grants": node.grants,
        "grants target": node.grants_target_layer,
        "virtual properties": _sql_values(node.virtual_properties),
        "signals": sorted((name, str(args)) for name, args in node.signals),
        "dbt node": node.dbt_node_info and node.dbt_node_info.json(sort_keys=True),
        "pre-statements": [each.sql for each in node.pre_statements_ or ()],
        "post-statements": [each.sql for each in node.post_statements_ or ()],
        "on-virtual-update statements": [each.sql for each in node.on_virtual_update_ or ()],
        **_code(node, metadata=True),
    }
    return parts | ({QUERY: node.query_.sql} if node.is_sql else {})


def _audit_parts(audit: Any) -> Parts:
    return {
        "owner": audit.owner,
        "description": audit.description,
        "tags": sorted(audit.tags),
        "stamp": audit.stamp,
        "cron": audit.cron,
        "cron time zone": audit.cron_tz,
        QUERY: audit.query_.sql,
        "statements": [each.sql for each in audit.expressions_ or ()],
        **{f"macro {name}": code.payload for name, code in audit.python_env.items()},
    }


def moved(old: Parts, new: Parts) -> list[str]:
    """The names of the parts that differ, those of the definition first."""
    names = [*new, *(name for name in old if name not in new)]
    differ = [name for name in names if old.get(name) != new.get(name)]
    return sorted(differ, key=lambda name: name.startswith(CODE))


def described(part: str, old: Parts, new: Parts) -> str:
    """``owner (ann → bob)`` where both values are short, else the part alone."""
    values = [old.get(part), new.get(part)]
    if part.startswith(CODE) or not all(
        value is None or isinstance(value, (str, int)) for value in values
    ):
        return part
    before, after = ("none" if value is None else str(value) for value in values)
    short = len(before) + len(after) <= MOST_CELLS and "\n" not in before + after
    return f"{part} ({before} → {after})" if short and part not in WORDED else part


def upstream_columns(model: Any) -> dict[str, dict[str, str]]:
    """The columns of the tables that a model reads, by the quoted name of the table."""
    return dict(_tables(model.mapping_schema, ()))


def _tables(
    schema: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    if schema and not any(isinstance(value, Mapping) for value in schema.values()):
        yield ".".join(path), {name: str(kind) for name, kind in schema.items()}
        return
    for name, below in schema.items():
        yield from _tables(below, (*path, name))


def _code(model: Any, *, metadata: bool) -> Parts:
    """Macros, variables and Python code that a model uses."""
    parts: Parts = {}
    signals = {name for name, _ in model.signals}
    for name, code in model.python_env.items():
        if bool(code.is_metadata) is not metadata:
            continue
        if name in VARIABLES:
            parts |= {f"variable {each}": value for each, value in _variables(code).items()}
        elif code.is_import:
            parts[f"import {name}"] = code.payload
        elif model.is_python and name == model.entrypoint:
            parts["Python code"] = (code.payload, code.path)
        else:
            what = "Python code of" if model.is_python else "macro"
            what = "signal" if name in signals else what
            parts[f"{what} {name}"] = (code.payload, code.path)
    return parts


def _variables(code: Executable) -> dict[str, Any]:
    try:
        found = ast.literal_eval(code.payload)
    except (ValueError, SyntaxError):
        return {"values": code.payload}
    return found if isinstance(found, dict) else {"values": found}


def _jinja(model: Any) -> Parts:
    macros = model.jinja_macros
    named = {f"Jinja macro {name}": macro.definition for name, macro in macros.root_macros.items()}
    named |= {
        f"Jinja macro {package}.{name}": macro.definition
        for package, found in macros.packages.items()
        for name, macro in found.items()
    }
    return named | {"Jinja context": macros.data_hash_values[-1:]}


def _sql_values(properties: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return [
        (name, value.sql() if hasattr(value, "sql") else str(value))
        for name, value in (properties or {}).items()
    ]
