"""An apply that fails: what is said, what is kept, what the next plan shows."""

from __future__ import annotations

import pytest
from sqlmesh.core.plan.evaluator import BuiltInPlanEvaluator
from sqlmesh.utils.errors import ConflictingPlanError

from plan_tui.contract import events as ev
from plan_tui.contract.errors import ProblemCode
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import ModelStatus, RunOutcome, SessionState, StageName

from .projects import DAY, JAN_1, Project
from .talking import Engine, Run

EVENTS, DAILY, TOTALS, STORES = (
    '"lake"."raw"."events"',
    '"lake"."shop"."daily"',
    '"lake"."shop"."totals"',
    '"lake"."shop"."stores"',
)
BOOM = "CASE WHEN d = '2024-01-08' THEN ERROR('boom on the eighth') ELSE (i * 10) END::INT"


def stages(run: Run) -> dict[StageName, StageStatus | None]:
    return {stage.name: stage.meta and stage.meta.status for stage in run.apply.stages}


def statuses(run: Run) -> dict[str, ModelStatus]:
    return {name: model.status for name, model in run.apply.models.items()}


def assert_failed(run: Run, code: ProblemCode) -> None:
    """It ended failed, once, and says why where one looks."""
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is code, run.failure
    assert run.apply.problem == run.failure
    assert len(run.of(ev.ApplyEnded)) == 1
    assert run.state.state is SessionState.IDLE
    assert run.state.stale is not None
    assert run.apply.summary is not None
    assert not run.apply.summary.promoted
    assert all(model.running == () for model in run.apply.models.values())


def test_a_failing_batch(engine: Engine, shop: Project) -> None:
    shop.edit("models/events.sql", "(i * 10)::INT", BOOM)
    shop.edit("models/stores.sql", "'north'", "'south'")
    planned = engine.plan()
    assert {model.name for model in planned.plan.backfills.models} == {
        EVENTS,
        DAILY,
        TOTALS,
        STORES,
    }
    run = engine.apply()
    assert_failed(run, ProblemCode.FAILED_BATCH)
    problem = run.failure
    assert problem.model == "raw__dev.events"
    assert problem.model in problem.title
    assert problem.interval == (JAN_1 + 5 * DAY, JAN_1 + 10 * DAY)
    assert "boom on the eighth" in problem.message
    assert problem.sql is not None
    assert "INSERT INTO" in problem.sql
    assert "boom on the eighth" in problem.sql
    assert problem.hint
    (error,) = run.of(ev.ErrorReported)
    assert error.problem == problem
    (ended,) = run.of(ev.ApplyEnded)
    assert ended.failures == (problem,)

    # Which models did what.
    assert statuses(run) == {
        EVENTS: ModelStatus.FAILED,
        DAILY: ModelStatus.SKIPPED,
        TOTALS: ModelStatus.SKIPPED,
        STORES: ModelStatus.DONE,
    }
    events = run.apply.models[EVENTS]
    assert (events.done, events.total, events.failure) == (1, 2, problem)
    assert run.apply.models[DAILY].skipped_because == "raw__dev.events"
    assert run.apply.models[TOTALS].skipped_because == "raw__dev.events"
    records = [batch for event in run.of(ev.ApplyProgressed) for batch in event.batches]
    done = {(batch.name, batch.index) for batch in records if batch.duration is not None}
    assert done == {(EVENTS, 0), (STORES, 0)}
    assert [(batch.name, batch.index) for batch in records if batch.duration is None] == [
        (EVENTS, 1)
    ]
    summary = run.apply.summary
    assert summary is not None
    assert (summary.batches_done, summary.models_done) == (2, 1)
    assert (summary.models_failed, summary.models_skipped) == (1, 2)
    assert stages(run)[StageName.BACKFILL] is StageStatus.FAIL
    assert stages(run)[StageName.PROMOTE] is None

    # What was done stays done, and the environment is not switched.
    assert shop.plan_id("dev") is None
    rest = engine.plan()
    backfills = {model.name: model for model in rest.plan.backfills.models}
    assert set(backfills) == {EVENTS, DAILY, TOTALS}
    assert backfills[EVENTS].intervals == ((JAN_1 + 5 * DAY, JAN_1 + 10 * DAY),)
    assert rest.state.facts is not None
    assert rest.state.facts.categories_locked is not None
    assert all(change.choices == () for change in rest.plan.changes.modified.direct)

    # The corrected model is another version, and all of it can be applied.
    shop.edit("models/events.sql", "'2024-01-08'", "'2023-01-08'")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT COUNT(*) FROM raw__dev.events") == [(30,)]


def test_a_failed_batch_that_is_mended_outside_resumes(engine: Engine, shop: Project) -> None:
    shop.write(
        "models/late.sql", "MODEL (name shop.late, kind FULL); SELECT x::INT AS x FROM t.late"
    )
    # The table of this seed is made before its audit fails.
    shop.write("few.csv", "x\n1\n")
    shop.write("audits/there.sql", "AUDIT (name there); SELECT x FROM t.late WHERE x IS NULL")
    shop.write(
        "models/few.sql", "MODEL (name shop.few, kind SEED (path '../few.csv'), audits (there));"
    )
    engine.plan()
    failed = engine.apply()
    assert failed.outcome is RunOutcome.FAILED
    assert failed.apply.summary is not None
    assert failed.apply.summary.models_failed == 2
    assert failed.apply.summary.tables_created == 1
    assert failed.apply.summary.is_new
    assert failed.failure.title.endswith("failed, and 1 more model failed.")
    assert "late" in failed.failure.message
    shop.execute("CREATE SCHEMA t; CREATE TABLE t.late AS SELECT 7 AS x")
    again = engine.plan()
    assert again.outcome is RunOutcome.SUCCEEDED
    done = engine.apply()
    assert done.outcome is RunOutcome.SUCCEEDED
    assert again.state.facts is not None
    assert done.apply.summary is not None
    assert again.state.facts.tables_created == done.apply.summary.tables_created == 1
    assert shop.rows("SELECT x FROM shop__dev.late") == [(7,)]
    assert shop.plan_id("dev") == done.apply.plan_id


def test_a_failing_audit(engine: Engine, shop: Project) -> None:
    shop.edit("models/events.sql", "i::INT AS id", "NULLIF(i, 2)::INT AS id")
    engine.plan()
    run = engine.apply()
    assert_failed(run, ProblemCode.FAILED_AUDIT)
    problem = run.failure
    assert problem.model == "raw__dev.events"
    assert problem.interval == (JAN_1, JAN_1 + 5 * DAY)
    assert "not_null" in problem.message
    assert "5 rows" in problem.message
    assert problem.sql is not None
    assert "IS NULL" in problem.sql.upper()
    assert statuses(run)[EVENTS] is ModelStatus.FAILED
    assert run.apply.models[DAILY].skipped_because == "raw__dev.events"


def test_an_audit_that_does_not_block_is_a_warning(engine: Engine, shop: Project) -> None:
    shop.edit("models/events.sql", "not_null(", "not_null_non_blocking(")
    shop.edit("models/events.sql", "i::INT AS id", "NULLIF(i, 2)::INT AS id")
    engine.plan()
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED
    assert [event for event in run.of(ev.Warned) if "not_null" in event.message] != []
    assert run.apply.models[EVENTS].audits_failed == 2


def test_a_table_that_can_not_be_created(engine: Engine, shop: Project) -> None:
    shop.write(
        "models/bad.sql",
        "MODEL (name shop.bad, kind INCREMENTAL_BY_TIME_RANGE (time_column ds));\n"
        "SELECT ds::DATE AS ds, x::INT AS x FROM nowhere.at_all "
        "WHERE ds BETWEEN @start_ds AND @end_ds",
    )
    shop.write("models/below.sql", "MODEL (name shop.below, kind FULL); SELECT x FROM shop.bad")
    engine.plan()
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    problem = run.failure
    assert problem.code in (ProblemCode.FAILED_CREATION, ProblemCode.FAILED_BATCH)
    assert problem.model == "shop__dev.bad"
    assert "nowhere" in problem.message
    assert problem.sql is not None
    assert "nowhere" in problem.sql
    shop.remove("models/bad.sql")
    shop.remove("models/below.sql")
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    assert engine.apply().outcome is RunOutcome.SUCCEEDED


def test_a_statement_of_the_model_that_fails(engine: Engine, shop: Project) -> None:
    shop.write(
        "models/bad.sql",
        "MODEL (name shop.bad, kind FULL);\nCREATE TABLE no_such_schema.t (x INT);\n"
        "SELECT 1::INT AS x",
    )
    engine.plan()
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.model == "shop__dev.bad"
    assert "no_such_schema" in run.failure.message
    assert "no_such_schema" in (run.failure.sql or "")


def test_a_python_model_that_raises(engine: Engine, shop: Project) -> None:
    shop.write(
        "models/bad.py",
        "from sqlmesh import model\n\n\n"
        '@model("shop.bad", kind="FULL", columns={"x": "int"})\n'
        "def execute(context, start, end, execution_time, **kwargs):\n"
        '    raise ValueError("no luck today")\n',
    )
    engine.plan()
    run = engine.apply()
    assert_failed(run, ProblemCode.FAILED_BATCH)
    assert run.failure.model == "shop__dev.bad"
    assert "no luck today" in run.failure.message
    assert run.failure.interval is not None
    # No statement failed: the last one made the table, and went well.
    assert run.failure.sql is None
    assert run.failure.title == "The Python of shop__dev.bad failed."


@pytest.mark.parametrize("when", ["before_all", "after_all"])
def test_an_environment_statement_that_fails(engine: Engine, shop: Project, when: str) -> None:
    config = (shop.root / "config.yaml").read_text()
    shop.write("config.yaml", f"{config}{when}:\n  - SELECT * FROM no_such_table\n")
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is ProblemCode.FAILED_APPLY
    assert "no_such_table" in run.failure.message
    assert when in run.failure.title
    assert run.failure.sql is not None
    assert "no_such_table" in run.failure.sql
    assert stages(run)[StageName(when)] is StageStatus.FAIL
    summary = run.apply.summary
    assert summary is not None
    assert summary.promoted is (when == "after_all")
    # What failed first is run again by a plan; no plan shows what failed last.
    assert ("sqlmesh run dev once a model is due" in str(run.failure.hint)) is summary.promoted
    shop.write("config.yaml", config)
    assert engine.plan().outcome is RunOutcome.SUCCEEDED


def test_a_promotion_that_fails_names_its_model(engine: Engine, shop: Project) -> None:
    statement = "ON_VIRTUAL_UPDATE_BEGIN; SELECT * FROM no_such_table; ON_VIRTUAL_UPDATE_END;"
    shop.edit("models/stores.sql", "AS name", f"AS name;\n{statement}")
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    run = engine.apply()
    assert run.outcome is RunOutcome.FAILED
    assert run.failure.code is ProblemCode.FAILED_APPLY
    assert run.failure.title == "Applying to dev failed in the promotion, at shop__dev.stores."
    assert run.failure.model == "shop__dev.stores"
    assert "no_such_table" in run.failure.message
    assert run.failure.sql is not None
    assert "no_such_table" in run.failure.sql


def test_an_environment_that_could_not_be_switched_is_not_told_as_promoted(
    engine: Engine, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*given: object) -> None:
        raise ConflictingPlanError("Plan 'x' is no longer valid for the target environment 'dev'.")

    stage = "visit_environment_record_update_stage"
    monkeypatch.setattr(BuiltInPlanEvaluator, stage, too_late)
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    run = engine.apply()
    assert_failed(run, ProblemCode.CONFLICT)
    assert shop.plan_id("dev") is None


def test_two_failures_are_counted(engine: Engine, shop: Project) -> None:
    for name in ("one", "two"):
        shop.write(
            f"models/{name}.sql",
            f"MODEL (name shop.{name}, kind FULL); SELECT ERROR('{name} is bad')::INT AS x",
        )
    engine.plan()
    run = engine.apply()
    assert_failed(run, ProblemCode.FAILED_BATCH)
    assert "1 more" in run.failure.title
    models = [event.problem.model for event in run.of(ev.ErrorReported)]
    assert set(models) == {"shop__dev.one", "shop__dev.two"}
    failures = {m.view_name: m.failure for m in run.apply.models.values()}
    assert failures["shop__dev.one"] is not None
    assert failures["shop__dev.two"] is not None
    assert "two is bad" in failures["shop__dev.two"].message
