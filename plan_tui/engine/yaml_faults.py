"""Faults of the project's YAML files: SQLMesh reads these without remembering their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Spot = tuple[int | None, int | None]
LARGEST = 1_000_000
"""Bytes up to which a file is searched."""
ENDINGS = (".yaml", ".yml")
_FIELD = re.compile(r"Invalid field name present in the MODEL block: '([^']+)'")
_WORDS = (
    (re.compile(r"create_external_model\(\) missing .*'name'"),
     "An entry has no name: every external model needs one."),
    (re.compile(r"'\w+' object is not a mapping"),
     "It has to be a list of external models, each with its name and columns."),
    (re.compile(r"'\w+' object is not iterable"),
     "It has to be a list of external models, each with its name and columns."),
    (re.compile(r"'\w+' object has no attribute 'items'"),
     "It has to hold unit tests, each by its name."),
)  # fmt: skip
"""What Python says of YAML of another shape, and what it means."""


def shape_words(text: str) -> str:
    """What is wrong with the shape of a YAML file, or the text as it is.

    Args:
        text: What was raised, without the name of the file.
    """
    return next((words for said, words in _WORDS if said.match(text.strip())), text)


def yaml_spot(path: str, chain: Iterable[BaseException]) -> Spot:
    """Where in a YAML file an exception points to.

    Args:
        path: The file.
        chain: The exception and its causes.
    """
    causes = list(chain)
    for cause in causes:
        mark = getattr(cause, "problem_mark", None)
        if mark is not None:
            return mark.line + 1, mark.column + 1
    root, content = _read(path)
    if root is None:
        return None, None
    for frame in _frames(causes):
        entry = _entry(root, content, frame.f_locals)
        if entry is not None:
            return _start(_field(entry, causes) or entry)
    is_shape = any(shape_words(str(cause)) != str(cause) for cause in causes)
    return _start(root) if is_shape else (None, None)


def _read(path: str) -> tuple[Any, Any]:
    """The nodes of a file and what they stand for; none where it can't be read as it is."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")[:LARGEST]
        reader = YAML(typ="safe", pure=True)
        return reader.compose(text), reader.load(text)
    except (OSError, YAMLError, ValueError):
        return None, None


def _frames(causes: Iterable[BaseException]) -> Iterator[FrameType]:
    for cause in causes:
        trace = cause.__traceback__
        while trace is not None:
            yield trace.tb_frame
            trace = trace.tb_next


def _entry(root: Any, content: Any, names: dict[str, Any]) -> Any:
    """The node that SQLMesh was at: an entry of external models, or a unit test."""
    row, test = names.get("row"), names.get("test_name")
    if isinstance(content, list) and isinstance(row, dict) and row in content:
        return root.value[content.index(row)]
    if isinstance(content, dict) and isinstance(test, str) and test in content:
        return next(key for key, _ in root.value if key.value == test)
    return None


def _field(entry: Any, causes: Iterable[BaseException]) -> Any:
    """The key of an entry that a message names."""
    for cause in causes:
        said = _FIELD.search(str(cause))
        if said is not None and isinstance(entry.value, list):
            return next((key for key, _ in entry.value if key.value == said.group(1)), None)
    return None


def _start(node: Any) -> Spot:
    return node.start_mark.line + 1, node.start_mark.column + 1
