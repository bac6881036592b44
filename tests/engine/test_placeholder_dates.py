"""A query that is rendered without an interval has placeholders for dates, and that is said."""

from __future__ import annotations

import pytest
from sqlmesh.core.dialect import parse
from sqlmesh.core.model import load_sql_based_model

from plan_tui.engine.placeholder_dates import NOTE, PLACEHOLDER, placeholder_note

HEAD = "MODEL (name db.m, kind INCREMENTAL_BY_TIME_RANGE (time_column ds), dialect duckdb);\n"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("SELECT 1 AS id FROM t WHERE ds BETWEEN @start_ds AND @end_ds", NOTE),
        ("SELECT 1 AS id FROM t WHERE at < @execution_epoch", NOTE),
        ("JINJA_QUERY_BEGIN; SELECT '{{ start_ds }}' AS id; JINJA_END;", NOTE),
        ("SELECT 1 AS id FROM t WHERE ds > '1970-01-01'", ""),
        ("SELECT start_date AS id FROM t", ""),
        ("SELECT 1 AS id", ""),
    ],
)
def test_it_is_said_where_the_query_has_dates_of_its_interval(query: str, note: str) -> None:
    model = load_sql_based_model(parse(HEAD + query))
    rendered = model.render_query_or_raise().sql("duckdb")
    assert placeholder_note(model, rendered) == note
    assert not note or PLACEHOLDER in rendered or "< 0" in rendered


def test_what_is_not_rendered_has_no_note() -> None:
    model = load_sql_based_model(parse(HEAD + "SELECT @start_ds AS id"))
    assert placeholder_note(model, "") == ""
