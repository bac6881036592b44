"""What an apply that did not succeed says it leaves behind."""

from __future__ import annotations

import pytest

from plan_tui.client.errors import EngineLost
from plan_tui.commands.apply_end import unknown_outcome
from plan_tui.commands.apply_report import result_lines, what_is_left
from plan_tui.commands.failures import problem_details
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.stages import Meta, StageStatus
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ModelProgress,
    ModelStatus,
    PlanFacts,
    RunOutcome,
    RunSummary,
    StageName,
    StageProgress,
)
from plan_tui.engine.apply_run import _plan_again
from plan_tui.engine.apply_stages import StageBook

HALF = RunSummary(batches_done=1, batches_total=3, restating=True)


class BackfillStage:
    """Named like SQLMesh's."""


class PhysicalLayerUpdateStage:
    """Named like SQLMesh's."""


def ended(summary: RunSummary, *failed: StageName) -> ApplyProgress:
    meta = Meta(status=StageStatus.FAIL, start=0, end=1, done=True)
    return ApplyProgress(
        run_id="r",
        plan_id="p",
        environment="dev",
        started=0,
        outcome=RunOutcome.FAILED,
        stages=tuple(StageProgress(name=name, meta=meta) for name in failed),
        summary=summary,
    )


def test_an_undone_restatement_is_part_new_and_part_old() -> None:
    left = what_is_left(ended(HALF))
    assert "part new and part old" in left
    assert "as it was" not in left
    stale = _plan_again(RunOutcome.CANCELLED, HALF)
    assert "part new and part old" in (stale.message or "")
    state = EngineState(facts=PlanFacts(plan_id="p", restated=("shop.orders",)))
    lost = EngineLost(Problem(code=ProblemCode.ENGINE_LOST, title="lost"))
    hint = unknown_outcome(lost, state).hint or ""
    assert "plan-tui resume" in hint
    assert "apply the same restatement again" in hint


def test_statements_that_fail_after_the_promotion_leave_a_promoted_environment() -> None:
    summary = RunSummary(batches_done=3, batches_total=3, promoted=True)
    left = what_is_left(ended(summary, StageName.AFTER_ALL))
    assert left.startswith(
        "dev points at the new versions, but the statements after it (after_all) failed. SQLMesh "
        "runs them all again with the next apply to dev that has anything to do"
    )
    assert "plan" not in left, "no plan shows them"


def test_a_promotion_that_was_not_finalized_is_half_applied() -> None:
    summary = RunSummary(batches_done=1, batches_total=3, promoted=True)
    left = what_is_left(ended(summary, StageName.DEFERRED_BACKFILL))
    assert left.startswith("dev is half applied: ")
    assert left.endswith("2 batches left: the next plan shows the rest.")


@pytest.mark.parametrize("made", [True, False])
def test_a_creation_ends_with_its_own_work_whatever_the_backfill_comes_to(made: bool) -> None:
    book = StageBook([StageName.CREATION, StageName.BACKFILL])
    book.plan([StageName.CREATION, StageName.BACKFILL])
    book.enter(PhysicalLayerUpdateStage())
    book.tables({"a"})
    assert book.table_created("a")
    book.leave(PhysicalLayerUpdateStage(), made)
    ended = book.all[0]
    assert ended.meta is not None
    assert ended.meta.done
    assert ended.meta.status is (StageStatus.SUCCESS if made else StageStatus.FAIL)
    book.enter(BackfillStage())
    book.tables({"b", "c"})
    assert book.table_created("b")
    book.leave(BackfillStage(), False)
    assert book.all[0] == ended
    assert (ended.done, ended.total) == (1, 1)
    backfill = book.all[1].meta
    assert backfill is not None
    assert backfill.status is StageStatus.FAIL


def test_the_end_names_each_failure_and_what_was_skipped_because_of_it() -> None:
    audit = Problem(
        code=ProblemCode.FAILED_AUDIT,
        title="An audit of dev.a failed.",
        message="not_null found 1 row",
        interval=(1_704_067_200_000, 1_704_153_600_000),
        sql="SELECT 1",
    )
    models = (
        ModelProgress(name="a", view_name="dev.a", status=ModelStatus.FAILED, failure=audit),
        ModelProgress(
            name="b", view_name="dev.b", status=ModelStatus.SKIPPED, skipped_because="dev.a"
        ),
    )
    counted = audit.model_copy(update={"title": "An audit of dev.a failed, and 1 more failed."})
    apply = ApplyProgress(
        run_id="r",
        plan_id="p",
        environment="dev",
        started=0,
        models={model.name: model for model in models},
        problem=counted,
    )
    failed, skipped = result_lines(apply)
    assert failed.endswith(": An audit of dev.a failed. not_null found 1 row")
    assert "2024-01-01" in failed
    assert skipped == "  skipped because dev.a failed: dev.b"
    details = problem_details(audit)
    assert "  the query that finds these rows:" in details
