"""The names of the models that a file holds which can't be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp
from sqlmesh.core.model.definition import get_model_name

_BLOCK = re.compile(r"\bMODEL\s*\(", re.IGNORECASE)
_WRITTEN = r"\s*name\s+((?:[\w$@{}.`]|\"[^\"]*\")+)"
_NAME = re.compile(_WRITTEN, re.IGNORECASE)
_NAME_LATER = re.compile(f",{_WRITTEN}", re.IGNORECASE)
_DECORATOR = re.compile(r"@model\(\s*(?:name\s*=\s*)?([rf]?)([\"'])(.+?)\2")
_PART = re.compile(r"\"[^\"]*\"|`[^`]*`|[^.\"`]+")
_FILLED_IN = re.compile(r"@\{?\w+\}?|\{\w*\}")
_SKIPPED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class WrittenName:
    """A model's name as a file has it: a catalog may be missing, a blueprint fills parts in."""

    parts: tuple[str, ...]
    """Patterns in lower case, the model's own name last."""

    @classmethod
    def of(cls, text: str) -> WrittenName:
        """Reads a name such as ``shop.orders`` or ``@{customer}.orders``."""
        found = (part.strip("\"`' ").lower() for part in _PART.findall(text))
        return cls(tuple(part for part in found if part))

    def names(self, name: str) -> bool:
        """Whether a snapshot name is this one."""
        theirs = tuple(part.name.lower() for part in exp.to_table(name).parts)
        if not self.parts or len(self.parts) > len(theirs):
            return False
        pairs = zip(self.parts, theirs[-len(self.parts) :], strict=True)
        return all(_matches(ours, part) for ours, part in pairs)

    def __str__(self) -> str:
        return ".".join(self.parts)


def _matches(pattern: str, part: str) -> bool:
    fixed = (re.escape(piece) for piece in _FILLED_IN.split(pattern))
    return re.fullmatch(".+".join(fixed), part) is not None


@dataclass(frozen=True)
class WrittenNames:
    """All names that are found in a file."""

    names: tuple[WrittenName, ...]
    certain: bool
    """Whether each of its models has one."""


def written_names(path: Path, *, infer: bool) -> WrittenNames:
    """What a file calls its models, as far as it can be read.

    Args:
        path: The file.
        infer: Whether the project takes names from paths where a file has none.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = _of_python(text) if path.suffix == ".py" else _of_sql(text)
    if not found.names and infer and "models" in path.parts:
        return WrittenNames((WrittenName.of(get_model_name(path)),), certain=True)
    return found


def _of_python(text: str) -> WrittenNames:
    names = tuple(WrittenName.of(match.group(3)) for match in _DECORATOR.finditer(text))
    return WrittenNames(names, certain=bool(names))


def _of_sql(text: str) -> WrittenNames:
    bare = _SKIPPED.sub(" ", text)
    blocks = _BLOCK.split(bare)[1:]
    found = [_NAME.match(block) or _NAME_LATER.search(block) for block in blocks]
    names = tuple(WrittenName.of(match.group(1)) for match in found if match)
    return WrittenNames(names, certain=bool(names) and all(found))
