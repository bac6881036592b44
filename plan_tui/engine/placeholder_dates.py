"""Says where a rendered query has placeholders for dates: no batch runs with them."""

from __future__ import annotations

import re
from typing import Any

from sqlmesh.core import dialect as d

PLACEHOLDER = "1970-01-01"
"""What SQLMesh renders dates as where no interval is given."""
NOTE = (
    f"Its dates are placeholders ({PLACEHOLDER}): each batch gets its own interval. "
    "The steps of the plan have the SQL with the intervals filled in."
)
_DATES = r"(?:start|end|execution|latest)_(?:date|ds|ts|tstz|dt|dtntz|epoch|millis|hour)\b"
_IN_SQL = re.compile(rf"@\{{?{_DATES}", re.IGNORECASE)
_IN_JINJA = re.compile(rf"\{{[{{%].*?\b{_DATES}", re.IGNORECASE | re.DOTALL)


def placeholder_note(model: Any, rendered: str) -> str:
    """What is to be said of the dates in a model's rendered query; nothing where it has none.

    Args:
        model: The SQLMesh model.
        rendered: Its query as it was rendered without an interval.
    """
    if not rendered or not model.is_sql:
        return ""
    written = model.query.sql(dialect=model.dialect)
    appears = PLACEHOLDER in rendered and PLACEHOLDER not in written
    named = _IN_JINJA if isinstance(model.query, d.JinjaQuery) else _IN_SQL
    return NOTE if appears or named.search(written) else ""
