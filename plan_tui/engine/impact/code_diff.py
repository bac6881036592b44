"""The difference of the code that goes with a model: macros, functions, imports, variables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlmesh.core import constants
from sqlmesh.utils.jinja import JinjaMacroRegistry
from sqlmesh.utils.metaprogramming import Executable

from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.told import change, worded

VARIABLES = {
    constants.SQLMESH_VARS: "",
    constants.SQLMESH_VARS_METADATA: "",
    constants.SQLMESH_BLUEPRINT_VARS: "blueprint ",
    constants.SQLMESH_BLUEPRINT_VARS_METADATA: "blueprint ",
}
"""Entries of a Python environment that hold the values of variables, and what they are of."""
MACROS = (Kind.MACRO_CHANGED, Kind.MACRO_CHANGED, Kind.MACRO_CHANGED)
SIGNALS = (Kind.SIGNAL_CHANGED, Kind.SIGNAL_CHANGED, Kind.SIGNAL_CHANGED)
FUNCTIONS = (Kind.FUNCTION_ADDED, Kind.FUNCTION_REMOVED, Kind.FUNCTION_CHANGED)


def diff_code(old: Any, new: Any, *, is_python: bool, follows: bool) -> Iterator[SemanticChange]:
    """What was done to the code that two versions of a model carry.

    Args:
        old: The model as it was.
        new: The model as it is.
        is_python: Whether its code is the model, rather than macros of its SQL.
        follows: Whether code that came or went follows from what was done to its SQL.
    """
    signals = {name for node in (old, new) for name, _ in getattr(node, "signals", ())}
    for name in _names(old.python_env, new.python_env):
        before, after = old.python_env.get(name), new.python_env.get(name)
        if before == after or (follows and (before is None or after is None)):
            continue
        kinds = FUNCTIONS if is_python else MACROS
        yield from _entry(name, before, after, SIGNALS if name in signals else kinds)
    if old.jinja_macros != new.jinja_macros:
        yield from _jinja(old.jinja_macros, new.jinja_macros, follows)


def _names(old: dict[str, Executable], new: dict[str, Executable]) -> list[str]:
    entries = {**old, **new}
    return sorted(entries, key=lambda name: (_rank(entries[name]), name))


def _rank(entry: Executable) -> int:
    return 0 if entry.is_definition else 1 if entry.is_value else 2


def _entry(
    name: str,
    before: Executable | None,
    after: Executable | None,
    kinds: tuple[Kind, Kind, Kind],
) -> Iterator[SemanticChange]:
    entry = after or before
    assert entry is not None
    was, now = _payload(before), _payload(after)
    if name in VARIABLES:
        yield from _variables(was, now, VARIABLES[name])
    elif was == now:
        yield change(Kind.PROPERTY_CHANGED, f"file of {name}", _home(before), _home(after))
    elif entry.is_value:
        yield change(Kind.VARIABLE_CHANGED, name, was, now)
    elif entry.is_import:
        yield change(Kind.IMPORT_CHANGED, name, was, now)
    else:
        kind = kinds[2] if was and now else kinds[0] if now else kinds[1]
        signatures = _signature(was), _signature(now)
        if was and now and signatures[0] != signatures[1]:
            yield change(Kind.SIGNATURE_CHANGED, name, *signatures)
        yield change(kind, name, was, now)


def _payload(entry: Executable | None) -> str | None:
    return entry.payload if entry is not None else None


def _home(entry: Executable | None) -> str | None:
    if entry is None:
        return None
    parts = (entry.path, entry.name, entry.alias, "metadata only" if entry.is_metadata else None)
    return " ".join(part for part in parts if part)


def _variables(was: str | None, now: str | None, of_what: str) -> Iterator[SemanticChange]:
    before, after = _literal(was), _literal(now)
    if before is None or after is None:
        yield change(Kind.VARIABLE_CHANGED, f"{of_what}variables", was, now)
        return
    for name in dict.fromkeys([*before, *after]):
        one, two = (repr(side[name]) if name in side else None for side in (before, after))
        if one != two:
            yield change(Kind.VARIABLE_CHANGED, f"{of_what}{name}", one, two)


def _literal(payload: str | None) -> dict[str, Any] | None:
    """The variables of an entry; None where they are more than plain values."""
    try:
        found = ast.literal_eval(payload or "{}")
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, dict) else None


def _signature(source: str | None) -> str | None:
    """The first line of a function, its decorators left out."""
    try:
        module = ast.parse(source or "")
    except SyntaxError:
        return None
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            return f"def {node.name}({ast.unparse(node.args)}){gives}"
    return None


def _jinja(
    old: JinjaMacroRegistry, new: JinjaMacroRegistry, follows: bool
) -> Iterator[SemanticChange]:
    before, after = _definitions(old), _definitions(new)
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was != now and not (follows and (was is None or now is None)):
            yield change(Kind.MACRO_CHANGED, name, was, now)
    for group in ("vars", "refs", "sources"):
        one, two = (_objects(each, group) for each in (old, new))
        for name in dict.fromkeys([*one, *two]):
            if one.get(name) != two.get(name) and not (follows and (name in one) != (name in two)):
                subject = name if group == "vars" else f"{group}.{name}"
                texts = worded(one.get(name), None), worded(two.get(name), None)
                yield change(Kind.VARIABLE_CHANGED, subject, *texts)


def _objects(registry: JinjaMacroRegistry, group: str) -> dict[str, Any]:
    found = registry.global_objs.get(group)
    return dict(found) if isinstance(found, Mapping) else {}


def _definitions(registry: JinjaMacroRegistry) -> dict[str, str]:
    found = {name: macro.definition for name, macro in registry.root_macros.items()}
    for package, macros in registry.packages.items():
        found |= {f"{package}.{name}": macro.definition for name, macro in macros.items()}
    return found


def carries(node: Any, macro: str) -> Callable[[Any], bool]:
    """Whether another node carries a macro as this one does.

    Args:
        node: A node whose macro changed.
        macro: The macro's name.
    """
    entry = node.python_env.get(macro)
    definition = None if entry is not None else _definitions(node.jinja_macros).get(macro)

    def same(other: Any) -> bool:
        if entry is not None:
            found = getattr(other, "python_env", {}).get(macro)
            return found is not None and bool(found.payload == entry.payload)
        registry = getattr(other, "jinja_macros", None)
        return bool(
            definition is not None
            and registry is not None
            and _definitions(registry).get(macro) == definition
        )

    return same
