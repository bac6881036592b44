"""Takes the passwords of a project's connections out of what is written down."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import quote, quote_plus

from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem
from plan_tui.contract.events import (
    ApplyEnded,
    ApplyProgressed,
    ErrorReported,
    PlanningEnded,
    PlanWentStale,
)
from plan_tui.engine.output import hide_in_output

W = TypeVar("W", bound=Wire)
HIDDEN = "***"
SHORTEST = 4
"""Shorter values would hide parts of ordinary words."""
UNSET = "None"
"""What a config has of a variable that is not set: no secret, and worth to be read."""
LONG_LINE = 16
"""Shorter lines of a secret of several could be anything."""

_SECRET = re.compile(r"passw|passphrase|secret|token|private_key|api_?key|credential", re.I)
_IN_ADDRESS = re.compile(r"(?<=://)([^\s:/@\"']*):([^\s@/\"']+)@")
_ASSIGNED = re.compile(
    r"\b((?:password|passwd|pwd)[\"']?\s*[=:]\s*[\"']?)(?!Field required)[^\s\"',;&]+", re.I
)
_QUOTED = re.compile(
    r"(?<!expected )\b(\w*(?:password|passwd|pwd|secret|token)\s+)'(?:[^']|'')+'?", re.I
)
"""As SQL writes it: ``PASSWORD 'x'``; parsers name the token that they expected alike."""
_SUSPECT = re.compile(r"://|passw|pwd|secret|token", re.I)
_TEXTS = frozenset(
    {
        *("title", "message", "hint", "text", "warnings", "note", "notes", "steps_notes"),
        *("sql", "diff", "diff_rendered", "diffs", "raw", "rendered", "render_problem"),
        *("description", "details", "reason", "refusal", "before", "after", "why_changed"),
        *("environment_statements", "statements", "where", "unread", "rows"),
    }
)
"""Fields of the contract that hold text; by others things are told apart."""
_PROBLEM = '"hint":'
"""Stands in the document of what holds a problem."""
_QUOTING = (ErrorReported, PlanningEnded, PlanWentStale, ApplyProgressed, ApplyEnded)
"""What quotes a warehouse or a project; the rest can't show what nobody knows as a secret."""
_LARGE = 200_000
"""Characters of a document past which it is a plan, and not looked through for what it quotes."""


class Secrets:
    """The values that must not be written down."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._spelled: tuple[str, ...] = ()
        """The same as JSON spells them."""

    def learn(self, settings: Iterable[Mapping[str, object]]) -> None:
        """Takes the secret values of connections' settings, in place of those of before."""
        values = {value for each in settings for value in _secret_values(each, inside=False)}
        values |= {line for value in values for line in _lines(value)}
        found = {spelled for value in values for spelled in _spellings(value)}
        self._values = tuple(sorted(found, key=len, reverse=True))
        self._spelled = tuple(json.dumps(value, ensure_ascii=False)[1:-1] for value in self._values)

    def hide(self, text: str) -> str:
        """The text without them, and without what looks like a password."""
        text = self._without_values(text)
        text = _IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)
        text = _QUOTED.sub(rf"\1'{HIDDEN}'", text)
        return _ASSIGNED.sub(rf"\1{HIDDEN}", text)

    def _without_values(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, HIDDEN)
        return text

    def hide_in_problem(self, problem: Problem) -> Problem:
        """A problem with the same taken out of its sentences and its SQL."""
        texts = {"title": problem.title, "message": problem.message, "hint": problem.hint}
        hidden: dict[str, str | None] = {name: self.hide(text) for name, text in texts.items()}
        hidden["sql"] = None if problem.sql is None else self.hide(problem.sql)
        return problem.model_copy(update=hidden)

    def hide_in_record(self, document: str) -> str:
        """A document of the contract without them in its texts, and without what looks like one.

        Names and ids are left alone: by them what is recorded is found again.
        """
        if not _SUSPECT.search(document) and not any(map(document.__contains__, self._spelled)):
            return document
        shown = self._in_texts(json.loads(document), self.hide)
        return json.dumps(shown, ensure_ascii=False)

    def hide_in_texts(self, told: W) -> W:
        """The same without them in its texts; names and ids are left alone."""
        if not self._spelled and not isinstance(told, _QUOTING):
            return told
        document = told.model_dump_json()
        if not self._may_show(document):
            return told
        shown = json.dumps(
            self._in_texts(json.loads(document), self._without_values), ensure_ascii=False
        )
        return type(told).model_validate_json(shown)

    def _may_show(self, document: str) -> bool:
        if any(map(document.__contains__, self._spelled)):
            return True
        quotes = _PROBLEM in document and len(document) < _LARGE
        return quotes and _SUSPECT.search(document) is not None

    def _in_texts(
        self, content: object, hide: Callable[[str], str], *, is_text: bool = False
    ) -> object:
        if isinstance(content, str):
            return hide(content) if is_text else content
        if isinstance(content, list):
            return [self._in_texts(value, hide, is_text=is_text) for value in content]
        if not isinstance(content, dict):
            return content
        if {"code", "hint"} <= content.keys():
            return {
                key: self._hidden(value) if key in _TEXTS else value
                for key, value in content.items()
            }
        return {
            key: self._in_texts(value, hide, is_text=is_text or key in _TEXTS)
            for key, value in content.items()
        }

    def _hidden(self, content: object) -> object:
        if isinstance(content, str):
            return self.hide(content)
        if isinstance(content, dict):
            return {key: self._hidden(value) for key, value in content.items()}
        if isinstance(content, list):
            return [self._hidden(value) for value in content]
        return content


class HidingFormatter(logging.Formatter):
    """Writes log records as another formatter does, without the secrets in them."""

    def __init__(self, inner: logging.Formatter, secrets: Secrets) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return self._secrets.hide(self._inner.format(record))


def hide_in_log(secrets: Secrets) -> None:
    """Has the process write no secret to its log, by what it prints and in tracebacks neither."""
    hide_in_output(secrets.hide)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(HidingFormatter(handler.formatter or logging.Formatter(), secrets))


def _lines(value: str) -> Iterator[str]:
    """Those of a private key, which is often printed line by line."""
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= LONG_LINE and not line.startswith("-"))


def _spellings(value: str) -> tuple[str, ...]:
    """A value as it is, as addresses have it, and as Python quotes it."""
    return value, quote(value), quote(value, safe=""), quote_plus(value), repr(value)[1:-1]


def _secret_values(content: object, *, inside: bool) -> Iterator[str]:
    """Values under a key that names a secret, however deep."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _secret_values(value, inside=inside or bool(_SECRET.search(str(key))))
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _secret_values(value, inside=inside)
    elif inside and not isinstance(content, bool) and content is not None:
        text = str(content)
        if len(text) >= SHORTEST and text != UNSET:
            yield text
