"""Which rows a filter's text matches; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plan_tui.ui.widgets.change_facets import Facets, Side, fits, parsed
from plan_tui.ui.widgets.change_rows import ChangeRow


def matching(
    rows: Mapping[str, ChangeRow],
    query: str,
    facets: Facets | None = None,
    side: Side = Side.ALL,
) -> list[str] | None:
    """The keys of rows that match, or None where nothing is asked for.

    Each word has to be a part of the name, in any order and case. Where no name has them, the
    letters have to occur in it one after another: ``ordtot`` finds ``orders_total``. Words such
    as ``tag:finance`` ask for what else is known of a change.

    Args:
        rows: All rows, by key.
        query: What was typed.
        facets: What is known of the changes.
        side: Whose changes are shown.
    """
    asked, known = parsed(query), facets or Facets()
    if asked.problem:
        return []
    if not asked.words and not asked.facets and side is Side.ALL:
        return None
    left = {
        key: row for key, row in rows.items() if known.is_on(side, row) and fits(asked, row, known)
    }
    return _named(left, asked.words)


def _named(rows: Mapping[str, ChangeRow], words: tuple[str, ...]) -> list[str]:
    names = {key: row.name.lower() for key, row in rows.items()}
    found = [key for key, name in names.items() if all(word in name for word in words)]
    if found or not words:
        return found
    scattered = re.compile(".*?".join(re.escape(letter) for letter in "".join(words)))
    return [key for key, name in names.items() if scattered.search(name)]
