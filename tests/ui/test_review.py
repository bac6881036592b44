"""The review: which message crosses the boundary, then what the screen shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import EngineRefused
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import Category, PlanRequest
from plan_tui.contract.stages import BackfillsStage, ChangesStage, ValidationStage
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    LogLine,
    RunOutcome,
    SessionState,
    StageName,
    StageProgress,
)
from plan_tui.ui import messages as ask
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.widgets.category_selector import CategorySelector
from plan_tui.ui.widgets.footer import CommandFooter

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, until
from .fake_port import FakePort

WIDE = (120, 40)
NARROW = (80, 24)
ORDERS, PAYMENTS = made.name_of("orders"), made.name_of("payments")
STALE = Problem(code=ProblemCode.STALE_PLAN, title="models/orders.sql changed.")

pytestmark = pytest.mark.usefixtures("no_rests")


@asynccontextmanager
async def reviewing(
    port: FakePort, size: tuple[int, int] = WIDE, *, read_only: bool = False
) -> AsyncIterator[tuple[OpenedApp, ReviewScreen, Pilot[int]]]:
    async with running(port, size, read_only=read_only) as (app, pilot):
        app.go("review")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        await settled(pilot)
        yield app, screen, pilot


async def settled(pilot: Pilot[int]) -> None:
    """Until every look-up is answered and drawn."""
    await pilot.pause()
    workers = pilot.app.workers
    await until(pilot, lambda: not any(each.group.startswith("fetch") for each in workers))
    await pilot.pause()


async def test_lists_every_change_by_section() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, screen, _):
        headings = [key for key in screen.body.changes.keys if key.startswith("#")]
        assert headings == [
            "#Directly modified", "#Added", "#Project", "#Removed", "#Indirectly modified",
            "#Metadata only", "#Warnings",
        ]  # fmt: skip
        text = screen_text(app)
        assert "Changes 10" in text
        assert "B   shop__dev.orders" in text
        assert "?   shop__dev.payments" in text
        assert "5 models to backfill · 1,465 intervals · 29 batches · ? 1 not categorized" in text
        assert "a Apply: 1 not categorized" in text


async def test_a_choice_is_asked_for_and_shown_once_the_engine_has_it() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, screen, pilot):
        await pilot.press("u")
        assert screen.body.changes.cursor_key == PAYMENTS
        await pilot.press("n")
        await until(pilot, lambda: port.called("choose"))
        assert port.called("choose") == [{PAYMENTS: Category.NON_BREAKING}]
        assert "?   shop__dev.payments" in screen_text(app)
        assert "computing what follows" in screen_text(app)
        port.play(
            ev.PlanRevised(
                plan_id="3f2a9c1d77", start=0, end=1,
                categories={PAYMENTS: "NON_BREAKING", made.name_of("finance_summary"): None},
                backfills=(made.backfill("payments", 30, 2),),
                backfills_removed=(made.name_of("daily_revenue"),),
                facts=made.facts(uncategorized=(), refusal=None, intervals=99, batches=7),
            )
        )  # fmt: skip
        await until(pilot, lambda: app.engine_state.seq == port.current.seq)
        await pilot.pause()
        text = screen_text(app)
        assert "N   shop__dev.payments" in text
        assert "99 intervals · 7 batches · all categorized" in text
        assert screen.body.changes.cursor_key == PAYMENTS
        assert screen.why_not("review.apply") is None


async def test_all_marked_models_are_chosen_or_all_shown() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, _, pilot):
        await pilot.press("space", "down", "space", "B")
        (chosen,) = app.asked_for(ask.ChooseCategories)
        assert chosen.categories == dict.fromkeys((ORDERS, PAYMENTS), Category.BREAKING)
        assert "2 marked" in screen_text(app)
        await pilot.press("U", "slash", *"cust", "enter", "N")
        assert app.asked_for(ask.ChooseCategories)[-1].categories == {
            made.name_of("customers"): Category.NON_BREAKING
        }
        await pilot.press("escape", "N")
        assert len(app.asked_for(ask.ChooseCategories)[-1].categories) == 3


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("inventory", "shop__dev.inventory is forward-only"),
        ("daily_revenue", "follows from the models upstream"),
        ("stores", "needs no category"),
        ("legacy_orders", "no category to choose"),
    ],
)
async def test_a_category_that_nobody_chooses_says_why(model: str, why: str) -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, screen, pilot):
        screen.body.changes.move_to(made.name_of(model))
        await pilot.press("b", "space")
        assert not app.asked_for(ask.ChooseCategories)
        assert why in (screen.why_not("review.breaking") or "")
        assert screen.body.changes.marks == frozenset()


async def test_locked_categories_are_shown_locked() -> None:
    locked = made.facts(categories_locked="An apply of this plan has begun.")
    port = made.port_on(made.reviewing(facts=locked))
    async with reviewing(port) as (app, screen, pilot):
        await pilot.press("b", "B")
        assert not app.asked_for(ask.ChooseCategories)
        assert "An apply of this plan has begun." in (screen.why_not("review.all_breaking") or "")
        assert "Locked: An apply of this plan" in screen_text(app)
        offered = {command.id for command in screen.offered()}
        assert "review.breaking" not in offered
        assert "review.next_open" not in offered
        assert "review.filter" in offered
        assert "Breaking" not in str(screen.query_one(CommandFooter).render())


@pytest.mark.parametrize("width", [100, 105, 109])
async def test_a_screen_of_a_hundred_columns_has_every_number(width: int) -> None:
    async with reviewing(made.port_on(made.reviewing()), size=(width, 30)) as (app, _, pilot):
        await until(pilot, lambda: "reach intervals batches" in screen_text(app))
        heading = next(line for line in screen_text(app).splitlines() if "batches" in line)
        assert heading.startswith("│  Directly modified 4 ")
        assert "n ( ) Non-breaking " in heading


async def test_a_refused_choice_takes_the_waiting_words_away() -> None:
    port = made.port_on(made.reviewing())
    port.errors["choose"] = EngineRefused(Problem(code=ProblemCode.BUSY, title="Not now."), 409)
    async with reviewing(port) as (app, screen, pilot):
        await pilot.press("b")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.pause()
        assert "computing" not in screen_text(app)


async def test_a_click_on_a_category_chooses_it() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, _, pilot):
        await pilot.click(CategorySelector, offset=(34, 0))
        (chosen,) = app.asked_for(ask.ChooseCategories)
        assert chosen.categories == {ORDERS: Category.NON_BREAKING}


async def test_the_filter_is_live_and_escape_clears_it() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, screen, pilot):
        await pilot.press("slash", *"ord")
        names = [row.name for row in screen.body.changes.shown_rows]
        assert names == ["shop__dev.orders", "shop__dev.legacy_orders"]
        assert "2 of 12 rows match ord" in screen_text(app)
        await pilot.press("down")
        assert screen.body.changes.cursor_key == made.name_of("legacy_orders")
        await pilot.press("enter")
        assert screen.body.changes.has_focus
        await pilot.press("escape")
        assert len(screen.body.changes.shown_rows) == 12
        assert not app.asked_for(ask.OpenSetup)
        await pilot.press("escape")
        assert app.asked_for(ask.OpenSetup)


async def test_next_open_finds_what_a_filter_hides() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (_, screen, pilot):
        await pilot.press("slash", *"cust", "enter", "u")
        assert screen.body.changes.cursor_key == PAYMENTS


async def test_the_detail_follows_the_cursor_and_is_fetched_once() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, screen, pilot):
        assert port.called("model") == [ORDERS]
        await pilot.press("d")
        text = screen_text(app)
        assert "+   COALESCE(o.amount, 0) AS amount," in text
        assert "amount    INT → DOUBLE" in text
        assert "Affects 3 changed models downstream" in text
        assert "366 intervals in 13 batches" in text
        await pilot.press("down", "up")
        await settled(pilot)
        assert port.called("model").count(ORDERS) == 1
        assert screen.body.detail.row is not None
        assert screen.body.detail.row.key == ORDERS


async def test_an_answer_for_a_row_that_was_left_is_not_shown() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, _, pilot):
        port.hold("model")
        await pilot.press("down")
        await until(pilot, lambda: len(port.called("model")) == 2)
        assert "Fetching the details…" in screen_text(app)
        await pilot.press("up")
        port.release("model")
        await settled(pilot)
        assert "models/orders.sql" in screen_text(app)
        assert "models/customers.sql" not in screen_text(app)


async def test_a_detail_that_can_not_be_had_says_why() -> None:
    port = made.port_on(made.reviewing())
    problem = Problem(code=ProblemCode.NO_PLAN, title="There is no [bold]plan[/bold].")
    async with reviewing(port) as (app, _, pilot):
        port.errors["model"] = EngineRefused(problem, 404)
        await pilot.press("down")
        await settled(pilot)
        assert "There is no [bold]plan[/bold]." in screen_text(app)


async def test_d_goes_round_semantic_text_rendered_and_query() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, _, pilot):
        assert "[semantic] · text · rendered · query" in screen_text(app)
        await pilot.press("d")
        assert "semantic · [text] · rendered · query" in screen_text(app)
        await pilot.press("d")
        assert 'COALESCE("o"."amount", 0) AS "amount"' in screen_text(app)
        await pilot.press("d")
        assert "Query" in screen_text(app)
        assert "-   o.amount" not in screen_text(app)
        await pilot.press("d")
        assert "[semantic] · text · rendered · query" in screen_text(app)
        await pilot.press("d")
        assert "-   o.amount" in screen_text(app)


async def test_a_line_of_the_detail_leads_to_its_model() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (_, screen, pilot):
        await pilot.press("enter", "e")
        assert screen.body.detail.lines.has_focus
        assert screen.body.detail.lines.cursor_key == "affects:1"
        await pilot.press("enter")
        await pilot.pause()
        assert screen.body.changes.cursor_key == PAYMENTS


async def test_full_width_shows_both_sides() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, screen, pilot):
        await pilot.press("f", "d")
        await pilot.pause()
        line = next(line for line in screen_text(app).split("\n") if "status = 'done'" in line)
        assert "o.status IN ('done', 'paid')" in line
        await pilot.press("f")
        await pilot.pause()
        assert "Changes 10" in screen_text(app)
        assert screen.body.changes.display


async def test_a_narrow_screen_shows_one_pane_at_a_time() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port, NARROW) as (app, screen, pilot):
        assert port.called("model") == []
        assert "Category" not in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        assert "Category" in screen_text(app)
        assert "Changes 10" not in screen_text(app)
        await pilot.press("right_square_bracket")
        await settled(pilot)
        assert "models/customers.sql" in screen_text(app)
        await pilot.press("escape")
        assert "Changes 10" in screen_text(app)
        assert screen.body.changes.has_focus
        assert not app.asked_for(ask.OpenSetup)
        await pilot.press("l")
        await pilot.pause()
        assert "Changes 10" not in screen_text(app)
        await pilot.press("h")
        assert "Changes 10" in screen_text(app)


async def test_rows_that_are_no_models_have_a_text_of_their_own() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, screen, pilot):
        screen.body.changes.move_to("!environment_statements")
        await pilot.pause()
        assert "+ CREATE SCHEMA IF NOT EXISTS audit" in screen_text(app)
        screen.body.changes.move_to("!warning:0")
        await pilot.pause()
        assert "DROP COLUMN note" in screen_text(app)
        screen.body.changes.move_to("!lint:0")
        await pilot.pause()
        assert "Query should not use SELECT *" in screen_text(app)
        assert port.called("model") == [ORDERS]
        await pilot.press("e", "d")


async def test_y_copies_the_name() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, _, pilot):
        await pilot.press("y")
        (copied,) = app.asked_for(ask.CopyText)
        assert copied.text == "shop__dev.orders"


async def test_apply_says_why_it_can_not_or_asks() -> None:
    port = made.port_on(made.reviewing())
    async with reviewing(port) as (app, screen, pilot):
        await pilot.press("a")
        assert not app.asked_for(ask.AskApply)
        assert "1 model is not categorized" in (screen.why_not("review.apply") or "")
    async with reviewing(made.port_on(made.ready())) as (app, _, pilot):
        await pilot.press("a")
        assert app.asked_for(ask.AskApply)


async def test_a_stale_plan_says_so_and_is_not_applied() -> None:
    async with reviewing(made.port_on(made.ready(stale=STALE))) as (app, _, pilot):
        text = screen_text(app)
        assert "Stale: ctrl+r refreshes, your choices are kept." in text
        assert "models/orders.sql changed." in text
        assert "a Apply: stale" in text
        await pilot.press("a")
        assert not app.asked_for(ask.AskApply)
        await pilot.press("ctrl+r")
        assert app.asked_for(ask.RefreshPlan)


async def test_read_only_does_not_apply() -> None:
    port = made.port_on(made.ready())
    async with reviewing(port, read_only=True) as (app, screen, pilot):
        await pilot.press("a")
        assert not app.asked_for(ask.AskApply)
        assert "--read-only" in (screen.why_not("review.apply") or "")


def building() -> EngineState:
    running_stage = StageProgress(
        name=StageName.CHANGES, meta=made.meta().model_copy(update={"done": False, "end": None}),
        message="reading models/orders.sql", done=3, total=34,
    )  # fmt: skip
    stages = (made.stages()[0], running_stage, made.stages(0)[2])
    return made.reviewing(
        state=SessionState.PLANNING, plan=None, facts=None,
        planning=made.planning(ended=None, outcome=None, stages=stages),
        log=(LogLine(at=made.BUILT, level="warning", text="A [b]warning[/b]"),),
    )  # fmt: skip


async def test_planning_is_never_silent() -> None:
    async with reviewing(made.port_on(building())) as (app, screen, pilot):
        text = screen_text(app)
        for part in ("Building the plan for dev", "1m02s", "3/34", "reading models/orders.sql",
                     "A [b]warning[/b]"):  # fmt: skip
            assert part in text
        assert not screen.is_offered("review.breaking")
        await pilot.press("b", "ctrl+r")
        assert not app.asked_for(ask.RefreshPlan)
        await pilot.press("c")
        assert app.asked_for(ask.CancelRun)


async def test_a_plan_that_arrives_takes_the_place_of_the_progress() -> None:
    port = made.port_on(building())
    async with reviewing(port) as (app, screen, pilot):
        port.play(
            ev.PlanBuilt(plan=made.plan(), facts=made.facts()),
            ev.PlanningEnded(run_id="plan-1", outcome=RunOutcome.SUCCEEDED),
            ev.SessionMoved(state=SessionState.REVIEW),
        )
        await until(pilot, lambda: screen.body.changes.cursor_key == ORDERS)
        await settled(pilot)
        assert "Building" not in screen_text(app)
        assert screen.body.changes.has_focus
        port.play(
            ev.PlanningStarted(
                run_id="plan-2", environment="dev", request=PlanRequest(environment="dev"),
                stages=made.stages(0),
            )
        )  # fmt: skip
        await until(pilot, lambda: "Building" in screen_text(app))


async def test_a_failed_planning_is_shown_in_place_with_all_it_says() -> None:
    problem = Problem(
        code=ProblemCode.DESTRUCTIVE_CHANGE, title="The plan is refused.",
        message="shop.inventory drops [note].", hint="Allow it with --allow-destructive-model.",
        path="models/inventory.sql", line=12, model="shop.inventory",
        sql="ALTER TABLE x\n  DROP COLUMN note", nearest=("shop.inventories",),
    )  # fmt: skip
    failed = made.planning(outcome=RunOutcome.FAILED, problem=problem)
    state = made.reviewing(state=SessionState.IDLE, plan=None, facts=None, planning=failed)
    async with reviewing(made.port_on(state), NARROW) as (app, _, pilot):
        text = screen_text(app)
        for part in ("The plan is refused.", "drops [note].", "models/inventory.sql:12",
                     "shop.inventory", "DROP COLUMN note", "--allow-destructive-model",
                     "shop.inventories"):  # fmt: skip
            assert part in text
        await pilot.press("ctrl+r")
        assert app.asked_for(ask.RefreshPlan)
        await pilot.press("escape")
        assert app.asked_for(ask.OpenSetup)


def without_changes(*, missing: bool, new: bool) -> EngineState:
    models = (made.backfill("orders", 2, 1),) if missing else ()
    plan = made.plan(
        changes=ChangesStage(meta=made.meta()),
        backfills=BackfillsStage(meta=made.meta(), models=models),
        validation=ValidationStage(meta=made.meta()),
        warnings=(),
        is_new_environment=new,
    )
    facts = made.facts(has_changes=False, requires_backfill=missing, uncategorized=())
    return made.reviewing(plan=plan, facts=facts)


@pytest.mark.parametrize(
    ("missing", "new", "parts"),
    [
        (False, False, ("Nothing to do: dev is up to date.", "--end", "--run", "--restate-model",
                        "--include-unmodified")),
        (False, True, ("No changes: nothing would be in dev.", "--include-unmodified")),
        (True, False, ("No changes: dev has what the project says.", "Missing intervals only 1")),
    ],
)  # fmt: skip
async def test_no_changes_and_nothing_to_do_are_different(
    missing: bool, new: bool, parts: tuple[str, ...]
) -> None:
    state = without_changes(missing=missing, new=new)
    async with reviewing(made.port_on(state), NARROW) as (app, _, pilot):
        for part in parts:
            assert part in screen_text(app)
        await pilot.press("b", "u", "d", "f", "y", "t", "space", "enter")


async def test_views_alone_are_said_where_no_row_is() -> None:
    state = without_changes(missing=False, new=True)
    assert state.facts is not None
    facts = state.facts.model_copy(update={"has_changes": True, "views_updated": 3})
    state = state.model_copy(update={"facts": facts})
    async with reviewing(made.port_on(state), NARROW) as (app, _, _pilot):
        text = screen_text(app)
        assert "dev gets 3 views, and no data is to be computed." in text
        assert "its views show the tables of prod" in text


@pytest.mark.parametrize(
    ("environment", "options", "left_out"),
    [("prod", {}, ("--end", "--include-unmodified")),
     ("dev", {"restate_models": ("shop.orders",)}, ("--restate-model",))],
)  # fmt: skip
async def test_no_way_is_offered_that_is_none(
    environment: str, options: dict[str, object], left_out: tuple[str, ...]
) -> None:
    state = without_changes(missing=False, new=False)
    assert state.plan is not None
    asked = state.plan.plan_options.model_copy(update=options)
    given = {"environment": environment, "plan_options": asked}
    state = state.model_copy(update={"plan": state.plan.model_copy(update=given)})
    async with reviewing(made.port_on(state), NARROW) as (app, _, _pilot):
        text = screen_text(app)
        assert "--run" in text
        assert not any(flag in text for flag in left_out)


async def test_warnings_have_room_under_words_of_many_lines() -> None:
    state = without_changes(missing=False, new=False)
    assert state.plan is not None
    plan = state.plan.model_copy(update={"warnings": ("It is read.",)})
    state = state.model_copy(update={"plan": plan})
    async with reviewing(made.port_on(state), NARROW) as (app, _, pilot):
        assert "It is read." in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        assert "It is read." in screen_text(app)


async def test_a_plan_that_is_applied_is_not_being_built() -> None:
    apply = ApplyProgress(
        run_id="apply-1", plan_id="3f2a9c1d77", environment="dev", started=made.BUILT,
        outcome=RunOutcome.SUCCEEDED,
    )  # fmt: skip
    state = made.reviewing(state=SessionState.IDLE, plan=None, facts=None, apply=apply)
    async with reviewing(made.port_on(state), NARROW) as (app, _, pilot):
        assert "The plan for dev is applied." in screen_text(app)
        assert "Building" not in screen_text(app)
        await pilot.press("ctrl+r")
        assert app.asked_for(ask.RefreshPlan)


async def test_a_filter_that_nothing_matches_says_so() -> None:
    async with reviewing(made.port_on(made.reviewing())) as (app, screen, pilot):
        await pilot.press("slash", *"zzz")
        assert "No name matches zzz" in screen_text(app)
        assert screen.body.changes.cursor_row is None
        await pilot.press("enter", "b", "n", "B", "u")
        assert screen.body.changes.cursor_key == PAYMENTS
