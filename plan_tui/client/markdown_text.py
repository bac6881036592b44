"""Text from projects as Markdown that says the same and does nothing; pure.

What a pull request's page would obey (HTML, links, mentions, references, emphasis) stands in
code spans, in which it obeys nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from plan_tui.contract.text import clean

LONGEST_NAME = 300
"""Characters of a name; a longer one is cut."""
LONGEST_SENTENCE = 1_500
_RUN = re.compile("`+")
_EDGES = re.compile(r"(\(?)([A-Z][A-Z_]+\([^()]*\)|.+?)([.,;:)]*)", re.DOTALL)
"""What stands around a word of a sentence, and the word."""
_WORD = re.compile(r"[A-Z][A-Z_]+\([^()]{0,99}\)\S*|'[^']{0,99}'(?!\w)\S*|\S+")
"""A word; the call of a function and a text in SQL are one."""
_CODE_WORD = re.compile(r"[A-Za-z]\w+(\.[A-Za-z]\w+)+|'[^']*'|[A-Z][A-Z_]+\(.*\)|--[a-z][a-z-]+")
"""Names of models and files, texts in SQL, calls of functions, options of a command."""
_OPERATOR = re.compile(r"[=<>!|*+-]+")
_KEYWORD = re.compile(r"[A-Z]{2,}")
_STATEMENTS = frozenset(
    ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "MERGE", "SELECT", "TRUNCATE", "UPDATE")
)
"""What statements begin with."""
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

    before = ""

    def close(after: str = "") -> None:
        if marked:
            parts.append(f"{before}{_span(' '.join(marked))}{after}")
            marked.clear()

    words = _WORD.findall(" ".join(_cut(clean(text), longest).split()))
    for word, is_code in zip(words, marked_words(words), strict=True):
        if not is_code:
            close()
            parts.append(word)
            continue
        opening, core, ending = _edges(word)
        if opening:
            close()
        if not marked:
            before = opening
        marked.append(core)
        if ending:
            close(ending)
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


def marked_words(words: Sequence[str]) -> list[bool]:
    """Which words of a sentence stand in code: those that are more than words, names, and SQL.

    What belongs together stays together: both sides of an operator, a statement to its end.
    """
    cores = [_edges(word) for word in words]
    marked = [
        not _is_plain(word) or _CODE_WORD.fullmatch(core) is not None
        for word, (_, core, _) in zip(words, cores, strict=True)
    ]
    for at, (_, core, _) in enumerate(cores):
        if marked[at] and _OPERATOR.fullmatch(core):
            for beside in (at - 1, at + 1):
                if 0 <= beside < len(words):
                    marked[beside] = True
    in_statement = False
    for at, (opening, core, ending) in enumerate(cores):
        if core in _STATEMENTS:
            in_statement = True
        elif opening or not (marked[at] or _KEYWORD.fullmatch(core) or _follows(cores, at)):
            in_statement = False
        marked[at] = marked[at] or in_statement
        in_statement = in_statement and not ending
    return marked


def _follows(cores: Sequence[tuple[str, str, str]], at: int) -> bool:
    """Whether a word is the name behind a keyword."""
    return at > 0 and _KEYWORD.fullmatch(cores[at - 1][1]) is not None


def _edges(word: str) -> tuple[str, str, str]:
    """What stands before a word, the word, and what stands after it."""
    found = _EDGES.fullmatch(word)
    return ("", word, "") if found is None else (found[1], found[2], found[3])


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
