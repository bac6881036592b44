"""The projects that the scenarios start from: a shop with every kind of model, and random ones."""

from __future__ import annotations

from dataclasses import replace

from .spec import Kind, Model, Project

PLANNED_AT = "2024-01-15"
"""The moment that stands for now while the projects are deployed and planned."""

STORES = Model(
    "raw.stores",
    Kind.SEED,
    {"id": "INT", "name": "TEXT", "updated_at": "TEXT"},
    rows=(
        "id,name,updated_at",
        "1,north,2024-01-01 00:00:00",
        "2,south,2024-01-02 00:00:00",
    ),
)
PAYMENTS = Model("ext.payments", Kind.EXTERNAL, {"id": "INT", "amount": "INT"})
EVENTS = Model(
    "shop.events",
    Kind.TIME_RANGE,
    {"id": "i::INT", "ds": "d::DATE", "amount": "(i * 10)::INT"},
    source=(
        "GENERATE_SERIES(@start_ds::TIMESTAMP, @end_ds::TIMESTAMP, INTERVAL 1 DAY) AS days(d) "
        "CROSS JOIN RANGE(1, 4) AS numbers(i)"
    ),
    filters="WHERE d BETWEEN @start_ds AND @end_ds",
    kind_properties={"time_column": "ds", "batch_size": "5"},
    properties={"audits": "(not_null(columns := (id)))", "owner": "data"},
)
CLICKS = Model(
    "shop.clicks",
    Kind.TIME_RANGE,
    {"id": "1::INT", "ts": "d::TIMESTAMP", "clicks": "7::INT"},
    source="GENERATE_SERIES(@start_ts::TIMESTAMP, @end_ts::TIMESTAMP, INTERVAL 1 HOUR) AS hours(d)",
    filters="WHERE d BETWEEN @start_ts AND @end_ts",
    kind_properties={"time_column": "ts", "batch_size": "12", "batch_concurrency": "2"},
    properties={"cron": "'@hourly'", "start": "'2024-01-13'"},
)
IN_RANGE = "WHERE ds BETWEEN @start_ds AND @end_ds"
DAILY = {"id": "id", "ds": "ds", "amount": "amount"}
LAGGED = Model(
    "shop.lagged",
    Kind.TIME_RANGE,
    DAILY,
    source="shop.events",
    filters=IN_RANGE,
    kind_properties={"time_column": "ds", "batch_size": "3", "lookback": "2"},
    properties={"tags": "(nightly)"},
)
WEEKLY = Model(
    "shop.weekly",
    Kind.TIME_RANGE,
    DAILY,
    source="shop.lagged",
    filters=IN_RANGE,
    kind_properties={"time_column": "ds"},
    properties={"cron": "'@weekly'", "tags": "(nightly, slow)", "start": "'2023-12-31'"},
)
LEDGER = Model(
    "shop.ledger",
    Kind.TIME_RANGE,
    {**DAILY, "note": "'none'::TEXT"},
    source="shop.events",
    filters=IN_RANGE,
    kind_properties={"time_column": "ds", "forward_only": "true", "batch_size": "4"},
)
LEDGER_DAYS = Model(
    "shop.ledger_days",
    Kind.VIEW,
    {"ds": "ds", "amount": "SUM(amount)::BIGINT"},
    source="shop.ledger",
    filters="GROUP BY ds",
)
PER_ID = {"id": "id", "ds": "MAX(ds)::DATE", "amount": "SUM(amount)::BIGINT"}
CUSTOMERS = Model(
    "shop.customers",
    Kind.UNIQUE_KEY,
    PER_ID,
    source="shop.events",
    filters=f"{IN_RANGE} GROUP BY id",
    kind_properties={"unique_key": "id", "batch_size": "6"},
)
PARTS = Model(
    "shop.parts",
    Kind.PARTITION,
    DAILY,
    source="shop.ledger",
    filters=IN_RANGE,
    properties={"partitioned_by": "(id)"},
)
UNMANAGED = Model(
    "shop.appended", Kind.UNMANAGED, DAILY, source="shop.events", filters="WHERE ds = @end_ds"
)
HISTORY_COLUMNS = {"id": "id", "name": "name", "updated_at": "updated_at::TIMESTAMP"}
STORE_HISTORY = Model(
    "shop.store_history",
    Kind.SCD_BY_TIME,
    HISTORY_COLUMNS,
    source="raw.stores",
    kind_properties={"unique_key": "id"},
)
STORE_CHANGES = Model(
    "shop.store_changes",
    Kind.SCD_BY_COLUMN,
    {"id": "id", "name": "name"},
    source="raw.stores",
    kind_properties={"unique_key": "id", "columns": "[name]"},
)
TOTALS = Model("shop.totals", Kind.EMBEDDED, PER_ID, source="shop.events", filters="GROUP BY id")
SUMMARY = Model(
    "shop.summary",
    Kind.FULL,
    {"id": "t.id", "name": "s.name", "amount": "@doubled(t.amount)::BIGINT"},
    source="shop.totals AS t LEFT JOIN raw.stores AS s ON t.id = s.id",
    properties={"audits": "(positive_amount)", "description": "'Totals per store.'"},
)
REPORT = Model(
    "shop.report",
    Kind.VIEW,
    {"id": "id", "amount": "amount"},
    source="shop.summary",
)
SCORES = Model(
    "shop.scores",
    Kind.PYTHON,
    {"id": "int", "score": "int"},
    source="shop.summary",
    kind_properties={"score": "1"},
    properties={"depends_on": '["shop.summary"]'},
)
PAID = Model(
    "shop.paid",
    Kind.FULL,
    {"id": "id", "amount": "amount"},
    source="ext.payments",
)

DOUBLED = """from sqlglot import exp
from sqlmesh import macro


@macro()
def doubled(evaluator, value):
    return exp.Mul(this=value, expression=exp.Literal.number(2))
"""
POSITIVE_AMOUNT = "AUDIT (name positive_amount);\nSELECT * FROM @this_model WHERE amount <= 0;\n"
STANDALONE_AUDIT = (
    "AUDIT (name assert_report, standalone true);\n"
    "SELECT * FROM shop.report WHERE amount IS NULL;\n"
)
PAID_TEST = """test_paid:
  model: shop.paid
  inputs:
    ext.payments:
      rows:
        - id: 1
          amount: 20
  outputs:
    query:
      rows:
        - id: 1
          amount: 20
"""
MAKE_PAYMENTS = [
    "CREATE SCHEMA IF NOT EXISTS ext",
    "CREATE TABLE IF NOT EXISTS ext.payments AS SELECT 1 AS id, 5 AS amount",
]


def _project(*models: Model) -> Project:
    return Project(
        {model.name: model for model in models},
        audits={"positive_amount": POSITIVE_AMOUNT},
        macros=DOUBLED,
    )


def shop() -> Project:
    """Every kind of model, with audits, a macro, a unit test and environment statements."""
    project = _project(
        STORES, PAYMENTS, EVENTS, CLICKS, LAGGED, WEEKLY, LEDGER, LEDGER_DAYS, CUSTOMERS, PARTS,
        UNMANAGED, STORE_HISTORY, STORE_CHANGES, TOTALS, SUMMARY, REPORT, SCORES, PAID,
    ).with_config(before_all=MAKE_PAYMENTS)  # fmt: skip
    return replace(project.with_audit("assert_report", STANDALONE_AUDIT), unit_tests=PAID_TEST)


def chain() -> Project:
    """A seed, incremental models, a full model and a view in a row: quick to plan."""
    return _project(STORES, EVENTS, LAGGED, TOTALS, SUMMARY, REPORT)
