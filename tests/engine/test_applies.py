"""Plans that are applied: what is told on the way, and what SQLMesh has afterwards."""

from __future__ import annotations

from plan_tui.contract import events as ev
from plan_tui.contract import routes
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


def done_stages(run: Run) -> list[StageName]:
    return [
        stage.name
        for stage in run.apply.stages
        if stage.meta is not None and stage.meta.status is StageStatus.SUCCESS and stage.meta.done
    ]


def batches(run: Run) -> list[tuple[str, int]]:
    return [
        (batch.view_name, batch.index)
        for event in run.of(ev.ApplyProgressed)
        for batch in event.batches
    ]


def test_a_first_deployment(engine: Engine, shop: Project) -> None:
    shop.database.unlink()
    planned = engine.plan("prod")
    assert planned.plan.is_new_environment
    assert {change.name for change in planned.plan.changes.added} == {EVENTS, DAILY, TOTALS, STORES}
    facts = planned.state.facts
    assert facts is not None
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED
    assert run.state.state is SessionState.IDLE
    assert run.state.plan is None
    assert done_stages(run) == [
        StageName.CREATION,
        StageName.BACKFILL,
        StageName.PROMOTE,
        StageName.FINALIZE,
    ]
    assert sorted(batches(run)) == [
        ("raw.events", 0),
        ("raw.events", 1),
        ("shop.daily", 0),
        ("shop.stores", 0),
        ("shop.totals", 0),
    ]
    summary = run.apply.summary
    assert summary is not None
    assert summary.batches_done == summary.batches_total == facts.batches == 5
    assert (summary.models_done, summary.promoted) == (4, True)
    assert summary.tables_created == facts.tables_created
    assert summary.views_promoted == facts.views_updated == 4
    assert all(model.status is ModelStatus.DONE for model in run.apply.models.values())
    assert run.apply.models[EVENTS].audits_passed == 2
    assert shop.plan_id("prod") == planned.plan_id
    assert shop.rows("SELECT amount FROM shop.totals") == [(600,)]
    assert engine.plan("prod").state.facts.refusal is not None  # type: ignore[union-attr]


def test_models_wait_for_those_upstream(engine: Engine, shop: Project) -> None:
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    engine.plan()
    run = engine.apply()
    (started,) = run.of(ev.ApplyStarted)
    waiting = {name: model.waits_for for name, model in started.apply.models.items()}
    assert waiting == {
        EVENTS: (),
        DAILY: ("raw__dev.events",),
        TOTALS: ("shop__dev.daily",),
    }
    assert batches(run) == [
        ("raw__dev.events", 0),
        ("raw__dev.events", 1),
        ("shop__dev.daily", 0),
        ("shop__dev.totals", 0),
    ]
    last = run.apply.models
    assert all(model.waits_for == () for model in last.values())
    assert all(model.done == model.total and model.running == () for model in last.values())


def test_progress_never_goes_back(engine: Engine, shop: Project) -> None:
    shop.edit("models/events.sql", "(i * 10)", "(i * 20)")
    engine.plan()
    run = engine.apply()
    done: dict[str, int] = {}
    for event in run.of(ev.ApplyProgressed):
        for model in event.models:
            assert model.done >= done.get(model.name, 0)
            assert model.done <= model.total
            done[model.name] = model.done
    started: dict[StageName, int] = {}
    for event in run.of(ev.StageReported):
        if event.run == "apply":
            assert event.stage.done >= started.get(event.stage.name, 0)
            assert event.stage.total == 0 or event.stage.done <= event.stage.total
            started[event.stage.name] = event.stage.done


def test_a_restatement(engine: Engine, shop: Project) -> None:
    planned = engine.plan(
        "prod",
        dates={"start": "2024-01-03", "end": "2024-01-04"},
        restate_models=["raw.events"],
    )
    assert planned.outcome is RunOutcome.SUCCEEDED, planned.problem
    assert planned.plan.restatements[EVENTS] == (JAN_1 + 2 * DAY, JAN_1 + 4 * DAY)
    facts = planned.state.facts
    assert facts is not None
    assert facts.rewritten == len(planned.plan.restatements)
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    assert StageName.RESTATE in done_stages(run)
    assert run.apply.models[EVENTS].total == 1
    assert shop.rows("SELECT COUNT(*) FROM raw.events") == [(30,)]


def test_a_removed_model(engine: Engine, shop: Project) -> None:
    shop.remove("models/totals.sql")
    planned = engine.plan("prod")
    (removed,) = planned.plan.changes.removed
    assert removed.view_name == "shop.totals"
    facts = planned.state.facts
    assert facts is not None
    assert facts.views_removed == 1
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT view_name FROM duckdb_views() WHERE view_name = 'totals'") == []


def physical(shop: Project) -> set[tuple[object, ...]]:
    """The tables and views of all versions."""
    return set(
        shop.rows(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema LIKE 'sqlmesh__%' AND table_schema <> 'sqlmesh'"
        )
    )


def test_a_forward_only_change_reaches_prod(engine: Engine, shop: Project) -> None:
    shop.edit(
        "models/events.sql",
        "(i * 10)::INT AS amount",
        "(i * 10)::INT AS amount, 'new'::TEXT AS note",
    )
    made = physical(shop)
    dev = engine.plan("dev", forward_only=True)
    assert dev.outcome is RunOutcome.SUCCEEDED, dev.problem
    applied = engine.apply()
    assert applied.outcome is RunOutcome.SUCCEEDED
    # What is below shares its version with prod, and its preview has a table of its own.
    assert dev.state.facts is not None
    assert dev.state.facts.tables_created == len(physical(shop) - made) > 1
    prod = engine.plan("prod", forward_only=True)
    assert prod.outcome is RunOutcome.SUCCEEDED, prod.problem
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    assert StageName.MIGRATE in done_stages(run)
    assert shop.rows("SELECT COUNT(*), COUNT(note) FROM raw.events") == [(30, 0)]


def test_environment_statements_run(engine: Engine, shop: Project) -> None:
    config = (shop.root / "config.yaml").read_text()
    shop.write(
        "config.yaml",
        f"{config}before_all:\n  - CREATE TABLE IF NOT EXISTS seen_before AS SELECT 1 AS x\n"
        "after_all:\n  - CREATE TABLE IF NOT EXISTS seen_after AS SELECT 2 AS x\n",
    )
    planned = engine.plan("dev", include_unmodified=True)
    statements = planned.plan.changes.environment_statements
    assert statements is not None
    assert "seen_before" in statements
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED, run.problem
    stages = done_stages(run)
    assert stages[0] is StageName.BEFORE_ALL
    assert stages[-1] is StageName.AFTER_ALL
    assert shop.rows("SELECT b.x, a.x FROM seen_before AS b, seen_after AS a") == [(1, 2)]


def test_skipped_and_empty_backfills(engine: Engine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    skipped = engine.plan("dev", skip_backfill=True)
    assert skipped.plan.backfills.models == ()
    run = engine.apply()
    assert run.outcome is RunOutcome.SUCCEEDED
    assert batches(run) == []
    assert shop.rows("SELECT COUNT(*) FROM shop__dev.stores") == [(0,)]
    (left,) = engine.plan("dev").plan.backfills.models
    assert left.name == STORES
    engine.plan("other", empty_backfill=True)
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    facts = engine.plan("dev").state.facts
    assert facts is not None
    assert not facts.requires_backfill


def test_what_was_applied_can_still_be_looked_at(engine: Engine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    engine.plan()
    engine.apply()
    answer = engine.get(routes.MODEL.format(name="shop.stores"))
    assert answer.status_code == 200
    assert engine.get(routes.PLAN).status_code == 404
