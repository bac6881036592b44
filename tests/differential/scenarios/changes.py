"""Each kind of change of each kind of model, planned with the plain options."""

from __future__ import annotations

from .. import edits as e
from ..projects import DOUBLED, MAKE_PAYMENTS, PAID_TEST, POSITIVE_AMOUNT, STANDALONE_AUDIT
from ..scenario import Ask, Outcome, Scenario
from ..spec import Kind, Model

NEW_VIEW = Model("shop.fresh", Kind.VIEW, {"id": "id", "amount": "amount"}, source="shop.events")
NEW_DAYS = Model(
    "shop.fresh_days",
    Kind.TIME_RANGE,
    {"ds": "ds", "amount": "SUM(amount)::BIGINT"},
    source="shop.events",
    filters="WHERE ds BETWEEN @start_ds AND @end_ds GROUP BY ds",
    kind_properties={"time_column": "ds", "batch_size": "3"},
)
GATE = """from sqlmesh import signal


@signal()
def first_days(batch):
    return [interval for interval in batch if interval[0].day < 10]
"""
FAILING_TEST = PAID_TEST.replace("rows:\n        - id: 1", "rows:\n        - id: 2", 1)
PROD = Ask(environment="prod")

BY_KIND = (
    Scenario("seed gets a row", e.rows("raw.stores", "3,west,2024-01-03 00:00:00")),
    Scenario("full model changes", e.column("shop.summary", "amount", "(t.amount + 1)::BIGINT")),
    Scenario("full model gets a column", e.column("shop.summary", "two", "2::INT")),
    Scenario("view changes", e.column("shop.report", "amount", "(amount + 1)::BIGINT")),
    Scenario("view gets a filter", e.filters("shop.report", "WHERE id > 1")),
    Scenario("embedded model changes", e.column("shop.totals", "amount", "MAX(amount)::BIGINT")),
    Scenario("time range gets a column", e.column("shop.events", "two", "2::INT")),
    Scenario("time range changes", e.column("shop.lagged", "amount", "(amount * 2)::INT")),
    Scenario("root of many changes", e.column("shop.events", "amount", "(i * 11)::INT")),
    Scenario("hourly model changes", e.column("shop.clicks", "clicks", "8::INT")),
    Scenario("weekly model changes", e.column("shop.weekly", "amount", "(amount * 2)::INT")),
    Scenario("unique key changes", e.column("shop.customers", "amount", "MAX(amount)::BIGINT")),
    Scenario("partitioned model changes", e.column("shop.parts", "amount", "(amount * 2)::INT")),
    Scenario("unmanaged model changes", e.column("shop.appended", "amount", "(amount * 2)::INT")),
    Scenario(
        "history by time changes", e.column("shop.store_history", "name", "UPPER(name)::TEXT")
    ),
    Scenario(
        "history by column changes", e.column("shop.store_changes", "name", "UPPER(name)::TEXT")
    ),
    Scenario("python model changes", e.kind_prop("shop.scores", "score", "2")),
    Scenario(
        "python model gets a column",
        e.all_of(e.column("shop.scores", "rank", "int"), e.kind_prop("shop.scores", "rank", "3")),
    ),
    Scenario("external model gets a column", e.column("ext.payments", "paid_at", "DATE")),
    Scenario("forward-only model gets a column", e.column("shop.ledger", "source", "'shop'::TEXT")),
)

OF_THE_PROJECT = (
    Scenario("macro changes", e.macros(DOUBLED.replace("number(2)", "number(3)"))),
    Scenario("model is added", e.add(NEW_VIEW)),
    Scenario("incremental model is added to prod", e.add(NEW_DAYS), PROD),
    Scenario("leaf is removed", e.remove("shop.scores")),
    Scenario("leaf is removed from prod", e.remove("shop.scores"), PROD),
    Scenario(
        "referenced model is removed", e.remove("shop.summary"), PROD, outcome=Outcome.REFUSED
    ),
    Scenario(
        "model is added between others",
        e.all_of(e.add(NEW_DAYS), e.source("shop.ledger_days", "shop.fresh_days")),
    ),
    Scenario(
        "external table becomes a model",
        e.add(Model("ext.payments", Kind.FULL, {"id": "1::INT", "amount": "5::INT"})),
    ),
    Scenario(
        "environment statements change",
        e.config(before_all=[*MAKE_PAYMENTS, "SELECT 1"], after_all=["SELECT 2"]),
    ),
    Scenario("requirements change", e.requirements("sortedcontainers==2.4.0\n"), PROD),
    Scenario("unit test fails", e.unit_tests(FAILING_TEST), outcome=Outcome.REFUSED),
    Scenario(
        "linter warns",
        e.all_of(
            e.config(linter={"enabled": True, "warn_rules": ["nomissingaudits"]}),
            e.column("shop.report", "two", "2::INT"),
        ),
    ),
    Scenario(
        "linter refuses",
        e.config(linter={"enabled": True, "rules": ["nomissingaudits"]}),
        outcome=Outcome.REFUSED,
    ),
    Scenario("nothing changes in prod", ask=PROD),
    Scenario("nothing changes for a new environment", outcome=Outcome.NO_CHANGES),
)

OF_METADATA = (
    Scenario("description changes", e.prop("shop.summary", "description", "'Other.'")),
    Scenario("owner changes upstream of many", e.prop("shop.events", "owner", "team")),
    Scenario(
        "owner changes upstream of a change",
        e.all_of(
            e.prop("shop.events", "owner", "team"),
            e.column("shop.weekly", "amount", "(amount * 2)::INT"),
        ),
    ),
    Scenario("tags change in prod", e.prop("shop.lagged", "tags", "(hourly)"), PROD),
    Scenario("cron changes", e.prop("shop.parts", "cron", "'@weekly'")),
    Scenario("batch size changes", e.kind_prop("shop.events", "batch_size", "3")),
    Scenario("lookback changes", e.kind_prop("shop.lagged", "lookback", "4")),
    Scenario("start moves back", e.prop("shop.ledger", "start", "'2023-12-25'")),
    Scenario("end is set", e.prop("shop.lagged", "end", "'2024-01-10'")),
    Scenario(
        "audit is added to a model",
        e.prop("shop.parts", "audits", "(not_null(columns := (id, ds)))"),
        PROD,
    ),
    Scenario(
        "audit of a model changes",
        e.audit("positive_amount", POSITIVE_AMOUNT.replace("<= 0", "< 0")),
    ),
    Scenario(
        "standalone audit changes",
        e.audit("assert_report", STANDALONE_AUDIT.replace("IS NULL", "< 0")),
    ),
    Scenario(
        "standalone audit is added",
        e.audit("assert_parts", STANDALONE_AUDIT.replace("report", "parts")),
    ),
    Scenario("standalone audit is removed", e.remove_audit("assert_report"), PROD),
)

OF_THE_KIND = (
    Scenario("full model becomes a view", e.kind("shop.summary", Kind.VIEW)),
    Scenario("view becomes full", e.kind("shop.report", Kind.FULL)),
    Scenario(
        "time range becomes full",
        e.all_of(e.kind("shop.weekly", Kind.FULL), e.filters("shop.weekly", "")),
    ),
    Scenario(
        "unique key becomes a time range",
        e.kind("shop.customers", Kind.TIME_RANGE, time_column="ds", batch_size="7"),
    ),
    Scenario("embedded model becomes full", e.kind("shop.totals", Kind.FULL)),
    Scenario("time range becomes forward-only", e.kind_prop("shop.lagged", "forward_only", "true")),
)

SEVERAL = (
    Scenario(
        "several changes at once",
        e.all_of(
            e.rows("raw.stores", "3,west,2024-01-03 00:00:00"),
            e.column("shop.lagged", "amount", "(amount * 2)::INT"),
            e.column("shop.events", "two", "2::INT"),
            e.column("shop.ledger", "source", "'shop'::TEXT"),
            e.prop("shop.paid", "owner", "finance"),
            e.remove("shop.scores"),
            e.add(NEW_VIEW),
            e.audit("assert_parts", STANDALONE_AUDIT.replace("report", "parts")),
            e.config(after_all=["SELECT 2"]),
        ),
    ),
    Scenario(
        "several changes at once in prod",
        e.all_of(
            e.column("shop.summary", "two", "2::INT"),
            e.column("shop.totals", "amount", "MAX(amount)::BIGINT"),
            e.kind_prop("shop.scores", "score", "2"),
            e.column("shop.clicks", "clicks", "9::INT"),
            e.add(NEW_DAYS),
            e.prop("shop.weekly", "tags", "(slow)"),
        ),
        PROD,
    ),
    Scenario(
        "signal holds days back",
        e.all_of(
            e.signals(GATE),
            e.prop("shop.lagged", "signals", "(first_days())"),
            e.column("shop.lagged", "amount", "(amount * 2)::INT"),
        ),
    ),
    Scenario(
        "model takes partial intervals",
        e.all_of(
            e.prop("shop.clicks", "allow_partials", "true"),
            e.column("shop.clicks", "clicks", "9::INT"),
        ),
        Ask(dates={"execution_time": "2024-01-14 10:30:00"}),
    ),
    Scenario(
        "model restates itself", e.kind_prop("shop.lagged", "auto_restatement_cron", "'@daily'")
    ),
)

SCENARIOS = (*BY_KIND, *OF_THE_PROJECT, *OF_METADATA, *OF_THE_KIND, *SEVERAL)
