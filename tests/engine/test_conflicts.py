"""Commands that come at the wrong moment, and plans that are out of date: 409 with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract import routes
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.lookup import Environments, ModelDetail, ProjectInfo
from plan_tui.contract.meta import EngineMeta
from plan_tui.contract.plan import CancelMode, Category, PlanDates, PlanRequest
from plan_tui.contract.stages import StageStatus
from plan_tui.contract.state import EngineInfo, ModelStatus, RunOutcome, SessionState
from plan_tui.engine.refused import Refused

from .hosting import HostedEngine, hosted
from .projects import Gate, Project, gated_batches, gated_file
from .talking import Engine


def refused_apply(engine: Engine, plan_id: str) -> Problem:
    with engine.listen() as ear:
        problem = engine.refused(routes.APPLY, {"plan_id": plan_id}, 409)
        stale = ear.until(ev.PlanWentStale)
    assert stale.plan_id == plan_id
    assert stale.problem == problem
    state = engine.state
    assert state.stale == problem
    assert state.state is SessionState.REVIEW
    assert state.apply is None
    return problem


def test_apply_takes_the_reviewed_plan_only(engine: Engine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    old = engine.plan().plan_id
    shop.edit("models/stores.sql", "'south'", "'east'")
    new = engine.plan().plan_id
    assert new != old
    problem = engine.refused(routes.APPLY, {"plan_id": old}, 409)
    assert problem.code is ProblemCode.STALE_PLAN
    assert old[:8] in problem.message
    assert engine.apply(new).outcome is RunOutcome.SUCCEEDED
    assert shop.rows("SELECT name FROM shop__dev.stores") == [("east",)]


def _edited(shop: Project) -> None:
    shop.edit("models/stores.sql", "'south'", "'east'")


def _added(shop: Project) -> None:
    shop.write("models/new.sql", "MODEL (name shop.new, kind VIEW); SELECT 1::INT AS x")


def _removed(shop: Project) -> None:
    shop.remove("models/totals.sql")


def _configured(shop: Project) -> None:
    shop.edit("config.yaml", "start: 2024-01-01", "start: 2024-01-02")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (_edited, "models/stores.sql"),
        (_added, "models/new.sql"),
        (_removed, "models/totals.sql"),
        (_configured, "config.yaml"),
    ],
)
def test_a_plan_of_other_files_is_not_applied(
    engine: Engine, shop: Project, change: Callable[[Project], None], path: str
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    change(shop)
    problem = refused_apply(engine, plan_id)
    assert problem.code is ProblemCode.STALE_PLAN
    assert path in problem.title
    assert problem.path == path
    assert engine.plan().outcome is RunOutcome.SUCCEEDED
    assert engine.state.stale is None
    assert engine.apply().outcome is RunOutcome.SUCCEEDED


@pytest.mark.parametrize("path", [routes.PROJECT, routes.ENVIRONMENTS])
def test_a_plan_of_other_files_stays_stale_when_the_project_is_read_again(
    engine: Engine, shop: Project, path: str
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    _edited(shop)
    assert engine.get(path).status_code == 200
    assert refused_apply(engine, plan_id).code is ProblemCode.STALE_PLAN
    assert shop.plan_id("dev") is None


def test_a_plan_of_files_that_changed_while_it_was_built_is_stale_at_once(
    engine: HostedEngine, shop: Project, gate: Gate
) -> None:
    engine.get(routes.PROJECT)
    shop.write("models/held.py", gated_file(gate))
    with engine.listen() as ear:
        assert engine.post(routes.PLAN, {"environment": "dev"}).status_code == 204
        gate.wait()
        shop.edit("models/stores.sql", "'north'", "'south'")
        gate.open()
        assert ear.until(ev.PlanningEnded).outcome is RunOutcome.SUCCEEDED
        assert ear.until(ev.PlanWentStale).problem.path == "models/stores.sql"
    stale = engine.state.stale
    assert stale is not None
    assert stale.code is ProblemCode.STALE_PLAN


def test_of_two_plans_the_one_that_was_asked_for_last_is_built(engine: HostedEngine) -> None:
    engine.get(routes.PROJECT)
    one = PlanRequest(environment="one", categories={"shop.stores": Category.BREAKING})
    two = PlanRequest(environment="two")
    with engine.listen() as ear:
        with engine.busy_worker():
            first = engine.send(lambda session: session.plan(one))
            assert engine.send(lambda session: session.plan(two)).exception(30) is None
        refusal = first.exception(30)
        ear.until(ev.PlanningEnded)
    assert isinstance(refusal, Refused)
    assert (refusal.status, refusal.problem.code) == (409, ProblemCode.BUSY)
    started = [event for event in ear.heard if isinstance(event, ev.PlanningStarted)]
    assert [event.environment for event in started] == ["two"]


def test_a_cancel_finds_a_plan_whose_names_wait_for_the_project(engine: HostedEngine) -> None:
    engine.get(routes.PROJECT)
    reviewed = engine.plan("fresh", include_unmodified=True).plan_id
    request = PlanRequest(environment="dev", categories={"shop.stores": Category.BREAKING})
    with engine.listen() as ear:
        with engine.busy_worker():
            asked = engine.send(lambda session: session.plan(request))
            engine.send(lambda session: session.cancel(CancelMode.GRACEFUL)).result(30)
            told = ear.until(ev.CancelReported)
        refusal = asked.exception(30)
    assert isinstance(refusal, Refused)
    assert (refusal.status, refusal.problem.code) == (409, ProblemCode.CANCELLED)
    assert "not built" in told.message
    assert (told.meta.status, told.meta.done) == (StageStatus.SUCCESS, True)
    assert engine.state.plan is not None
    assert engine.state.plan.plan_id == reviewed, "what is under review stays"
    assert engine.plan("dev").outcome is RunOutcome.SUCCEEDED


@pytest.mark.parametrize("environment", ["prod", "dev", "fresh"])
def test_a_plan_for_an_environment_that_moved_is_not_applied(
    engine: Engine, shop: Project, tmp_path: Path, environment: str
) -> None:
    if environment == "dev":
        shop.deploy("dev", include_unmodified=True)
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan(environment).plan_id
    colleague = shop.twin(tmp_path / "colleague")
    colleague.edit("models/stores.sql", "'south'", "'east'")
    colleague.deploy(environment)
    problem = refused_apply(engine, plan_id)
    assert problem.code is ProblemCode.CONFLICT
    assert environment in problem.title
    moved = engine.plan(environment)
    assert moved.outcome is RunOutcome.SUCCEEDED
    assert engine.apply().outcome is RunOutcome.SUCCEEDED
    assert shop.plan_id(environment) == moved.plan_id


def test_an_uncategorized_model_bars_the_apply(engine: Engine, shop: Project) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    shop.edit("models/daily.sql", "SUM(amount)", "SUM(amount + 1)")
    run = engine.plan(no_auto_categorization=True)
    facts = run.state.facts
    assert facts is not None
    assert set(facts.uncategorized) == {'"lake"."shop"."stores"', '"lake"."shop"."daily"'}
    document = engine.get(routes.PLAN).json()
    assert document["steps"] == []
    (note,) = document["steps_notes"]
    assert note.startswith("2 models have no category yet")
    assert "--category" in note
    assumed = engine.get("/api/looks/steps").json()
    assert assumed["assumed"] is True
    words = "shop__dev.daily breaking (suggested) and shop__dev.stores breaking (suggested)"
    assert f"These steps assume: {words}." in assumed["notes"]
    batch = next(each for each in assumed["steps"] if each["stage"] == "backfill")
    shown = engine.get("/api/looks/step-sql", step=batch["id"]).json()
    assert "SUM" in shown["statements"][-1]["sql"] or "south" in shown["statements"][-1]["sql"]
    assert engine.state.facts.uncategorized == facts.uncategorized, "it is no choice"
    problem = engine.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
    assert problem.code is ProblemCode.UNCATEGORIZED
    assert "shop__dev.daily" in problem.message
    assert engine.post(routes.CATEGORIES, {"categories": {"shop.daily": "BREAKING"}}).is_success
    one_left = engine.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
    assert one_left.code is ProblemCode.UNCATEGORIZED
    assert "shop__dev.stores" in one_left.message
    assert engine.post(routes.CATEGORIES, {"categories": {"shop.stores": "BREAKING"}}).is_success
    chosen = engine.get("/api/looks/steps").json()
    assert chosen["assumed"] is False
    assert chosen["steps"] == assumed["steps"], "chosen as it was assumed, just that runs"
    assert engine.apply(run.plan_id).outcome is RunOutcome.SUCCEEDED


def test_with_nothing_to_do_nothing_is_applied(engine: Engine) -> None:
    run = engine.plan("prod")
    problem = engine.refused(routes.APPLY, {"plan_id": run.plan_id}, 409)
    assert problem.code is ProblemCode.NOTHING_TO_DO
    for option in ("--include-unmodified", "--restate-model", "--run", "--end"):
        assert option in problem.hint


def test_a_plan_asked_for_while_an_apply_begins_does_not_replace_what_is_applied(
    engine: HostedEngine, shop: Project
) -> None:
    shop.edit("models/stores.sql", "'north'", "'south'")
    plan_id = engine.plan().plan_id
    with engine.listen() as ear:
        with engine.busy_worker():
            applying = engine.send(lambda session: session.apply(plan_id))
            planning = engine.send(lambda session: session.plan(PlanRequest(environment="prod")))
        refused = [each for each in (applying.exception(30), planning.exception(30)) if each]
        assert len(refused) == 1
        ended = ear.until((ev.PlanningEnded, ev.ApplyEnded))  # type: ignore[arg-type]
    if applying.exception() is None:
        assert ended.environment == "dev"
        assert shop.rows("SELECT name FROM shop__dev.stores") == [("south",)]
        assert shop.rows("SELECT name FROM shop.stores") == [("north",)]


def test_a_plan_whose_dates_are_read_while_an_apply_begins_is_refused(
    engine: HostedEngine, shop: Project, gate: Gate
) -> None:
    shop.write("models/gated.py", gated_batches(gate))
    plan_id = engine.plan().plan_id
    dated = PlanRequest(environment="dev", plan_dates=PlanDates(start="2024-01-02"))
    with engine.listen() as ear:
        with engine.busy_reader():
            planning = engine.send(lambda session: session.plan(dated))
            assert engine.send(lambda session: session.apply(plan_id)).exception(30) is None
            gate.wait()
        refusal = planning.exception(30)
        gate.open()
        run = engine.ended(ear)
    assert isinstance(refusal, Refused)
    assert refusal.status == 409
    assert run.outcome is RunOutcome.SUCCEEDED
    assert not run.of(ev.PlanningStarted)


class TestWhileAPlanIsApplied:
    @pytest.fixture
    def engine(self, shop: Project, gate: Gate, runtime: Path) -> Iterator[Engine]:
        """An engine of which the apply to dev waits in its first batch."""
        shop.write("models/gated.py", gated_batches(gate))
        with hosted(shop, runtime) as engine:
            engine.plan()
            engine.start_apply()
            gate.wait()
            yield engine
            gate.open()

    def test_other_commands_are_refused(self, engine: Engine, gate: Gate) -> None:
        plan_id = engine.state.facts and engine.state.facts.plan_id
        seq = engine.state.seq
        # From there on: progress of the batch may be told before the listener asks for itself.
        with engine.listen(after=seq) as ear:
            for path, body in (
                (routes.PLAN, {"environment": "prod"}),
                (routes.PLAN, {"environment": "dev", "categories": {"shop.gated": "BREAKING"}}),
                (routes.CATEGORIES, {"categories": {"shop.gated": "NON_BREAKING"}}),
                (routes.APPLY, {"plan_id": plan_id}),
            ):
                problem = engine.refused(path, body, 409)
                assert problem.code is ProblemCode.BUSY
                assert "while a plan is being applied" in problem.title
            assert engine.state.state is SessionState.APPLYING
            gate.open()
            run = engine.ended(ear)
        assert run.outcome is RunOutcome.SUCCEEDED
        assert next(event.seq for event in run.events) == seq + 1
        assert not run.of(ev.PlanningStarted)

    def test_the_plan_and_its_models_can_be_looked_at(self, engine: Engine) -> None:
        answer = engine.get(routes.MODEL.format(name="shop.gated"))
        assert answer.status_code == 200
        assert ModelDetail.model_validate_json(answer.content).change == "added"
        assert engine.get(routes.PLAN).status_code == 200
        meta = EngineMeta.model_validate_json(engine.get(routes.META).content)
        state = engine.state
        assert (meta.state, meta.environment) == (SessionState.APPLYING, "dev")
        assert state.apply is not None
        assert (meta.plan_id, meta.since) == (state.apply.plan_id, state.since)
        assert state.info == EngineInfo.model_validate_json(engine.get(routes.META).content)

    def test_an_environment_that_moves_stops_it(
        self, engine: Engine, gate: Gate, shop: Project, tmp_path: Path
    ) -> None:
        with engine.listen() as ear:
            colleague = shop.twin(tmp_path / "colleague")
            colleague.remove("models/gated.py")
            colleague.edit("models/stores.sql", "'north'", "'south'")
            colleague.deploy("dev")
            gate.open()
            run = engine.ended(ear)
        assert run.outcome is RunOutcome.FAILED
        assert run.failure.code is ProblemCode.CONFLICT
        assert "dev moved" in run.failure.title
        summary = run.apply.summary
        assert summary is not None
        assert not summary.promoted
        (model,) = run.apply.models.values()
        assert model.status in (ModelStatus.STOPPED, ModelStatus.DONE)
        assert shop.rows("SELECT name FROM shop__dev.stores") == [("south",)]

    def test_the_project_and_the_environments_are_read_beside_it(
        self, engine: Engine, gate: Gate
    ) -> None:
        engine.http.timeout = 3
        info = ProjectInfo.model_validate_json(engine.get(routes.PROJECT).content)
        assert "shop.gated" in {model.view_name for model in info.models}
        found = Environments.model_validate_json(engine.get(routes.ENVIRONMENTS).content)
        assert [each.name for each in found.environments] == ["prod"]


def test_an_environment_that_moves_in_the_last_batch_is_not_promoted(
    shop: Project, gate: Gate, runtime: Path, tmp_path: Path
) -> None:
    shop.write("models/gated.py", gated_batches(gate).replace("2024-01-03", "2024-01-01"))
    with hosted(shop, runtime) as engine:
        engine.plan()
        with engine.listen() as ear:
            engine.start_apply()
            gate.wait()
            colleague = shop.twin(tmp_path / "colleague")
            colleague.remove("models/gated.py")
            colleague.edit("models/stores.sql", "'north'", "'south'")
            colleague.deploy("dev")
            gate.open()
            run = engine.ended(ear)
    assert (run.outcome, run.failure.code) == (RunOutcome.FAILED, ProblemCode.CONFLICT)
    assert run.failure.title.startswith("dev moved at ")
    summary = run.apply.summary
    assert summary is not None
    # What was computed is kept; nothing was switched, and nothing of the colleague's is gone.
    assert (summary.batches_done, summary.batches_total, summary.promoted) == (1, 1, False)
    assert shop.plan_id("dev") == colleague.plan_id("dev")
    assert shop.rows("SELECT name FROM shop__dev.stores") == [("south",)]
