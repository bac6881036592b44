"""SQLMesh's rules for the names of environments."""

from __future__ import annotations

import re

_REPLACED = re.compile(r"\W")


def sanitize(name: str) -> str:
    """The name that SQLMesh makes of one: lower case, anything but letters and digits as ``_``.

    The rule is ``EnvironmentNamingInfo.sanitize_name`` of SQLMesh.
    """
    return _REPLACED.sub("_", name).lower()


def renamed(name: str | None) -> str | None:
    """Says which environment a name leads to, where SQLMesh does not take it as it is."""
    if not name or name == sanitize(name):
        return None
    return (
        f"SQLMesh names this environment {sanitize(name)}, not {name}: "
        "it takes lower-case letters, digits and underscores."
    )


def name_problem(name: str) -> str | None:
    """Says in words what is wrong with a name as typed, or None when it is taken as it is."""
    if not name:
        return "Type a name: letters, digits and underscores."
    if name != sanitize(name):
        return f"SQLMesh would call it {sanitize(name)}: lower-case letters, digits, underscores."
    return None
