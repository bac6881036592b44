"""An apply to ``dev`` at every point of its way, for tests of the run screen."""

from __future__ import annotations

from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import Meta, StageStatus
from plan_tui.contract.state import (
    ApplyProgress,
    BatchRecord,
    ModelProgress,
    ModelStatus,
    RunningBatch,
    RunOutcome,
    RunSummary,
    SessionState,
    StageName,
    StageProgress,
)

from .samples import DAY, NOW, TODAY

STARTED = NOW - 102_000
"""The apply began 1 min 42 s ago."""

RUN_ID = "apply-1"

FAILURE = Problem(
    code=ProblemCode.FAILED_AUDIT,
    title="An audit of shop__dev.payments failed.",
    message="not_null(columns = [amount]) found 12 rows\nin 3 of its partitions",
    hint="Look at the rows that the query finds, correct the data or the model, then plan again.",
    model="shop__dev.payments",
    interval=(TODAY - 60 * DAY, TODAY - 30 * DAY),
    path="models/payments.sql",
    line=14,
    sql="SELECT\n  COUNT(*)\nFROM (\n  SELECT * FROM shop.payments AS p\n"
    "  WHERE p.amount IS NULL AND p.paid_at BETWEEN '2026-09-26' AND '2026-10-25'\n) AS audit",
)


def name(model: str) -> str:
    return f'"db"."shop"."{model}"'


def month(number: int) -> tuple[int, int]:
    start = TODAY - 390 * DAY + number * 30 * DAY
    return start, start + 30 * DAY


def model(short: str, total: int, done: int = 0, **given: object) -> ModelProgress:
    values: dict[str, object] = {
        "name": name(short),
        "view_name": f"shop__dev.{short}",
        "kind": "INCREMENTAL_BY_TIME_RANGE",
        "total": total,
        "done": done,
        "elapsed": done * 3_900,
        "rows": done * 31_204 or None,
        **given,
    }
    return ModelProgress.model_validate(values)


def running(short: str, total: int, done: int, age: int, **given: object) -> ModelProgress:
    batch = RunningBatch(index=done, interval=month(done), since=NOW - age)
    return model(
        short,
        total,
        done,
        status=ModelStatus.RUNNING,
        running=(batch,),
        remaining=(total - done) * 3_900 if done else None,
        **given,
    )


ORDERS = running("orders", 13, 9, 4_100)
ITEMS = running("order_items", 13, 4, 1_300)
PAYMENTS = model("payments", 13, 3, status=ModelStatus.FAILED, failure=FAILURE)
REVENUE = model("daily_revenue", 13, waits_for=("shop__dev.orders",))
SUMMARY = model("finance_summary", 1, waits_for=("shop__dev.daily_revenue", "shop__dev.payments"))
SKIPPED = model(
    "payment_report", 13, status=ModelStatus.SKIPPED, skipped_because="shop__dev.payments"
)
CUSTOMERS = model("customers", 1, 1, status=ModelStatus.DONE, elapsed=800, rows=5_012)
STORES = model(
    "stores", 1, 1, status=ModelStatus.DONE, elapsed=310, rows=48, audits_passed=2, kind="SEED"
)


def stage(
    which: StageName, spent: int | None, done: int, total: int, ended: bool, message: str = ""
) -> StageProgress:
    meta = None
    if spent is not None:
        status = StageStatus.SUCCESS if ended else StageStatus.INIT
        start = NOW - spent if not ended else STARTED
        end = STARTED + spent if ended else None
        meta = Meta(status=status, start=start, end=end, done=ended)
    return StageProgress(name=which, meta=meta, done=done, total=total, message=message)


STAGES = (
    stage(StageName.CREATION, 2_000, 18, 18, True),
    stage(StageName.BACKFILL, 100_000, 17, 55, False, "shop__dev.orders"),
    stage(StageName.PROMOTE, None, 0, 14, False),
    stage(StageName.FINALIZE, None, 0, 0, False),
)


BROKEN_OFF = ev.StageReported(
    at=NOW,
    run="apply",
    stage=STAGES[1].model_copy(
        update={
            "meta": Meta(status=StageStatus.FAIL, start=NOW - 100_000, end=NOW, done=True),
            "message": "",
        }
    ),
)
"""The backfill ends without success: so it does after a failure, and after a cancel."""


def started(*models: ModelProgress, stages: tuple[StageProgress, ...] = STAGES) -> ev.ApplyStarted:
    chosen = models or (PAYMENTS, ORDERS, ITEMS, REVENUE, SUMMARY, CUSTOMERS, STORES)
    return ev.ApplyStarted(
        at=STARTED,
        apply=ApplyProgress(
            run_id=RUN_ID,
            plan_id="p1",
            environment="dev",
            started=STARTED,
            stages=stages,
            models={each.name: each for each in chosen},
        ),
    )


APPLYING = ev.SessionMoved(at=STARTED, state=SessionState.APPLYING)
IDLE = ev.SessionMoved(at=NOW, state=SessionState.IDLE)


def record(short: str, index: int, duration: int | None = 3_900) -> BatchRecord:
    return BatchRecord(
        name=name(short),
        view_name=f"shop__dev.{short}",
        index=index,
        interval=month(index),
        duration=duration,
        rows=31_204,
        audits_passed=2,
    )


def progressed(*models: ModelProgress, records: tuple[BatchRecord, ...] = ()) -> ev.ApplyProgressed:
    return ev.ApplyProgressed(at=NOW, models=models, batches=records, remaining=180_000)


LOG: tuple[ev.Event, ...] = (
    ev.Logged(at=STARTED + 1_000, text="Creating 18 tables in shop__dev."),
    ev.Warned(at=STARTED + 2_000, message="orders: the query has no date filter."),
    ev.ErrorReported(at=NOW - 5_000, problem=FAILURE),
)


def under_way() -> list[ev.Event]:
    """In the middle: two run, one failed, two wait, two are done."""
    records = tuple(record("orders", index) for index in range(3, 9))
    return [APPLYING, started(), *LOG, progressed(ORDERS, records=records)]


def healthy() -> list[ev.Event]:
    """In the middle, and nothing has failed."""
    models = (ORDERS, ITEMS, model("payments", 13), REVENUE, SUMMARY, CUSTOMERS, STORES)
    return [APPLYING, started(*models), progressed(ORDERS, records=(record("orders", 8),))]


def cancelling(
    mode: CancelMode = CancelMode.GRACEFUL, message: str = "It waits for running batches."
) -> ev.CancelReported:
    return ev.CancelReported(
        at=NOW, mode=mode, reason="user", meta=Meta(start=NOW), message=message
    )


TOO_LATE = (
    "Too late to cancel: views are being switched, and stopping now would leave it half done."
)


def refused(message: str = TOO_LATE) -> ev.CancelReported:
    meta = Meta(status=StageStatus.FAIL, start=NOW, end=NOW, done=True)
    return ev.CancelReported(
        at=NOW, mode=CancelMode.GRACEFUL, reason="user", meta=meta, message=message
    )


def ended(
    outcome: RunOutcome, summary: RunSummary, problem: Problem | None = None
) -> ev.ApplyEnded:
    return ev.ApplyEnded(
        at=NOW,
        run_id=RUN_ID,
        plan_id="p1",
        environment="dev",
        outcome=outcome,
        problem=problem,
        summary=summary,
    )


def applied() -> list[ev.Event]:
    models = tuple(
        each.model_copy(
            update={"status": ModelStatus.DONE, "done": each.total, "running": (), "remaining": 0,
                    "waits_for": (), "elapsed": each.total * 3_900, "rows": each.total * 31_204}
        )
        for each in (ORDERS, ITEMS, model("payments", 13), REVENUE, SUMMARY, CUSTOMERS, STORES)
    )  # fmt: skip
    summary = RunSummary(
        batches_done=55, batches_total=55, models_done=7, tables_created=18, views_promoted=14,
        promoted=True, rows=1_716_220,
    )  # fmt: skip
    stages = tuple(
        ev.StageReported(run="apply", stage=stage(each.name, 9_000, each.total, each.total, True))
        for each in STAGES
    )
    return [*healthy(), progressed(*models), *stages, ended(RunOutcome.SUCCEEDED, summary), IDLE]


def failed() -> list[ev.Event]:
    models = (
        model("orders", 13, 13, status=ModelStatus.DONE),
        model("order_items", 13, 13, status=ModelStatus.DONE),
        SKIPPED,
    )
    summary = RunSummary(
        batches_done=31, batches_total=68, models_done=4, models_failed=1, models_skipped=1,
        models_left=2, tables_created=18, rows=967_324,
    )  # fmt: skip
    end = ended(RunOutcome.FAILED, summary, FAILURE)
    return [*under_way(), progressed(*models), BROKEN_OFF, end, IDLE]


def cancelled() -> list[ev.Event]:
    models = tuple(
        each.model_copy(
            update={"status": ModelStatus.STOPPED, "running": (), "waits_for": (),
                    "remaining": None}
        )
        for each in (ORDERS, ITEMS, model("payments", 13), REVENUE, SUMMARY)
    )  # fmt: skip
    summary = RunSummary(
        batches_done=15, batches_total=55, models_done=2, models_left=5, tables_created=18,
        rows=411_000,
    )  # fmt: skip
    end = ended(RunOutcome.CANCELLED, summary)
    return [*healthy(), cancelling(), progressed(*models), BROKEN_OFF, end, IDLE]
