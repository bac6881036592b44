"""The difference of two models' own properties, each from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from sqlglot import exp
from sqlmesh.core.audit import StandaloneAudit
from sqlmesh.core.model.definition import META_FIELD_CONVERTER, _Model
from sqlmesh.core.model.meta import ModelMeta

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.told import change, worded

Node = _Model | StandaloneAudit

ELSEWHERE = frozenset({
    "name", "default_catalog", "enabled", "ignored_rules_", "formatting",
    "kind", "audits", "columns_to_types_", "column_descriptions_",
    "query_", "expressions_", "python_env", "jinja_macros", "source_type",
})  # fmt: skip
"""What is no property, is not kept with a version, or is told in a form of its own."""
KEYED = ("physical_properties", "virtual_properties", "session_properties", "grants")


def diff_properties(old: Node, new: Node) -> Iterator[SemanticChange]:
    """What was done to the properties of a model or standalone audit."""
    if isinstance(old, _Model) and isinstance(new, _Model):
        yield from _kinds(old, new)
    for field, name in _fields(new):
        if field not in ELSEWHERE and field.rstrip("_") not in KEYED:
            before, after = _value(old, field), _value(new, field)
            if before != after:
                yield change(Kind.PROPERTY_CHANGED, name, before, after)
    if isinstance(old, _Model) and isinstance(new, _Model):
        for name in KEYED:
            yield from _keyed(old, new, name)
        yield from _declared_columns(old, new)
        yield from _descriptions(old, new)
        yield from _audits(old, new)


def _fields(node: Node) -> Iterator[tuple[str, str]]:
    of_what = StandaloneAudit if isinstance(node, StandaloneAudit) else ModelMeta
    for name, info in of_what.all_field_infos().items():
        yield name, info.alias or name


def _value(node: Node, field: str) -> str | None:
    value = getattr(node, field, None)
    if value is None or value == []:
        return None
    dialect = node.dialect
    if field in ("signals", "depends_on_") and isinstance(node, _Model):
        return worded(META_FIELD_CONVERTER[field](value), dialect)
    if field == "tags":
        return ", ".join(sorted(value))
    return worded(value, dialect)


def _kinds(old: _Model, new: _Model) -> Iterator[SemanticChange]:
    if old.kind.name != new.kind.name:
        texts = (_kind_words(node) for node in (old, new))
        yield change(Kind.PROPERTY_CHANGED, "kind", *texts)
        return
    fields = {**type(old.kind).all_field_infos(), **type(new.kind).all_field_infos()}
    for name, info in fields.items():
        if name in ("name", "dialect"):
            continue
        before, after = (_kind_value(node, name) for node in (old, new))
        if before != after:
            yield change(Kind.PROPERTY_CHANGED, info.alias or name, before, after)


def _kind_words(node: _Model) -> str:
    words = str(worded(node.kind.to_expression(dialect=node.dialect), node.dialect))
    return " ".join(words.split()).replace("( ", "(").replace(" )", ")")


def _kind_value(node: _Model, name: str) -> str | None:
    value = getattr(node.kind, name, None)
    if name == "time_column" and value is not None:
        column = worded(value.column, node.dialect)
        return f"{column}, {value.format}" if value.format else column
    if isinstance(value, BaseModel):
        value = {key: each for key, each in value.model_dump().items() if each is not None}
    return worded(value, node.dialect)


def _keyed(old: _Model, new: _Model, name: str) -> Iterator[SemanticChange]:
    before, after = _by_key(old, name), _by_key(new, name)
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            subject = f"{name}.{key}"
            yield change(Kind.PROPERTY_CHANGED, subject, before.get(key), after.get(key))


def _by_key(node: _Model, name: str) -> dict[str, str | None]:
    values: Mapping[str, Any] = getattr(node, name, None) or {}
    return {str(key): worded(value, node.dialect) for key, value in values.items()}


def _declared_columns(old: _Model, new: _Model) -> Iterator[SemanticChange]:
    before, after = _declared(old), _declared(new)
    if not before or not after:
        if before != after:
            texts = (worded(types, None) for types in (before, after))
            yield change(Kind.PROPERTY_CHANGED, "columns", *texts)
        return
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was != now:
            kind = Kind.TYPE_CHANGED if was and now else Kind.COLUMN_ADDED
            kind = kind if now else Kind.COLUMN_REMOVED
            yield change(kind, "columns", was, now, column=name)
    stayed = [name for name in before if name in after]
    order = [name for name in after if name in before]
    if stayed != order:
        yield change(Kind.COLUMNS_REORDERED, "columns", ", ".join(stayed), ", ".join(order))


def _declared(node: _Model) -> dict[str, str]:
    types: Mapping[str, exp.DataType] = node.columns_to_types_ or {}
    return {name: kind.sql(dialect=node.dialect) for name, kind in types.items()}


def _descriptions(old: _Model, new: _Model) -> Iterator[SemanticChange]:
    before, after = old.column_descriptions, new.column_descriptions
    for name in dict.fromkeys([*after, *before]):
        if before.get(name) != after.get(name):
            yield change(
                Kind.DESCRIPTION_CHANGED, None, before.get(name), after.get(name), column=name
            )


def _audits(old: _Model, new: _Model) -> Iterator[SemanticChange]:
    before, after = _calls(old), _calls(new)
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if was != now:
            kind = Kind.AUDIT_CHANGED if was and now else Kind.AUDIT_ADDED
            yield change(kind if now else Kind.AUDIT_REMOVED, key[0], was, now)
    for name in dict.fromkeys([*old.audit_definitions, *new.audit_definitions]):
        was, now = (_audit_text(node, name) for node in (old, new))
        if was and now and was != now:
            yield change(Kind.AUDIT_CHANGED, name, was, now)


def _calls(node: _Model) -> dict[tuple[str, int], str]:
    """The audits that a model has, those that it has several times numbered."""
    calls: dict[tuple[str, int], str] = {}
    for name, args in node.audits:
        number = 0
        while (name, number) in calls:
            number += 1
        words = ", ".join(f"{key} := {worded(value, node.dialect)}" for key, value in args.items())
        calls[(name, number)] = f"{name}({words})" if words else name
    return calls


def _audit_text(node: _Model, name: str) -> str | None:
    audit = node.audit_definitions.get(name)
    if audit is None:
        return None
    lines = [
        f"{key}: {worded(value, audit.dialect)}"
        for key, value in (
            ("skip", audit.skip or None),
            ("blocking", None if audit.blocking else False),
            ("dialect", audit.dialect if audit.dialect != node.dialect else None),
            ("defaults", audit.defaults),
        )
        if value not in (None, {})
    ]
    return "\n".join([*lines, audit.query_.sql.strip()])
