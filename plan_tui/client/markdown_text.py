"""Text from projects as Markdown that says the same and does nothing; pure.

What a pull request's page would obey (HTML, links, mentions, references, emphasis) stands in
code spans, in which it obeys nothing.
"""

from __future__ import annotations

import html
import re

from plan_tui.contract.text import clean

LONGEST_NAME = 300
"""Characters of a name; a longer one is cut."""
LONGEST_SENTENCE = 1_500
_RUN = re.compile("`+")
_EDGES = re.compile(r"(\(?)(.+?)([.,;:)]*)", re.DOTALL)
"""What stands around a word of a sentence, and the word."""
_PLAIN_WORD = re.compile(r"[\w.,;:'()%/→+-]*", re.ASCII)
_RISKY_WORD = re.compile(
    r"_|://|\bwww\.|\bGH-|:.*:|\b[0-9a-f]{7,40}\b|^[-+]+$|^\d+[.)]$|^:", re.IGNORECASE
)
"""Words of harmless letters that Markdown, or what shows it, reads as more than words."""


def code(text: str, longest: int = LONGEST_NAME) -> str:
    """A text of one line in a code span."""
    return _span(_cut(clean(text), longest))


def prose(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """A sentence: its plain words as they are, what is more than words in code spans.

    It must not begin a line: some plain text before it keeps it from being read as a list.
    """
    parts: list[str] = []
    marked: list[str] = []

    def close(before: str = "", after: str = "") -> None:
        if marked:
            parts.append(f"{before}{_span(' '.join(marked))}{after}")
            marked.clear()

    for word in _cut(clean(text), longest).split():
        if _is_plain(word):
            close()
            parts.append(word)
            continue
        opening, core, ending = _EDGES.fullmatch(word).groups()  # type: ignore[union-attr]
        if opening:
            close()
        marked.append(core)
        if opening or ending:
            close(opening, ending)
    close()
    return " ".join(parts)


def fenced(text: str, language: str = "") -> str:
    """A text of several lines as a block of code."""
    content = clean(text, keep_newlines=True).strip("\n")
    longest = max((len(run) for run in _RUN.findall(content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{content}\n{fence}\n"


def html_code(text: str, longest: int = LONGEST_NAME) -> str:
    """A text of one line as code inside HTML, where Markdown is not read."""
    return f"<code>{html.escape(_cut(clean(text), longest))}</code>"


def _is_plain(word: str) -> bool:
    return _PLAIN_WORD.fullmatch(word) is not None and _RISKY_WORD.search(word) is None


def _span(text: str) -> str:
    content = text.strip() or "(empty)"
    lengths = {len(run) for run in _RUN.findall(content)}
    fence = "`" * next(n for n in range(1, len(lengths) + 2) if n not in lengths)
    edge = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{fence}{edge}{content}{edge}{fence}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
