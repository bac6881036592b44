"""A plan with a change of each kind, and the events of building and applying it."""

from __future__ import annotations

from typing import Any

from plan_tui.contract import events as ev
from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    MetadataChange,
    ModelBackfill,
    ModifiedChanges,
    RemovedChange,
)
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import CancelMode, Category, PlanOptions, PlanRequest
from plan_tui.contract.stages import (
    BackfillsStage,
    ChangesStage,
    LintViolation,
    Meta,
    ModelTests,
    PlanOverviewStageTracker,
    StageStatus,
    ValidationStage,
)
from plan_tui.contract.state import (
    ApplyProgress,
    BatchRecord,
    EngineState,
    ModelProgress,
    ModelStatus,
    PlanFacts,
    RunOutcome,
    RunSummary,
    SessionState,
    StageName,
    StageProgress,
)
from tests.client.stub_engine import info

DAY = 86_400_000
START = 1_704_067_200_000
"""2024-01-01."""
META = Meta(start=START, end=START + 5, done=True, status=StageStatus.SUCCESS)
CHOICES = (Category.BREAKING, Category.NON_BREAKING)

IDLE = EngineState(seq=1, since=START, info=info())
UNCATEGORIZED = Problem(code=ProblemCode.UNCATEGORIZED, title="1 model has no category yet.")
UP_TO_DATE = Problem(
    code=ProblemCode.NOTHING_TO_DO,
    title="There is nothing to do.",
    hint="Plan with --restate-model.",
)
BROKEN = Problem(
    code=ProblemCode.BROKEN_MODEL,
    title="shop.bad is broken: a plan without it is not applied.",
    message="shop.bad is broken: models/bad.sql, line 3, column 6: Expected table name",
    hint="Correct the file, then build the plan again.",
    path="models/bad.sql",
    line=3,
)
BAD_SQL = Problem(
    code=ProblemCode.FAILED_BATCH,
    title="A batch of shop.orders failed.",
    message="Conversion Error: no number: 'x\x1b[2J'",
    model="shop.orders",
    interval=(START, START + DAY),
    sql="SELECT CAST('x' AS INT)\nFROM raw.orders",
)


def named(view_name: str, **rest: Any) -> dict[str, Any]:
    schema, name = view_name.split(".")
    return {"name": f'"db"."{schema}"."{name}"', "view_name": view_name, **rest}


def document(**changes: Any) -> PlanOverviewStageTracker:
    values: dict[str, Any] = {
        "plan_id": "p1",
        "environment": "dev",
        "start": START,
        "end": START + 31 * DAY,
        "execution_time": START + 31 * DAY + 3_600_000,
        "is_new_environment": True,
        "plan_options": PlanOptions(),
        "meta": META,
        "validation": ValidationStage(
            meta=META,
            tests=ModelTests(run=3),
            lint=(LintViolation(rule="r1", model="shop.x", severity="warning", message="m"),),
        ),
        "changes": ChangesStage(meta=META, **all_changes()),
        "backfills": BackfillsStage(meta=META, models=(BACKFILL,)),
        "restatements": {'"db"."shop"."orders"': (START, START + DAY)},
        "warnings": ("Mind the gap.\nIt is wide.",),
    }
    return PlanOverviewStageTracker.model_validate({**values, **changes})


BACKFILL = ModelBackfill(
    **named("shop.orders", kind="FULL"),
    intervals=((START, START + 31 * DAY),),
    interval_count=31,
    batches=2,
    label="2024-01-01 - 2024-01-31",
)


def all_changes() -> dict[str, Any]:
    orders = DirectChange(
        **named("shop.orders", kind="FULL"),
        diff="--- \n\n+++ \n\n@@ -1 +1 @@\n\n-old\n+new \x1b]0;title\x07\n \n",
        change_category=None,
        choices=CHOICES,
        parents=('"db"."shop"."stores"',),
        direct=(),
        indirect=('"db"."shop"."revenue"',),
    )
    revenue = IndirectChange(
        **named("shop.revenue", kind="VIEW"),
        change_category="INDIRECT_BREAKING",
        parents=(orders.name,),
    )
    return {
        "added": (
            AddedChange(
                **named("shop.\u202egnp", kind="VIEW"), change_category="BREAKING", choices=CHOICES
            ),
        ),
        "removed": (RemovedChange(**named("shop.old")),),
        "modified": ModifiedChanges(
            direct=(orders,),
            indirect=(revenue,),
            metadata=(
                MetadataChange(**named("shop.stores", kind="SEED"), diff="-owner a\n+owner b"),
            ),
        ),
        "requirements": "- pandas==1\n+ pandas==2",
        "environment_statements": "+ DELETE FROM x",
    }


def facts(refusal: Problem | None = None, uncategorized: tuple[str, ...] = ()) -> PlanFacts:
    return PlanFacts(
        plan_id="p1",
        refusal=refusal,
        uncategorized=uncategorized,
        create_from="prod",
        models=1,
        intervals=31,
        batches=2,
    )


def planning_started() -> ev.PlanningStarted:
    return ev.PlanningStarted(
        run_id="r1", environment="dev", request=PlanRequest(environment="dev"), stages=()
    )


def planning_ended(
    outcome: RunOutcome = RunOutcome.SUCCEEDED, problem: Problem | None = None
) -> list[ev.Event]:
    cancel = [cancel_reported(done=True)] if outcome is RunOutcome.CANCELLED else []
    return [
        *cancel,
        ev.SessionMoved(state=SessionState.IDLE),
        ev.PlanningEnded(run_id="r1", outcome=outcome, problem=problem),
    ]


def built(plan_facts: PlanFacts | None = None, **changes: Any) -> list[ev.Event]:
    """Planning, start to end."""
    return [
        ev.SessionMoved(state=SessionState.PLANNING, at=START),
        planning_started(),
        ev.PlanBuilt(plan=document(**changes), facts=plan_facts or facts()),
        ev.SessionMoved(state=SessionState.REVIEW, at=START),
        ev.PlanningEnded(run_id="r1", outcome=RunOutcome.SUCCEEDED),
    ]


def apply_started() -> list[ev.Event]:
    stage = StageProgress(name=StageName.BACKFILL, meta=Meta(start=START), total=2)
    return [
        ev.SessionMoved(state=SessionState.APPLYING, at=START),
        ev.ApplyStarted(
            apply=ApplyProgress(
                run_id="a1",
                plan_id="p1",
                environment="dev",
                started=START,
                models={
                    '"db"."shop"."orders"': ModelProgress(**named("shop.orders"), total=2),
                },
            )
        ),
        ev.StageReported(run="apply", stage=stage),
    ]


def batch(index: int, **rest: Any) -> ev.ApplyProgressed:
    orders = ModelProgress(
        **named("shop.orders"), total=2, done=index + 1, status=ModelStatus.RUNNING
    )
    record = BatchRecord(
        **named("shop.orders"),
        index=index,
        interval=(START, START + DAY),
        **{"duration": 1_400, "rows": 1_204, "audits_passed": 2, **rest},
    )
    return ev.ApplyProgressed(models=(orders,), batches=(record,))


def failed(failure: Problem = BAD_SQL, model: str = "shop.orders") -> ev.ApplyProgressed:
    orders = ModelProgress(**named(model), total=2, status=ModelStatus.FAILED, failure=failure)
    revenue = ModelProgress(
        **named("shop.revenue"), status=ModelStatus.SKIPPED, skipped_because="shop.orders"
    )
    return ev.ApplyProgressed(models=(orders, revenue))


def apply_ended(
    outcome: RunOutcome = RunOutcome.SUCCEEDED, problem: Problem | None = None, done: int = 2
) -> list[ev.Event]:
    return [
        ev.SessionMoved(state=SessionState.IDLE, at=START),
        ev.ApplyEnded(
            at=START + 12_000,
            run_id="a1",
            plan_id="p1",
            environment="dev",
            outcome=outcome,
            problem=problem,
            summary=RunSummary(
                batches_done=done,
                batches_total=2,
                tables_created=1,
                views_promoted=3,
                promoted=outcome is RunOutcome.SUCCEEDED,
            ),
        ),
    ]


def cancel_reported(done: bool = False, success: bool = True) -> ev.CancelReported:
    status = StageStatus.SUCCESS if success else StageStatus.FAIL
    return ev.CancelReported(
        mode=CancelMode.GRACEFUL,
        reason="user",
        meta=Meta(start=START, done=done, status=status if done else StageStatus.INIT),
        message="Running batches finish.",
    )
