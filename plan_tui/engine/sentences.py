"""An exception's own words."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def sentence_of(error: BaseException) -> str:
    """An exception's own words, without colours; its type where it has none."""
    return _ANSI.sub("", str(error)).strip() or type(error).__name__
