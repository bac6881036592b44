"""Finds the project file and the line that an exception comes from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from jinja2 import TemplateSyntaxError

from plan_tui.engine.spots import spot_of, tells_other_lines

# A web address, as errors of pydantic end with, is no path.
_PATH = re.compile(
    r"(?<![/\w])['\"]?((?:/(?!/)|[A-Za-z]:\\)[^'\"\n:]+\.(?:sql|py|ya?ml|csv))\b['\"]?(?::(\d+))?"
)
# sqlglot prints its tokens with a "line: 1" of their own, so a colon is no line's number.
_LINE = re.compile(r"\bline (\d+)", re.IGNORECASE)
_LOCALS = ("path", "file_path", "filename", "source")
"""Variables in which SQLMesh's loaders hold the file that they read."""

_Place = tuple[str | None, int | None]


@dataclass(frozen=True)
class Place:
    """A file, relative to the project where it is inside, with line and column where known."""

    path: str | None = None
    line: int | None = None
    column: int | None = None


def causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was raised from, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def place_of(error: BaseException, roots: tuple[str, ...], read: str | Path | None = None) -> Place:
    """Where an exception comes from, as exactly as it can be told.

    Args:
        error: What was raised while a project was loaded or rendered.
        roots: The project's directories.
        read: The file that was being read, where that is known.
    """
    path, line = (str(read), None) if read else _told(error)
    if path is None:
        path, line = _executed(error, roots)
    if path is None:
        path, line = _read(error, roots), _line(error)
    if path is None:
        return Place(line=line)
    exact, column = spot_of(path, causes(error))
    if exact is None and line is None:
        line = _executed(error, (path,))[1] or _line(error)
    return Place(relative(path, roots), exact or line, column)


def _told(error: BaseException) -> _Place:
    """What the exceptions themselves say."""
    for cause in causes(error):
        location = getattr(cause, "location", None)
        found = _PATH.search(f"{location}" if location else "") or _PATH.search(str(cause))
        if found is not None:
            return found.group(1), int(found.group(2)) if found.group(2) else _line(error)
        if isinstance(cause, SyntaxError) and cause.filename:
            return cause.filename, cause.lineno
    return None, None


def _line(error: BaseException) -> int | None:
    if tells_other_lines(causes(error)):
        return None
    for cause in causes(error):
        if isinstance(cause, SyntaxError | TemplateSyntaxError) and cause.lineno:
            return cause.lineno
        found = _LINE.search(str(cause))
        if found:
            return int(found.group(1))
    return None


def _executed(error: BaseException, roots: tuple[str, ...]) -> _Place:
    """The last line of the project's own Python that ran."""
    for cause in causes(error):
        for trace in _innermost_first(cause):
            name = trace.tb_frame.f_code.co_filename
            if _inside(name, roots):
                return name, trace.tb_lineno
    return None, None


def _read(error: BaseException, roots: tuple[str, ...]) -> str | None:
    """The file that SQLMesh was reading: parsers of YAML and of audits do not know its name."""
    for cause in causes(error):
        for trace in _innermost_first(cause):
            for name in _LOCALS:
                value = trace.tb_frame.f_locals.get(name)
                if isinstance(value, str | Path) and _inside(str(value), roots):
                    return str(value)
    return None


def _innermost_first(error: BaseException) -> list[TracebackType]:
    traces = []
    trace = error.__traceback__
    while trace is not None:
        traces.append(trace)
        trace = trace.tb_next
    return traces[::-1]


def _inside(name: str, roots: tuple[str, ...]) -> bool:
    if "\n" in name or "site-packages" in name:
        return False
    return any(name == root or name.startswith(f"{root}{os.sep}") for root in roots) and (
        os.path.isfile(name)
    )


def relative(path: str, roots: tuple[str, ...]) -> str:
    """A path as the project has it that it lies in; the path itself where it lies in none."""
    for root in roots:
        try:
            return str(Path(path).relative_to(root))
        except ValueError:
            continue
    return path
