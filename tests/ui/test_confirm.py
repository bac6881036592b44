"""The question before an apply: what it says, and when it says yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Input

from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.state import EngineState
from plan_tui.ui import messages as ask
from plan_tui.ui.formatting import interval
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.confirm_words import ROOM, facts_of
from plan_tui.ui.widgets.cells import wrap

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, until


@asynccontextmanager
async def asked(state: EngineState) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    port = made.port_on(state)
    async with running(port) as (app, pilot):
        app.go("review")
        await pilot.pause()
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.pause()
        yield app, pilot


def prod() -> EngineState:
    return made.ready(plan=made.plan(environment="prod"))


async def test_says_what_will_happen_and_enter_applies_it() -> None:
    async with asked(made.ready()) as (app, pilot):
        text = screen_text(app)
        for part in ("Apply this plan to dev?", "duckdb / local", "5 models, 1,465 intervals",
                     "29 batches", "5 created", "8 created or updated",
                     "1 model: shop__dev.legacy_orders"):  # fmt: skip
            assert part in text
        await pilot.press("enter")
        await pilot.pause()
        (applied,) = app.asked_for(ask.ApplyPlan)
        assert applied.plan_id == "3f2a9c1d77"
        assert not isinstance(app.screen, ConfirmScreen)


def test_models_that_are_filled_outside_of_the_dates_are_named() -> None:
    plan = made.plan()
    assert plan.start < plan.end
    narrow = plan.model_copy(update={"start": plan.end - made.DAY})
    told = {label or "beyond": words for label, words, _ in facts_of(made.ready(plan=narrow))}
    whole = interval((plan.start, plan.end))
    assert told["beyond"].startswith(f"4 models go beyond them, {whole}: shop__dev.orders")
    assert "" not in {label for label, _, _ in facts_of(made.ready(plan=plan))}


async def test_a_notice_of_before_does_not_cover_the_question() -> None:
    port = made.port_on(made.ready())
    async with running(port) as (app, pilot):
        app.go("review")
        await pilot.pause()
        app.notify("Copied the name.")
        await until(pilot, lambda: "Copied the name." in screen_text(app))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await until(pilot, lambda: "Copied the name." not in screen_text(app))


async def test_escape_applies_nothing() -> None:
    async with asked(made.ready()) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, ConfirmScreen)
        assert not app.asked_for(ask.ApplyPlan)


async def test_prod_wants_its_name() -> None:
    async with asked(prod()) as (app, pilot):
        assert app.screen.query_one(Input).has_focus
        await pilot.press("enter")
        assert not app.asked_for(ask.ApplyPlan)
        await pilot.press(*"pro", "enter")
        assert not app.asked_for(ask.ApplyPlan)
        await pilot.press("d", "enter")
        await pilot.pause()
        assert app.asked_for(ask.ApplyPlan)


async def test_a_plan_that_went_stale_meanwhile_is_not_applied() -> None:
    async with asked(made.ready()) as (app, pilot):
        stale = Problem(code=ProblemCode.STALE_PLAN, title="A model changed.")
        app.port.play(ev.PlanWentStale(plan_id="3f2a9c1d77", problem=stale))  # type: ignore[attr-defined]
        await until(pilot, lambda: app.engine_state.stale is not None)
        await pilot.press("enter")
        assert not app.asked_for(ask.ApplyPlan)


async def test_a_plan_that_was_revised_meanwhile_is_not_applied() -> None:
    async with asked(made.ready()) as (app, pilot):
        facts = made.facts(uncategorized=(), refusal=None, batches=900)
        revised = ev.PlanRevised(plan_id="3f2a9c1d77", start=0, end=1, facts=facts)
        app.port.play(revised)  # type: ignore[attr-defined]
        await until(pilot, lambda: app.engine_state.facts == facts)
        await pilot.press("enter")
        assert not app.asked_for(ask.ApplyPlan)


def test_names_what_is_lost() -> None:
    facts = made.facts(uncategorized=(), refusal=None, rewritten=2)
    said = {label: words for label, words, _ in facts_of(made.reviewing(facts=facts))}
    assert said["Rewritten"] == "existing data of 2 models is computed anew"
    assert said["Removed"] == "1 model: shop__dev.legacy_orders"


def test_says_what_no_cancel_will_stop() -> None:
    facts = made.facts(uncategorized=(), refusal=None, batches=14, deferred=12)
    said = [words for _, words, _ in facts_of(made.reviewing(facts=facts))]
    late = "12 of 14 batches can't be cancelled: SQLMesh runs them after the promotion"
    assert late in said
    none = facts.model_copy(update={"deferred": 0})
    assert late not in [words for _, words, _ in facts_of(made.reviewing(facts=none))]


def test_names_the_restated_models_as_far_as_they_fit() -> None:
    names = tuple(f"shop__dev.model_{number:02}" for number in range(30))
    facts = made.facts(uncategorized=(), refusal=None, rewritten=30, restated=names)
    said = {label: words for label, words, _ in facts_of(made.reviewing(facts=facts))}
    lead = "existing data of 30 models is computed anew: shop__dev.model_00, shop__dev.model_01"
    assert said["Rewritten"].startswith(lead)
    assert said["Rewritten"].endswith("more")
    assert len(wrap(said["Rewritten"], ROOM)) == 3


def test_an_empty_backfill_is_none_and_says_what_it_records() -> None:
    facts = made.facts(models=0, intervals=0, batches=0)
    plan = made.plan(plan_options=PlanOptions(empty_backfill=True))
    (fact,) = [
        fact for fact in facts_of(made.reviewing(facts=facts, plan=plan)) if fact[0] == "Backfill"
    ]
    assert fact[1] == "none: what is missing is recorded as filled, empty"
    assert fact[2], "it stands out"


def test_a_plan_without_batches_says_so() -> None:
    facts = made.facts(models=0, intervals=0, batches=0, create_from="prod")
    plan = made.plan(is_new_environment=True)
    said = {label: words for label, words, _ in facts_of(made.reviewing(facts=facts, plan=plan))}
    assert said["Backfill"] == "none"
    assert said["Environment"] == "dev  new, from prod"
    assert said["Left out"] == "1 model of prod, not taken over: shop__dev.legacy_orders"
    assert "Removed" not in said
    first = facts.model_copy(update={"create_from": None})
    said = {label: words for label, words, _ in facts_of(made.reviewing(facts=first, plan=plan))}
    assert said["Environment"] == "dev  new"
    assert facts_of(EngineState()) == []
