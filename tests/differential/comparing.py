"""The difference between the document that was expected and the one that was printed."""

from __future__ import annotations

import difflib
import json
import typing as t
from collections import Counter

from .oracle import UNSAID, Document

KEYS = ("name", "rule")
"""What the entries of a list of objects are told apart by."""


def difference(expected: Document, printed: Document) -> str:
    """A text diff of the two, empty when the printed document says all that is expected."""
    wanted = _comparable(expected)
    shown = _comparable(_restricted(printed, expected))
    lines = difflib.unified_diff(
        _lines(wanted), _lines(shown), "SQLMesh", "plan --json", lineterm="", n=8
    )
    return "\n".join(lines)


def _lines(value: t.Any) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True).splitlines()


def _comparable(value: t.Any) -> t.Any:
    """Names the entries of a list, as their order says nothing."""
    match value:
        case dict():
            return {key: _comparable(entry) for key, entry in value.items()}
        case [{}, *_]:
            return _by_label(value)
        case [str(), *_]:
            return sorted(value)
        case _:
            return value


def _by_label(entries: list[Document]) -> Document:
    """Entries by their names, a name that comes twice counted, so that no entry is lost."""
    seen: Counter[str] = Counter()
    labelled: Document = {}
    for entry in entries:
        label = _label(entry)
        seen[label] += 1
        labelled[label if seen[label] == 1 else f"{label} #{seen[label]}"] = _comparable(entry)
    return labelled


def _label(entry: Document) -> str:
    return " ".join(str(entry[key]) for key in (*KEYS, "model") if key in entry)


def _restricted(printed: t.Any, expected: t.Any) -> t.Any:
    """The part of the printed document that SQLMesh says something about."""
    if isinstance(expected, str) and expected == UNSAID:
        return UNSAID
    if isinstance(expected, dict) and isinstance(printed, dict):
        return {
            key: _restricted(printed[key], wanted) if key in printed else "(missing)"
            for key, wanted in expected.items()
        } | _additions(printed, expected)
    if isinstance(expected, list) and isinstance(printed, list):
        wanted_by_label = {_label(e): e for e in expected if isinstance(e, dict)}
        return [
            _restricted(entry, wanted_by_label.get(_label(entry), entry))
            if isinstance(entry, dict)
            else entry
            for entry in printed
        ]
    return printed


def _additions(printed: Document, expected: Document) -> Document:
    """Of a mapping by names, what nobody expects; of an object, nothing."""
    if not all(key.startswith('"') for key in printed):
        return {}
    return {key: value for key, value in printed.items() if key not in expected}


def missing_warnings(expected: t.Iterable[str], printed: t.Iterable[str]) -> list[str]:
    """The warnings of SQLMesh that are not told, whatever their line breaks."""
    told = " ".join(" ".join(printed).split())
    return [warning for warning in expected if " ".join(warning.split()) not in told]
