"""Interrupted applies as an engine tells them."""

from __future__ import annotations

from plan_tui.contract.history import RecordedDetail, RecordedRun, RunKind
from plan_tui.contract.interrupted import Hole, InterruptedRun, ModelLeft
from plan_tui.contract.plan import PlanDates, PlanOptions, PlanRequest

from . import run_samples as runs
from .samples import NOW

REST = PlanRequest(
    environment="dev",
    plan_dates=PlanDates(start="2026-11-01 00:00:00"),
    plan_options=PlanOptions(skip_tests=True),
)


def left(short: str, done: int, total: int) -> ModelLeft:
    return ModelLeft(name=runs.name(short), view_name=f"shop__dev.{short}", done=done, total=total)


INTERRUPTED = InterruptedRun(
    run_id=runs.RUN_ID,
    environment="dev",
    plan_id="p1",
    started=runs.STARTED,
    last_heard=NOW - 60_000,
    stage="backfill",
    request=REST,
    batches_done=20,
    batches_total=55,
    left=(left("orders", 9, 13), left("order_items", 4, 13), left("daily_revenue", 0, 13)),
    models_left=5,
    recorded=True,
    tables_left=("db.sqlmesh__shop.shop__orders__123", "db.sqlmesh__shop.shop__items__456"),
)
RISKY = INTERRUPTED.model_copy(
    update={
        "restating": True,
        "holes": (
            Hole(name=runs.name("orders"), view_name="shop__dev.orders", interval=runs.month(9)),
        ),
        "twice": (
            Hole(name=runs.name("clicks"), view_name="shop__dev.clicks", interval=runs.month(9)),
        ),
    }
)
FINALIZED = INTERRUPTED.model_copy(
    update={
        "stage": "after_all", "batches_done": 55, "left": (), "models_left": 0, "promoted": True,
        "finalized": True, "after_all": True, "tables_left": (),
    }
)  # fmt: skip


def recorded() -> RecordedDetail:
    """The same apply as the journal has it."""
    run = RecordedRun(
        run_id=runs.RUN_ID, kind=RunKind.APPLY, environment="dev", plan_id="p1",
        started=runs.STARTED, user="ann", host="here", project="shop",
    )  # fmt: skip
    models = {model.name: model for model in (runs.ORDERS, runs.ITEMS, runs.REVENUE)}
    return RecordedDetail(run=run, request=REST, models=models, stages=runs.STAGES)
