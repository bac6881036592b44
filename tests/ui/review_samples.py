"""Plans of the made-up shop, for tests of the review."""

from __future__ import annotations

from typing import Any

from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    MetadataChange,
    ModelBackfill,
    ModifiedChanges,
    NodeRef,
    RemovedChange,
)
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import Column, ModelDetail
from plan_tui.contract.plan import Category, PlanOptions, PlanRequest
from plan_tui.contract.stages import (
    BackfillsStage,
    ChangesStage,
    LintViolation,
    Meta,
    PlanOverviewStageTracker,
    StageStatus,
    ValidationStage,
)
from plan_tui.contract.state import (
    EngineState,
    PlanFacts,
    PlanningProgress,
    RunOutcome,
    SessionState,
    StageName,
    StageProgress,
)

from . import samples
from .fake_port import FakePort
from .samples import DAY, NOW, TODAY

BOTH = (Category.BREAKING, Category.NON_BREAKING)
INCREMENTAL = "INCREMENTAL_BY_TIME_RANGE"
BUILT = NOW - 60_000

HEADER = "--- \n\n+++ \n\n"
"""As difflib writes it, and SQLMesh joins it."""

DIFF = f"""{HEADER}@@ -5,7 +5,8 @@

 SELECT
   o.order_id,
   o.customer_id,
-  o.amount
+  COALESCE(o.amount, 0) AS amount,
+  o.discount
 FROM raw.orders AS o
 WHERE
-  o.status = 'done'
+  o.status IN ('done', 'paid')"""

RENDERED = f"""{HEADER}@@ -1,3 +1,3 @@

 SELECT
-  "o"."amount" AS "amount"
+  COALESCE("o"."amount", 0) AS "amount\""""

SQL = """SELECT
  o.order_id,
  COALESCE(o.amount, 0) AS amount,
  o.discount
FROM raw.orders AS o
WHERE
  o.status IN ('done', 'paid')"""


def name_of(model: str) -> str:
    return f'"db"."shop"."{model}"'


def node(model: str) -> dict[str, Any]:
    return {"name": name_of(model), "view_name": f"shop__dev.{model}"}


def meta(length: int = 300) -> Meta:
    return Meta(status=StageStatus.SUCCESS, start=BUILT - length, end=BUILT, done=True)


def backfill(model: str, days: int = 366, batches: int = 13) -> ModelBackfill:
    return ModelBackfill(
        **node(model),
        kind=INCREMENTAL,
        intervals=((TODAY - days * DAY, TODAY),),
        interval_count=days,
        batches=batches,
        label=f"{days} days",
    )


def changes() -> ChangesStage:
    orders, customers, payments = name_of("orders"), name_of("customers"), name_of("payments")
    return ChangesStage(
        meta=meta(),
        added=(AddedChange(**node("refunds"), kind="FULL", change_category="BREAKING"),),
        removed=(RemovedChange(**node("legacy_orders")),),
        modified=ModifiedChanges(
            direct=(
                DirectChange(
                    **node("orders"), kind=INCREMENTAL, change_category="BREAKING", choices=BOTH,
                    direct=(payments,),
                    indirect=(name_of("daily_revenue"), name_of("finance_summary")),
                ),
                DirectChange(
                    **node("customers"), kind="SCD_TYPE_2_BY_TIME", choices=BOTH,
                    change_category="NON_BREAKING",
                ),
                DirectChange(
                    **node("payments"), kind="INCREMENTAL_BY_UNIQUE_KEY", choices=BOTH,
                    parents=(orders,), indirect=(name_of("finance_summary"),),
                ),
                DirectChange(
                    **node("inventory"), kind=INCREMENTAL, change_category="FORWARD_ONLY",
                ),
            ),
            indirect=(
                IndirectChange(**node("daily_revenue"), kind="FULL", parents=(orders, customers),
                               change_category="INDIRECT_BREAKING"),
                IndirectChange(**node("finance_summary"), kind="VIEW", parents=(payments,),
                               change_category="INDIRECT_NON_BREAKING"),
            ),
            metadata=(MetadataChange(**node("stores"), kind="SEED"),),
        ),
        environment_statements="  before_all:\n  + CREATE SCHEMA IF NOT EXISTS audit",
    )  # fmt: skip


def plan(**given: object) -> PlanOverviewStageTracker:
    values: dict[str, object] = {
        "plan_id": "3f2a9c1d77",
        "environment": "dev",
        "start": TODAY - 366 * DAY,
        "end": TODAY,
        "execution_time": NOW,
        "is_new_environment": False,
        "plan_options": PlanOptions(),
        "meta": meta(1_900),
        "validation": ValidationStage(
            meta=meta(1_200),
            lint=(
                LintViolation(
                    rule="noselectstar", model="shop.refunds", severity="warning",
                    message="Query should not use SELECT * in its outermost projections.",
                ),
            ),
        ),
        "changes": changes(),
        "backfills": BackfillsStage(
            meta=meta(400),
            models=(
                backfill("orders"), backfill("customers", 1, 1), backfill("payments"),
                backfill("refunds", 366, 1), backfill("daily_revenue", 366, 1),
            ),
        ),
        "warnings": ("Model 'shop.inventory' has a destructive change:\n  DROP COLUMN note",),
    }  # fmt: skip
    return PlanOverviewStageTracker.model_validate({**values, **given})


def refused() -> Problem:
    return Problem(
        code=ProblemCode.UNCATEGORIZED,
        title="1 model is not categorized.",
        hint="Choose breaking or non-breaking for shop__dev.payments.",
    )


def facts(**given: object) -> PlanFacts:
    values: dict[str, object] = {
        "plan_id": "3f2a9c1d77",
        "uncategorized": (name_of("payments"),),
        "has_changes": True,
        "requires_backfill": True,
        "refusal": refused(),
        "models": 5,
        "intervals": 1_465,
        "batches": 29,
        "tables_created": 5,
        "views_updated": 8,
        "views_removed": 1,
        "models_total": 34,
    }
    return PlanFacts.model_validate({**values, **given})


def stages(done: int = 3) -> tuple[StageProgress, ...]:
    names = (StageName.VALIDATION, StageName.CHANGES, StageName.BACKFILLS)
    return tuple(
        StageProgress(name=name, meta=meta(300 * (number + 1)) if number < done else None)
        for number, name in enumerate(names)
    )


def planning(**given: object) -> PlanningProgress:
    values: dict[str, object] = {
        "run_id": "plan-1",
        "environment": "dev",
        "request": PlanRequest(environment="dev"),
        "started": BUILT - 1_900,
        "ended": BUILT,
        "stages": stages(),
        "outcome": RunOutcome.SUCCEEDED,
    }
    return PlanningProgress.model_validate({**values, **given})


def reviewing(**given: object) -> EngineState:
    values: dict[str, object] = {
        "seq": 9,
        "state": SessionState.REVIEW,
        "since": BUILT,
        "info": samples.info(),
        "planning": planning(),
        "plan": plan(),
        "facts": facts(),
    }
    return EngineState.model_validate({**values, **given})


def ready(**given: object) -> EngineState:
    """A plan that can be applied."""
    return reviewing(facts=facts(uncategorized=(), refusal=None), **given)


def detail(model: str = "orders", **given: object) -> ModelDetail:
    values: dict[str, object] = {
        "plan_id": "3f2a9c1d77",
        "model": NodeRef(**node(model)),
        "kind": INCREMENTAL,
        "change": "direct",
        "category": "BREAKING",
        "choices": BOTH,
        "owner": "anna",
        "tags": ("core", "finance"),
        "description": "One row per order, with what was paid for it.",
        "cron": "@daily",
        "dialect": "duckdb",
        "path": f"models/{model}.sql",
        "diff": DIFF,
        "diff_rendered": RENDERED,
        "sql": SQL,
        "columns": (
            Column(name="order_id", before="INT", after="INT"),
            Column(name="amount", before="INT", after="DOUBLE"),
            Column(name="discount", before=None, after="DOUBLE"),
        ),
        "parents": (NodeRef(**node("raw_orders")),),
        "direct": (NodeRef(**node("payments")),),
        "indirect": (NodeRef(**node("daily_revenue")), NodeRef(**node("finance_summary"))),
        "intervals": ((TODAY - 366 * DAY, TODAY),),
        "interval_count": 366,
        "batches": tuple(
            (TODAY - (366 - 30 * n) * DAY, TODAY - max(0, 336 - 30 * n) * DAY) for n in range(13)
        ),
        "batch_count": 13,
        "label": "366 days",
    }
    return ModelDetail.model_validate({**values, **given})


def many(count: int) -> EngineState:
    """A plan of so many directly changed models."""
    direct = tuple(
        DirectChange(**node(f"model_{n:05}"), kind=INCREMENTAL, choices=BOTH,
                     change_category="BREAKING", indirect=(name_of("daily_revenue"),))
        for n in range(count)
    )  # fmt: skip
    stage = ChangesStage(meta=meta(), modified=ModifiedChanges(direct=direct))
    backfills = BackfillsStage(
        meta=meta(), models=tuple(backfill(f"model_{n:05}") for n in range(count))
    )
    return reviewing(plan=plan(changes=stage, backfills=backfills))


def port_on(state: EngineState) -> FakePort:
    """An engine that reviews, and knows every model of the plan."""
    models = ("orders", "customers", "payments", "inventory", "refunds", "legacy_orders",
              "daily_revenue", "finance_summary", "stores")  # fmt: skip
    known = {name_of(model): detail(model) for model in models}
    known[name_of("stores")] = detail("stores", change="metadata", diff="", diff_rendered="")
    return FakePort(
        state,
        environments=samples.environments(),
        project=samples.project(),
        dates=samples.dates(),
        models=known,
    )
