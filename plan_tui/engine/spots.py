"""The line and column of a model's own text that an exception is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from plan_tui.engine.yaml_faults import ENDINGS, yaml_spot

Spot = tuple[int | None, int | None]
"""Line and column, counted from 1; None where it is not known."""

NOWHERE: Spot = (None, None)
LARGEST = 1_000_000
"""Characters up to which a text is searched."""
_TOKEN = re.compile(r"Missing .+ from (\d+):\d+")
_SAID = re.compile(r"\bLine (\d+), Col: (\d+)")
_NAMED = (
    (re.compile(r"Macro '(\w+)' does not exist"), r"@\s*{name}\b"),
    (re.compile(r"Macro variable '(\w+)' is undefined"), r"@(?:VAR\s*\(\s*')?\{{?\s*{name}\b"),
    (re.compile(r"An error occurred during evaluation of '(\w+)'"), r"@\s*{name}\b"),
    (re.compile(r"Undefined macro/variable: '(\w+)'"), r"\{{[{{%](?:(?![%}}]\}}).)*?\b{name}\b"),
    (re.compile(r"Audit '(\w+)' is undefined"), r"\b{name}\b"),
    (re.compile(r"Model kind specified as '(\w+)'"), r"\b{name}\b"),
    (re.compile(r"No such file or directory: '(?:.*/)?([^/']+)'"), r"\b{name}\b"),
    (re.compile(r"(?:partitioned_by|clustered_by) keys \['(\w+)'"), r"\b{name}\b"),
    (re.compile(r"Missing required fields .* in the (audit|model) definition"), r"\b{name}\b"),
    (re.compile(r"Invalid field name present in the MODEL block: '(\w+)'"), r"\b{name}\b"),
)
"""What messages name, and how it is written in a model's text."""
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*|\{#.*?#\}", re.DOTALL)
_TEMPLATE = re.compile(r"\bJINJA_QUERY_BEGIN\b\s*;\s*", re.IGNORECASE)
_RENDERED = "Could not parse the rendered jinja"
_MADE = (_RENDERED, "Failed to resolve macros", "An error occurred during evaluation of")
"""Messages with lines of what templates and macros have made, or of a macro's own file."""


def spot_of(path: str, chain: Iterable[BaseException]) -> Spot:
    """Where in a file an exception points to, as exactly as it can be told.

    Args:
        path: The file.
        chain: The exception and its causes.
    """
    causes = list(chain)
    for cause in causes:
        if isinstance(cause, SyntaxError) and cause.filename == path:
            return cause.lineno, cause.offset
    if path.endswith(ENDINGS):
        return yaml_spot(path, causes)
    if not path.endswith(".sql"):
        return NOWHERE
    text = _text(path)
    if any(_RENDERED in str(cause) for cause in causes):
        # Its lines are those of what the template has made: they stand in no file.
        return _start_of_template(text)
    for found in _spots(text, causes):
        if found != NOWHERE:
            return found
    return NOWHERE


def tells_other_lines(chain: Iterable[BaseException]) -> bool:
    """Whether the lines that messages tell are not those of the model's text."""
    return any(words in str(cause) for cause in chain for words in _MADE)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")[:LARGEST]
    except OSError:
        return ""


def _spots(text: str, causes: list[BaseException]) -> Iterator[Spot]:
    if not tells_other_lines(causes):
        if any(_is(cause, "ParseError") for cause in causes):
            yield from (_parsed(cause) for cause in causes)
        yield from (_tokenized(cause) for cause in causes)
    yield from (_in_template(text, cause) for cause in causes)
    for cause in causes:
        yield _named(text, str(cause))


def _is(error: BaseException, name: str) -> bool:
    """Whether it is of a class: sqlglot and Jinja are not imported to tell that all is well."""
    return any(each.__name__ == name for each in type(error).__mro__)


def _parsed(error: BaseException) -> Spot:
    """Where sqlglot's parser stood, in SQLMesh's own words: the column where the token ends."""
    found = _SAID.search(str(error))
    return (int(found.group(1)), int(found.group(2))) if found else NOWHERE


def _tokenized(error: BaseException) -> Spot:
    found = _TOKEN.search(str(error))
    return (int(found.group(1)), None) if found else NOWHERE


def _in_template(text: str, error: BaseException) -> Spot:
    """The line of a Jinja query; Jinja counts from where the query starts."""
    told = getattr(error, "lineno", None) if _is(error, "TemplateSyntaxError") else None
    line = told or _executed(error)
    first, _ = _start_of_template(text)
    return (first + line - 1, None) if line and first else NOWHERE


def _executed(error: BaseException) -> int | None:
    """The last line of a template that was at work."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _start_of_template(text: str) -> Spot:
    found = _TEMPLATE.search(text)
    return (text.count("\n", 0, found.end()) + 1, None) if found else NOWHERE


def _named(text: str, message: str) -> Spot:
    for words, pattern in _NAMED:
        said = words.search(message)
        if said is None:
            continue
        name = re.escape(said.group(1))
        bare = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
        found = re.search(pattern.format(name=name), bare, re.IGNORECASE | re.DOTALL)
        if found is not None:
            at = found.start() if pattern.startswith("@") else found.end() - len(said.group(1))
            return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return NOWHERE
