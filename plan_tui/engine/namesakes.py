"""Faults between models, that no single file is to blame for: where each of them is defined."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plan_tui.engine.placing import Place
from plan_tui.engine.yaml_faults import ENDINGS

_TWICE = (
    re.compile(r"Duplicate key '(?P<name>.+?)' found in UniqueKeyDict<(?P<what>\w+)>"),
    re.compile(r"Duplicate (?:SQL |Python |external |seed )?(?P<what>model) name: '(?P<name>.+?)'"),
)
_CIRCLE = re.compile(r"Detected a cycle\b.*?Cycle:\s*(?P<names>.+)", re.DOTALL)
_ENDINGS = (".sql", ".py", *ENDINGS)
_SKIPPED = {".git", ".cache", ".venv", "venv", "node_modules", "__pycache__"}
LARGEST = 1_000_000
"""Bytes up to which a file is searched."""
MOST = 6
"""Models of a circle whose files are looked for."""


@dataclass(frozen=True)
class Between:
    """A fault that is between models."""

    words: str
    hint: str
    places: tuple[Place, ...]
    """Where what it is about is defined, as far as that was found."""


def between_models(text: str, roots: tuple[str, ...]) -> Between | None:
    """What an error of loading says of several models; None where it is about something else.

    Args:
        text: SQLMesh's words.
        roots: The project's directories.
    """
    for pattern in _TWICE:
        found = pattern.search(text)
        if found is not None:
            return _twice(found["name"], found["what"], roots)
    circle = _CIRCLE.search(text)
    return None if circle is None else _circle(circle["names"], roots)


def _twice(name: str, what: str, roots: tuple[str, ...]) -> Between:
    shown, kind = name.replace('"', ""), what if what.endswith("s") else f"{what}s"
    places = tuple(_defined(shown, roots))
    words = f"Two of its {kind} have the same name: {shown}.{_where(places)}"
    return Between(words, "Give one of them another name, and try again.", places)


def _circle(names: str, roots: tuple[str, ...]) -> Between:
    listed = [each.strip().replace('"', "") for each in names.split("->") if each.strip()]
    places = [place for name in dict.fromkeys(listed[:MOST]) for place in _defined(name, roots)]
    words = f"Its models read each other in a circle: {' → '.join(listed)}.{_where(places)}"
    return Between(words, "Have one of them not read the other, and try again.", tuple(places))


def _where(places: tuple[Place, ...] | list[Place]) -> str:
    listed = [f"{each.path}, line {each.line}" for each in places]
    return f" See {'; '.join(listed)}." if listed else ""


def _defined(name: str, roots: tuple[str, ...]) -> Iterator[Place]:
    """Where something of this name is defined; its catalog need not be written."""
    parts = [re.escape(part) for part in name.split(".")]
    quoted = [rf"[\"'`]?{part}[\"'`]?" for part in parts]
    catalog = rf"(?:{quoted[0]}\.)?" if len(quoted) == 3 else ""
    written = catalog + r"\.".join(quoted[-2:] if catalog else quoted)
    in_sql = re.compile(rf"\bname\s+{written}\s*[,;)\n]", re.IGNORECASE)
    in_python = re.compile(rf"(?:@model\(\s*|\bname\s*=\s*)[\"']{written}", re.IGNORECASE)
    in_yaml = re.compile(rf"^[ -]*\bname\s*:\s*[\"']?{written}[\"']?\s*$", re.IGNORECASE | re.M)
    for root in roots:
        for path in _files(root):
            text = _text(path)
            if path.endswith(ENDINGS):
                found = list(in_yaml.finditer(text))
            else:
                found = list((in_python if path.endswith(".py") else in_sql).finditer(text))[:1]
            for each in found:
                line = text.count("\n", 0, each.start()) + 1
                yield Place(str(Path(path).relative_to(root)), line)


def _files(root: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        for each in sorted(files):
            if each.endswith(_ENDINGS):
                yield os.path.join(folder, each)


def _text(path: str) -> str:
    try:
        if os.path.getsize(path) > LARGEST:
            return ""
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
