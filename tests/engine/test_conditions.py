"""What a client sends as a condition never reaches a warehouse as it was sent."""

from __future__ import annotations

import pytest

from plan_tui.engine.impact.condition import ConditionError, read_condition


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("id < 8", "id < 8"),
        ("ds >= '2024-01-01' and b in (1, 2)", "ds >= '2024-01-01' AND b IN (1, 2)"),
        ("x is not null or not (a like 'x%')", "NOT x IS NULL OR NOT (a LIKE 'x%')"),
        (
            "ds::date between current_date - interval 7 day and current_date",
            "CAST(ds AS DATE) BETWEEN CURRENT_DATE - INTERVAL '7' DAY AND CURRENT_DATE",
        ),
        ("id < 8 /* said */ -- more", "id < 8"),
    ],
)
def test_a_condition_is_written_anew(text: str, run: str) -> None:
    assert read_condition(text, "duckdb").sql("duckdb") == run


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "snowflake", "bigquery", "spark"])
@pytest.mark.parametrize(
    "text",
    [
        "1 = 1; DROP TABLE t",
        "1 = 1 UNION SELECT 1",
        "1 = 1 ORDER BY 1",
        "1 = 1) OR (1 = 1",
        "id IN (SELECT id FROM other)",
        "EXISTS (SELECT 1)",
        "(SELECT 1) = 1",
        "read_text('/etc/passwd') = ''",
        "pg_sleep(10) IS NULL",
        "nextval('s') = 1",
        "schema.function(1) = 1",
    ],
)
def test_what_is_no_comparison_is_refused(text: str, dialect: str) -> None:
    with pytest.raises(ConditionError):
        read_condition(text, dialect)
