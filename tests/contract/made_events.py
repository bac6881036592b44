"""Events and sequences of events for property tests, as an engine could tell them."""

from __future__ import annotations

from hypothesis import strategies as st

from plan_tui.contract import changes as ch
from plan_tui.contract import events as ev
from plan_tui.contract import stages as sg
from plan_tui.contract import state as ss
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.interrupted import BatchRisk, Hole, InterruptedRun
from plan_tui.contract.plan import CancelMode, Category, PlanOptions, PlanRequest

NAMES = tuple(f'"db"."shop"."{name}"' for name in ("customers", "items", "orders", "payments"))
ENVIRONMENT = "dev"

# Text with quotes, brackets, escapes and characters beyond ASCII must survive the socket too.
texts = st.sampled_from(
    ("", "orders", "[bold]not markup[/]", 'say "no"', "\x1b[31mred", "größe ✓ \n")
)
names = st.sampled_from(NAMES)
millis = st.integers(0, 2**42)
counts = st.integers(0, 400)
intervals = st.tuples(millis, millis)
categories = st.sampled_from(("BREAKING", "NON_BREAKING", "INDIRECT_BREAKING", None))


def _view(name: str) -> str:
    return name.replace('"', "").split(".", 1)[1]


problems = st.builds(
    Problem,
    code=st.sampled_from(ProblemCode),
    title=texts,
    message=texts,
    path=st.none() | texts,
    line=st.none() | counts,
    interval=st.none() | intervals,
    sql=st.none() | texts,
    nearest=st.lists(texts, max_size=2).map(tuple),
)
metas = st.builds(
    sg.Meta,
    status=st.sampled_from(sg.StageStatus),
    start=millis,
    end=st.none() | millis,
    done=st.booleans(),
)
stages = st.builds(
    ss.StageProgress,
    name=st.sampled_from(ss.StageName),
    meta=st.none() | metas,
    message=texts,
    done=counts,
    total=counts,
)
running_batches = st.builds(
    ss.RunningBatch,
    index=counts,
    interval=intervals,
    since=millis,
    at_risk=st.none() | st.sampled_from(BatchRisk),
)
interrupted_runs = st.builds(
    InterruptedRun,
    run_id=texts,
    environment=st.sampled_from((ENVIRONMENT, "prod")),
    started=millis,
    last_heard=millis,
    stage=st.none() | st.sampled_from(ss.StageName).map(str),
    request=st.just(PlanRequest(environment=ENVIRONMENT)),
    batches_done=counts,
    finalized=st.booleans(),
    tables_left=st.none() | st.lists(texts, max_size=2).map(tuple),
    holes=st.lists(
        st.builds(Hole, name=names, view_name=texts, interval=intervals), max_size=2
    ).map(tuple),
)


@st.composite
def model_progress(draw: st.DrawFn) -> ss.ModelProgress:
    """One model of an apply, anywhere on its way."""
    name = draw(names)
    return ss.ModelProgress(
        name=name,
        view_name=_view(name),
        status=draw(st.sampled_from(ss.ModelStatus)),
        done=draw(counts),
        total=draw(counts),
        running=tuple(draw(st.lists(running_batches, max_size=2))),
        rows=draw(st.none() | counts),
        remaining=draw(st.none() | millis),
        failure=draw(st.none() | problems),
    )


batch_records = st.builds(
    ss.BatchRecord,
    name=names,
    view_name=texts,
    index=counts,
    interval=intervals,
    duration=st.none() | millis,
    rows=st.none() | counts,
)
backfills = st.builds(
    ch.ModelBackfill,
    name=names,
    view_name=texts,
    kind=texts,
    intervals=st.lists(intervals, max_size=2).map(tuple),
    interval_count=counts,
    batches=counts,
    label=texts,
)
direct_changes = st.builds(
    ch.DirectChange,
    name=names,
    view_name=texts,
    kind=texts,
    diff=st.none() | texts,
    change_category=categories,
    choices=st.sampled_from(((), tuple(Category))),
    indirect=st.lists(names, max_size=2).map(tuple),
)


@st.composite
def plans(draw: st.DrawFn) -> sg.PlanOverviewStageTracker:
    """A built plan with changes and backfills."""
    meta = draw(metas)
    return sg.PlanOverviewStageTracker(
        plan_id=draw(st.sampled_from(("p1", "p2"))),
        environment=ENVIRONMENT,
        start=draw(millis),
        end=draw(millis),
        execution_time=draw(millis),
        is_new_environment=draw(st.booleans()),
        plan_options=PlanOptions(),
        meta=meta,
        validation=sg.ValidationStage(meta=meta),
        changes=sg.ChangesStage(
            meta=meta,
            modified=ch.ModifiedChanges(direct=tuple(draw(st.lists(direct_changes, max_size=3)))),
        ),
        backfills=sg.BackfillsStage(
            meta=meta, models=tuple(draw(st.lists(backfills, max_size=3, unique_by=_name)))
        ),
        restatements=draw(st.dictionaries(names, intervals, max_size=2)),
    )


def _name(model: ch.ModelBackfill) -> str:
    return model.name


facts = st.builds(
    ss.PlanFacts,
    plan_id=st.sampled_from(("p1", "p2")),
    uncategorized=st.lists(names, max_size=2).map(tuple),
    batches=counts,
)
outcomes = st.sampled_from(ss.RunOutcome)
infos = st.builds(
    ss.EngineInfo,
    protocol=st.just(1),
    version=texts,
    sqlmesh_version=st.none() | texts,
    pid=counts,
    started=millis,
    paths=st.just(("/shop",)),
    project=texts,
    gateway=st.none() | texts,
    engine_type=st.none() | texts,
    models=st.none() | counts,
    project_state=st.sampled_from(ss.ProjectState),
    log_path=texts,
)
applies = st.builds(
    ss.ApplyProgress,
    run_id=texts,
    plan_id=texts,
    environment=st.just(ENVIRONMENT),
    started=millis,
    stages=st.lists(stages, max_size=3, unique_by=lambda stage: stage.name).map(tuple),
    models=st.lists(model_progress(), max_size=3).map(
        lambda models: {model.name: model for model in models}
    ),
)
events = st.one_of(
    st.builds(ev.EngineChanged, at=millis, info=infos, loading=st.none() | stages),
    st.builds(ev.SessionMoved, at=millis, state=st.sampled_from(ss.SessionState)),
    st.builds(
        ev.PlanningStarted,
        at=millis,
        run_id=texts,
        environment=texts,
        request=st.just(PlanRequest(environment=ENVIRONMENT)),
        stages=st.lists(stages, max_size=3).map(tuple),
    ),
    st.builds(ev.StageReported, at=millis, run=st.sampled_from(("plan", "apply")), stage=stages),
    st.builds(ev.PlanBuilt, at=millis, plan=plans(), facts=facts),
    st.builds(
        ev.PlanRevised,
        at=millis,
        plan_id=st.sampled_from(("p1", "p2")),
        start=millis,
        end=millis,
        categories=st.dictionaries(names, categories, max_size=2),
        backfills=st.lists(backfills, max_size=2).map(tuple),
        backfills_removed=st.lists(names, max_size=2).map(tuple),
        restatements=st.dictionaries(names, intervals, max_size=2),
        facts=facts,
    ),
    st.builds(ev.PlanWentStale, at=millis, plan_id=st.sampled_from(("p1", "p2")), problem=problems),
    st.builds(
        ev.PlanningEnded, at=millis, run_id=texts, outcome=outcomes, problem=st.none() | problems
    ),
    st.builds(ev.ApplyStarted, at=millis, apply=applies),
    st.builds(
        ev.ApplyProgressed,
        at=millis,
        models=st.lists(model_progress(), max_size=3).map(tuple),
        batches=st.lists(batch_records, max_size=2).map(tuple),
        remaining=st.none() | millis,
    ),
    st.builds(
        ev.ApplyEnded,
        at=millis,
        run_id=texts,
        plan_id=texts,
        environment=st.just(ENVIRONMENT),
        outcome=outcomes,
        problem=st.none() | problems,
        summary=st.builds(ss.RunSummary, batches_done=counts, batches_total=counts),
    ),
    st.builds(ev.RunsReconciled, at=millis, runs=st.lists(interrupted_runs, max_size=2).map(tuple)),
    st.builds(
        ev.CancelReported,
        at=millis,
        mode=st.sampled_from(CancelMode),
        reason=st.sampled_from(("user", "conflict", "shutdown")),
        meta=metas,
        message=texts,
    ),
    st.builds(
        ev.TestsReported, at=millis, tests=st.builds(sg.ModelTests, run=counts, failed=counts)
    ),
    st.builds(ev.Warned, at=millis, message=texts),
    st.builds(ev.ErrorReported, at=millis, problem=problems),
    st.builds(ev.Logged, at=millis, level=st.sampled_from(("info", "error")), text=texts),
)


def _numbered(told: list[ev.Event]) -> list[ev.Event]:
    return [event.model_copy(update={"seq": seq}) for seq, event in enumerate(told, start=1)]


histories = st.lists(events, max_size=14).map(_numbered)
"""Events numbered from 1, in any order: the fold may not depend on a well-behaved engine."""
