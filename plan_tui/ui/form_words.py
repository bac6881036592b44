"""Options in the words of the app: the form's field and its key first, the flag behind; pure."""

from __future__ import annotations

import re

from plan_tui.contract.options import OPTIONS

_LABELS = {option.flag: option.label for option in OPTIONS}
_NAMED = r"--allow-(?:destructive|additive)-model \S+?(?=[,.;]?(?:\s|$))"
"""An option with the name that follows it."""
_FLAG = re.compile(rf"(\()?({_NAMED}|--[a-z]+(?:-[a-z]+)*)(\))?")
_ALLOW = re.compile(rf"for this plan with ({_NAMED})")
_CHOOSE = re.compile(r"with (--category MODEL=BREAKING or MODEL=NON_BREAKING)")
SETUP = "the set-up"
KEY = "f1"


def in_the_app(text: str) -> str:
    """A text that names command line options, for somebody who has the form before them.

    The first field also says where the form is; what names its field already is left alone.
    """
    text = _ALLOW.sub(r"for this plan with A among the dangers (!; \1)", text)
    text = _CHOOSE.sub(r"with b or n in the review (\1)", text)
    told = False

    def named(found: re.Match[str]) -> str:
        nonlocal told
        opening, flag, closing = found.groups()
        label = _LABELS.get(flag.partition(" ")[0])
        if label is None or opening or _is_told(text, found.start()):
            return found.group()
        where = f"{flag}" if told else f"{KEY}, {SETUP}; {flag}"
        told = True
        return f"{label} ({where}){closing or ''}"

    return _FLAG.sub(named, text)


def in_the_form(text: str) -> str:
    """The same for somebody who is in the form."""

    def named(found: re.Match[str]) -> str:
        opening, flag, closing = found.groups()
        label = _LABELS.get(flag.partition(" ")[0])
        if label is None or opening:
            return found.group()
        return f"{label} ({flag}){closing or ''}"

    return _FLAG.sub(named, text)


def _is_told(text: str, at: int) -> bool:
    """Whether an option stands where its key is named, in the same parentheses."""
    opening = text.rfind("(", 0, at)
    return opening > text.rfind(")", 0, at)
