"""The one sentence of an exception that tells what is wrong with a model."""

from __future__ import annotations

import re

from sqlglot.errors import ParseError, TokenError

from plan_tui.engine.placing import causes
from plan_tui.engine.problems import reason_of, sentence_of
from plan_tui.engine.sentences import plain_tokens

_SENTENCES = (
    re.compile(r"^ *(Macro (?:variable )?'.*)$", re.MULTILINE),
    re.compile(r"^ *(Undefined macro/variable: .*)$", re.MULTILINE),
    re.compile(r"^ *(An error occurred during evaluation of .*)$", re.MULTILINE),
)
_PLACE = re.compile(r"\s+at '[^']*'\s*$|\s*\([^()]*, line \d+\)$")
LONGEST = 300


def summary(error: BaseException) -> str:
    """What is wrong, in one line."""
    for cause in causes(error):
        if isinstance(cause, ParseError) and cause.errors:
            found = str(cause.errors[0].get("description") or "").strip()
            if found:
                return _short(plain_tokens(found))
        if isinstance(cause, TokenError) and cause.__context__ is not None:
            return _short(sentence_of(cause.__context__))
    text = _PLACE.sub("", reason_of(sentence_of(error)))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for pattern in _SENTENCES:
        said = pattern.search(text)
        if said is None:
            continue
        last = lines[-1] if "evaluation of" in said.group(1) else ""
        return _short(f"{said.group(1).strip()}{f': {last}' if last else ''}")
    if lines and lines[0].startswith("Could not render jinja"):
        return _short(" ".join(lines[1:]) or lines[0])
    return _short(lines[0] if lines else type(error).__name__)


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return f"{one_line[:LONGEST]}…" if len(one_line) > LONGEST else one_line
