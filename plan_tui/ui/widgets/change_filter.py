"""Which rows a filter's text matches; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plan_tui.ui.widgets.change_rows import ChangeRow


def matching(rows: Mapping[str, ChangeRow], query: str) -> list[str] | None:
    """The keys of rows that match, or None where nothing is asked for.

    Each word has to be a part of the name, in any order and case. Where no name has them, the
    letters have to occur in it one after another: ``ordtot`` finds ``orders_total``.
    """
    words = query.lower().split()
    if not words:
        return None
    names = {key: row.name.lower() for key, row in rows.items()}
    found = [key for key, name in names.items() if all(word in name for word in words)]
    if found:
        return found
    scattered = re.compile(".*?".join(re.escape(letter) for letter in "".join(words)))
    return [key for key, name in names.items() if scattered.search(name)]
