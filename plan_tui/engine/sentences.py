"""An exception's own words."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TOKEN = re.compile(r"<Token token_type: (?:TokenType\.)?(\w+), text: (.*?), line: .*?>", re.DOTALL)


def sentence_of(error: BaseException) -> str:
    """An exception's own words, without colours; its type where it has none."""
    return _ANSI.sub("", str(error)).strip() or type(error).__name__


def plain_tokens(text: str) -> str:
    """A parser's words with each token as it is written: ``'('``, or the end of the text."""
    return _TOKEN.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    kind, text = found.groups()
    return "the end of the text" if kind == "SENTINEL" else f"'{text}'"
