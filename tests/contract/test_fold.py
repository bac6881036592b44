from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_tui.contract import events as ev
from plan_tui.contract.changes import (
    AddedChange,
    DirectChange,
    IndirectChange,
    ModelBackfill,
    ModifiedChanges,
)
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.fold import fold
from plan_tui.contract.plan import CancelMode, Category, PlanOptions, PlanRequest
from plan_tui.contract.stages import (
    BackfillsStage,
    ChangesStage,
    Meta,
    ModelTests,
    PlanOverviewStageTracker,
    StageStatus,
    ValidationStage,
)
from plan_tui.contract.state import (
    LOG_TAIL,
    ApplyProgress,
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

from .made_events import NAMES, histories

CUSTOMERS, ITEMS, ORDERS, PAYMENTS = NAMES
META = Meta(start=1_000)


def folded(told: list[ev.Event], state: EngineState | None = None) -> EngineState:
    return reduce(fold, told, state or EngineState())


def over_the_socket(state: EngineState) -> EngineState:
    return EngineState.model_validate_json(state.model_dump_json())


@given(history=histories, place=st.integers(0, 14))
@settings(max_examples=150, deadline=None)
def test_a_client_that_joins_anywhere_holds_what_the_engine_holds(
    history: list[ev.Event], place: int
) -> None:
    joined_at = min(place, len(history))
    snapshot = over_the_socket(folded(history[:joined_at]))
    later = [
        ev.EventAdapter.validate_json(event.model_dump_json()) for event in history[joined_at:]
    ]
    assert all(event.seq > snapshot.seq for event in later)
    assert folded(later, snapshot) == folded(history)


@given(history=histories)
@settings(max_examples=50, deadline=None)
def test_folding_changes_neither_argument(history: list[ev.Event]) -> None:
    state = EngineState()
    for event in history:
        state_before, event_before = state.model_dump_json(), event.model_dump_json()
        after = fold(state, event)
        assert (state.model_dump_json(), event.model_dump_json()) == (state_before, event_before)
        state = after


@given(history=histories)
@settings(max_examples=50, deadline=None)
def test_the_number_of_the_last_event_is_kept(history: list[ev.Event]) -> None:
    assert folded(history).seq == len(history)


def plan(plan_id: str = "p1") -> PlanOverviewStageTracker:
    def direct(name: str) -> DirectChange:
        return DirectChange(
            name=name, view_name=name, kind="FULL", change_category="BREAKING",
            choices=tuple(Category),
        )  # fmt: skip

    modified = ModifiedChanges(
        direct=(direct(ORDERS), direct(ITEMS)),
        indirect=(
            IndirectChange(
                name=PAYMENTS, view_name="payments", kind="VIEW",
                change_category="INDIRECT_BREAKING",
            ),
        ),
    )  # fmt: skip
    added = AddedChange(name=CUSTOMERS, view_name="customers", kind="FULL", change_category=None)
    return PlanOverviewStageTracker(
        plan_id=plan_id,
        environment="dev",
        start=0,
        end=10,
        execution_time=10,
        is_new_environment=False,
        plan_options=PlanOptions(),
        meta=META,
        validation=ValidationStage(meta=META),
        changes=ChangesStage(meta=META, added=(added,), modified=modified),
        backfills=BackfillsStage(meta=META, models=(backfill(ITEMS, 1), backfill(ORDERS, 3))),
    )


def backfill(name: str, batches: int) -> ModelBackfill:
    return ModelBackfill(
        name=name, view_name=name, kind="FULL", intervals=((0, 10),), interval_count=batches,
        batches=batches, label="",
    )  # fmt: skip


def reviewed() -> EngineState:
    return folded([ev.PlanBuilt(seq=1, plan=plan(), facts=PlanFacts(plan_id="p1"))])


def applying() -> EngineState:
    apply = ApplyProgress(
        run_id="a1",
        plan_id="p1",
        environment="dev",
        started=5,
        stages=(StageProgress(name=StageName.CREATION), StageProgress(name=StageName.BACKFILL)),
        models={
            ORDERS: ModelProgress(name=ORDERS, view_name="orders", total=3),
            ITEMS: ModelProgress(name=ITEMS, view_name="items", total=1),
        },
    )
    return fold(reviewed(), ev.ApplyStarted(seq=2, at=5, apply=apply))


def test_the_session_remembers_since_when_it_is_where_it_is() -> None:
    state = fold(EngineState(), ev.SessionMoved(at=77, state=SessionState.PLANNING))
    assert (state.state, state.since) == (SessionState.PLANNING, 77)


def test_a_new_planning_run_clears_what_belonged_to_the_last_one() -> None:
    state = fold(applying(), ev.Logged(seq=3, text="old"))
    request = PlanRequest(environment="dev")
    started = ev.PlanningStarted(
        seq=4, at=9, run_id="r2", environment="dev", request=request,
        stages=(StageProgress(name=StageName.VALIDATION),),
    )  # fmt: skip
    state = fold(state, started)
    assert (state.plan, state.facts, state.apply, state.cancel, state.log) == (
        None, None, None, None, (),
    )  # fmt: skip
    assert state.planning is not None
    assert (state.planning.request, state.planning.started) == (request, 9)


def test_the_end_of_planning_keeps_its_problem() -> None:
    problem = Problem(code=ProblemCode.FAILED_TESTS, title="2 tests failed.")
    request = PlanRequest()
    state = folded(
        [
            ev.PlanningStarted(run_id="r", environment="dev", request=request, stages=()),
            ev.PlanningEnded(at=8, run_id="r", outcome=RunOutcome.FAILED, problem=problem),
        ]
    )
    assert state.planning is not None
    assert (state.planning.ended, state.planning.outcome) == (8, RunOutcome.FAILED)
    assert state.planning.problem == problem


def test_stages_are_replaced_in_place_and_new_ones_follow() -> None:
    moved = StageProgress(name=StageName.CREATION, done=1, total=2)
    grown = StageProgress(name=StageName.PROMOTE, total=4)
    state = applying()
    for stage in (moved, grown):
        state = fold(state, ev.StageReported(run="apply", stage=stage))
    assert state.apply is not None
    assert state.apply.stages == (moved, StageProgress(name=StageName.BACKFILL), grown)


@pytest.mark.parametrize("run", ["plan", "apply"])
def test_a_stage_of_no_run_changes_nothing(run: str) -> None:
    told = ev.StageReported.model_validate({"run": run, "stage": {"name": "creation"}})
    assert fold(EngineState(), told) == EngineState()


def test_categories_and_what_follows_from_them_are_revised() -> None:
    revised = ev.PlanRevised(
        seq=2, plan_id="p1", start=1, end=9,
        categories={
            ORDERS: "NON_BREAKING", CUSTOMERS: "BREAKING", PAYMENTS: "INDIRECT_NON_BREAKING",
        },
        backfills=(backfill(ORDERS, 7), backfill(CUSTOMERS, 2)),
        backfills_removed=(ITEMS,),
        restatements={ORDERS: (0, 4)},
        facts=PlanFacts(plan_id="p1", batches=9),
    )  # fmt: skip
    state = fold(reviewed(), revised)
    assert state.plan is not None
    changes = state.plan.changes
    assert [model.change_category for model in changes.modified.direct] == [
        "NON_BREAKING",
        "BREAKING",
    ]
    assert changes.modified.indirect[0].change_category == "INDIRECT_NON_BREAKING"
    assert changes.added[0].change_category == "BREAKING"
    assert [(model.name, model.batches) for model in state.plan.backfills.models] == [
        (CUSTOMERS, 2),
        (ORDERS, 7),
    ]
    assert (state.plan.start, state.plan.end) == (1, 9)
    assert state.plan.restatements == {ORDERS: (0, 4)}
    assert state.facts is not None
    assert state.facts.batches == 9


def test_a_revision_of_another_plan_is_not_taken() -> None:
    revised = ev.PlanRevised(plan_id="p0", start=1, end=9, facts=PlanFacts(plan_id="p0"))
    assert fold(reviewed(), revised).plan == plan()


@pytest.mark.parametrize(("plan_id", "stale"), [("p1", True), ("p0", False)])
def test_only_the_reviewed_plan_goes_stale(plan_id: str, stale: bool) -> None:
    problem = Problem(code=ProblemCode.STALE_PLAN, title="orders.sql changed.")
    state = fold(reviewed(), ev.PlanWentStale(plan_id=plan_id, problem=problem))
    assert (state.stale == problem) is stale


def test_a_fresh_plan_is_not_stale() -> None:
    problem = Problem(code=ProblemCode.STALE_PLAN, title="orders.sql changed.")
    state = fold(reviewed(), ev.PlanWentStale(plan_id="p1", problem=problem))
    built = ev.PlanBuilt(plan=plan("p2"), facts=PlanFacts(plan_id="p2"))
    assert fold(state, built).stale is None


def test_progress_replaces_only_the_models_it_names() -> None:
    running = ModelProgress(
        name=ORDERS, view_name="orders", status=ModelStatus.RUNNING, done=1, total=3
    )
    state = fold(applying(), ev.ApplyProgressed(models=(running,), remaining=4_000))
    assert state.apply is not None
    assert state.apply.models[ORDERS] == running
    assert state.apply.models[ITEMS].status is ModelStatus.WAITING
    assert state.apply.remaining == 4_000


def test_progress_without_an_apply_changes_nothing() -> None:
    assert fold(EngineState(), ev.ApplyProgressed(remaining=1)) == EngineState()


@pytest.mark.parametrize("outcome", list(RunOutcome))
def test_only_an_applied_plan_is_gone(outcome: RunOutcome) -> None:
    summary = RunSummary(batches_done=4, batches_total=4)
    ended = ev.ApplyEnded(
        at=99, run_id="a1", plan_id="p1", environment="dev", outcome=outcome, summary=summary
    )
    state = fold(applying(), ended)
    assert state.apply is not None
    assert (state.apply.ended, state.apply.outcome, state.apply.summary) == (99, outcome, summary)
    assert (state.plan is None) is (outcome is RunOutcome.SUCCEEDED)


def test_a_new_apply_forgets_the_last_cancel() -> None:
    cancel = ev.CancelReported(mode=CancelMode.GRACEFUL, reason="user", meta=META, message="waits")
    state = fold(applying(), cancel)
    assert state.cancel is not None
    assert (state.cancel.message, state.cancel.meta.status) == ("waits", StageStatus.INIT)
    assert state.apply is not None
    assert fold(state, ev.ApplyStarted(apply=state.apply)).cancel is None


def test_tests_are_kept() -> None:
    tests = ModelTests(run=3, failed=1)
    assert fold(EngineState(), ev.TestsReported(tests=tests)).tests == tests


def test_the_log_takes_warnings_errors_and_lines_and_has_an_end() -> None:
    problem = Problem(code=ProblemCode.FAILED_BATCH, title="orders failed.", message="No column x.")
    state = folded(
        [
            ev.Logged(at=1, text="hello"),
            ev.Warned(at=2, message="careful"),
            ev.ErrorReported(at=3, problem=problem),
        ]
    )
    assert [(line.at, line.level, line.text) for line in state.log] == [
        (1, "info", "hello"),
        (2, "warning", "careful"),
        (3, "error", "orders failed. No column x."),
    ]
    state = folded([ev.Logged(at=at, text="") for at in range(LOG_TAIL + 5)], state)
    assert len(state.log) == LOG_TAIL
    assert state.log[-1].at == LOG_TAIL + 4
