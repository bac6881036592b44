"""Why a selector can't be read, in words: it does not parse, or git can't answer it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType
from sqlmesh.core.selector import SelectorDialect

from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.engine.sentences import sentence_of

_AT = re.compile(r"^(?P<what>.*) at index (?P<index>\d+): \(")
_GIT = re.compile(r"^Git error:\s*(?:fatal:\s*)?", re.IGNORECASE)
_WRITE = (
    "Write a model, a pattern (shop.*), tag:NAME or git:BRANCH, with + for what is up- or "
    "downstream, ^ for all others, and | or & between two, in parentheses where there are more."
)


def unreadable_selector(written: str, error: Exception) -> Problem:
    """The problem of an expression that SQLMesh raised an error for."""
    text = sentence_of(error)
    if _GIT.match(text) or isinstance(error, FileNotFoundError):
        return _of_git(written, _GIT.sub("", text), isinstance(error, FileNotFoundError))
    if isinstance(error, SqlglotError):
        return _problem(written, _where(written, text), _WRITE)
    return _problem(written, f"SQLMesh says: {text}", _WRITE)


def unopened(written: str) -> Problem | None:
    """The problem of a parenthesis that closes none: SQLMesh ignores all that follows it."""
    depth = 0
    for token in _tokens(written):
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth < 0:
            at = _after(written, token.start)
            return _problem(written, f"A parenthesis closes {at} that was not opened.", _WRITE)
    return None


def _problem(written: str, message: str, hint: str) -> Problem:
    return Problem(
        code=ProblemCode.BAD_REQUEST,
        title=f"The selector {written} can't be read.",
        message=message,
        hint=hint,
    )


def _where(written: str, text: str) -> str:
    """What SQLMesh expected and where; it counts tokens of the selector in parentheses."""
    found = _AT.match(text)
    if found is None:
        return f"SQLMesh says: {text}"
    tokens = _tokens(f"({written})")
    index = int(found["index"])
    # The first parenthesis and the last are SQLMesh's own.
    start = tokens[index].start - 1 if index < len(tokens) - 1 else len(written)
    what = "a model's name" if "model name" in found["what"] else "an operator or its end"
    return f"SQLMesh expects {what} {_after(written, start)}."


def _after(written: str, start: int) -> str:
    before = written[:start].strip()
    return f"after {before}" if before else "where it begins"


def _tokens(text: str) -> list[Any]:
    tokenize: Callable[[str], list[Any]] = SelectorDialect().tokenize
    try:
        return tokenize(text)
    except SqlglotError:
        return []


def _of_git(written: str, said: str, is_missing: bool) -> Problem:
    if is_missing:
        message, hint = "Git is not installed where the engine runs.", "Install it, or name models."
    elif "not a git repository" in said:
        message = "The project is not in a git repository."
        hint = "Name models, patterns or tags instead, or put the project into a repository."
    elif "unknown revision" in said or "bad revision" in said or "ambiguous argument" in said:
        message = f"Git knows no such branch, tag or commit: {said}"
        hint = "Name one that `git branch --all` lists."
    else:
        message, hint = f"Git says: {said}", "Correct that, or name models instead."
    return Problem(
        code=ProblemCode.BAD_REQUEST,
        title=f"Git can't say what {written} selects.",
        message=message,
        hint=hint,
    )
