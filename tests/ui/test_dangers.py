"""The dangers: their page, their marks in the review, what is allowed and what is said of it."""

from __future__ import annotations

from textual.pilot import Pilot

from plan_tui.contract import events as ev
from plan_tui.contract.dangers import Danger, Dangers, Severity
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.looks import DANGERS
from plan_tui.contract.plan import PlanOptions
from plan_tui.contract.state import EngineState
from plan_tui.ui import messages as ask
from plan_tui.ui.screens.dangers import DangersScreen
from plan_tui.ui.screens.dangers_words import all_dangers, in_order, key_of
from plan_tui.ui.screens.review_body import ReviewBody

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

ALTER = "ALTER TABLE shop.orders DROP COLUMN discount"
REFUSAL = Problem(
    code=ProblemCode.DESTRUCTIVE_CHANGE,
    title="2 dangers block the apply.",
    hint="Allow it for this plan with --allow-destructive-model shop.orders.",
)


def destructive(model: str, **given: object) -> Danger:
    return Danger.model_validate(
        {
            "rule": "destructive_change",
            "model": made.name_of(model),
            "view_name": f"shop__dev.{model}",
            "severity": Severity.BLOCKS,
            "message": f"shop__dev.{model} is forward-only and its change is destructive: its "
            "table loses data (ALTER TABLE ...). SQLMesh would not build this plan.",
            "hint": f"Allow it for this plan with --allow-destructive-model shop.{model}, or undo "
            "the change.",
            "details": (ALTER.replace("orders", model),),
            "allow": "destructive",
            "option": f"shop.{model}",
            **given,
        }
    )


LOST = Danger(
    rule="environments_lose_intervals",
    severity=Severity.WARNS,
    message="alice loses intervals of 2 models: its own versions depend on what is restated.",
    hint="Plan or run alice afterwards, so that they are filled again.",
    details=("shop.orders  2024-01-01 .. 2024-01-05", "shop.daily  2024-01-01 .. 2024-01-05"),
)


def state(*dangers: Danger) -> EngineState:
    """A plan with dangers of two models."""
    listed = dangers or (destructive("orders"), destructive("customers"))
    blocks = any(each.severity is Severity.BLOCKS for each in listed)
    plan = made.plan(dangers=listed)
    facts = made.facts(uncategorized=(), refusal=REFUSAL if blocks else None)
    return made.reviewing(plan=plan, facts=facts)


def port_on(shown: EngineState) -> FakePort:
    port = made.port_on(shown)
    assert shown.plan is not None
    known = Dangers(plan_id=shown.plan.plan_id, dangers=(*shown.plan.dangers, LOST))
    port.looks[DANGERS.path, ""] = known
    return port


async def test_the_review_marks_and_counts_them_and_tells_what_keeps_it_from_being_applied() -> (
    None
):
    async with running(port_on(state()), (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        text = screen_text(app)
        assert "! 3 dangers, 2 block" in text
        assert "Apply: 2 dangers block" in text
        (row,) = [line for line in text.splitlines() if "orders " in line and "366" in line][:1]
        assert "!" in row.split("orders")[0]
        await pilot.press("a")
        await pilot.pause()
        assert not app.asked_for(ask.AskApply)
        assert "Press ! to see" in screen_text(app)


def test_what_came_with_a_saved_plan_and_was_looked_for_too_is_counted_once() -> None:
    listed = (destructive("orders"), LOST)
    assert all_dangers(made.plan(dangers=listed), listed) == listed
    assert all_dangers(made.plan(dangers=listed[:1]), listed) == listed


async def at_the_dangers(app: OpenedApp, pilot: Pilot[int]) -> DangersScreen:
    """Opens their page from the review."""
    app.go("review")
    await settled(pilot)
    await pilot.press("exclamation_mark")
    await until(pilot, lambda: isinstance(app.screen, DangersScreen))
    await settled(pilot)
    page = app.screen
    assert isinstance(page, DangersScreen)
    return page


async def test_each_opens_to_its_statements_and_is_allowed_alone() -> None:
    port = port_on(state())
    async with running(port, (80, 24)) as (app, pilot):
        await at_the_dangers(app, pilot)
        text = screen_text(app)
        assert "Dangers 3" in text
        assert "2 block the apply" in text
        assert ALTER not in text
        await pilot.press("g", "enter")
        await settled(pilot)
        assert ALTER in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        assert ALTER not in screen_text(app)
        await pilot.press("A")
        await settled(pilot)
        for _ in range(8):
            if "customers" in (app.screen._danger.view_name if app.screen._danger else ""):  # type: ignore[attr-defined]
                break
            await pilot.press("j")
        await pilot.press("space")
        await settled(pilot)
        sent = [getattr(each, "allow_destructive_models", None) for each in port.called("allow")]
        assert sent == [("shop.orders",), ("shop.orders", "shop.customers")]


async def test_what_was_allowed_is_shown_so_and_taken_back() -> None:
    port = port_on(state())
    async with running(port, (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        await pilot.press("w")
        await settled(pilot)
        facts = made.facts(uncategorized=(), refusal=None)
        plan = port.current.plan
        assert plan is not None
        port.play(
            ev.PlanRevised(
                plan_id=plan.plan_id,
                start=plan.start,
                end=plan.end,
                facts=facts,
                dangers=(destructive("orders", severity=Severity.NOTES, allowed=True),),
                plan_options=PlanOptions(allow_destructive_models=("shop.orders",)),
            )
        )
        await until(pilot, lambda: "allowed" in screen_text(app))
        await settled(pilot)
        assert "block" not in screen_text(app)
        planning = port.current.planning
        assert planning is not None
        assert planning.request.options.allow_destructive_models == ("shop.orders",)
        for _ in range(12):
            if app.screen._danger is not None and app.screen._danger.allow:  # type: ignore[attr-defined]
                break
            await pilot.press("j")
        assert "Take back" in screen_text(app)
        await pilot.press("A")
        await settled(pilot)
        (wanted,) = port.called("allow")
        assert getattr(wanted, "allow_destructive_models", None) == ()
        await pilot.press("G", "A")
        await settled(pilot)
        assert len(port.called("allow")) == 1
        assert "can't be allowed" in screen_text(app)


async def test_what_is_allowed_stays_where_it_is_while_the_page_is_open() -> None:
    port = port_on(state())
    async with running(port, (120, 40)) as (app, pilot):
        page = await at_the_dangers(app, pilot)
        await pilot.press("g", "A")
        plan, facts = port.current.plan, port.current.facts
        assert plan is not None
        assert facts is not None
        revised = (
            destructive("customers"),
            destructive("orders", severity=Severity.NOTES, allowed=True),
        )
        allowed = PlanOptions(allow_destructive_models=("shop.orders",))
        port.play(
            ev.PlanRevised(
                plan_id=plan.plan_id,
                start=plan.start,
                end=plan.end,
                facts=facts,
                dangers=revised,
                plan_options=allowed,
            )
        )
        await until(pilot, lambda: "allowed" in screen_text(app))
        await settled(pilot)
        assert [each.model for each in page._dangers][:2] == [
            made.name_of("orders"),
            made.name_of("customers"),
        ]
        for _ in range(12):
            if page._danger is not None and page._danger.model == made.name_of("customers"):
                break
            await pilot.press("down")
        await pilot.press("A")
        await settled(pilot)
        sent = [getattr(each, "allow_destructive_models", None) for each in port.called("allow")]
        assert sent == [("shop.orders",), ("shop.orders", "shop.customers")]


def test_what_is_found_later_goes_where_it_weighs() -> None:
    orders, customers = destructive("orders"), destructive("customers")
    shown = [key_of(orders), key_of(customers)]
    allowed = destructive("orders", severity=Severity.NOTES, allowed=True)
    assert in_order((customers, LOST, allowed), shown) == (LOST, allowed, customers)
    assert in_order((orders, customers, LOST), shown) == (orders, customers, LOST)
    assert in_order((customers, LOST), shown) == (customers, LOST)


async def test_the_confirmation_lists_what_may_be_lost() -> None:
    allowed = destructive("orders", severity=Severity.NOTES, allowed=True)
    async with running(port_on(state(allowed)), (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        await pilot.press("a")
        await until(pilot, lambda: "Apply this plan" in screen_text(app))
        await settled(pilot)
        text = screen_text(app)
        assert "Allowed" in text
        assert "alice loses intervals" in text


async def test_a_plan_without_dangers_says_so() -> None:
    shown = made.ready()
    port = made.port_on(shown)
    assert shown.plan is not None
    port.looks[DANGERS.path, ""] = Dangers(plan_id=shown.plan.plan_id)
    async with running(port, (80, 24)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        assert "danger" not in screen_text(app)
        await pilot.press("exclamation_mark")
        await settled(pilot)
        assert "Nothing was found" in screen_text(app)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(app.screen, DangersScreen)


async def test_what_was_found_of_a_plan_is_not_told_of_the_next() -> None:
    shown = state()
    async with running(port_on(shown), (120, 40)) as (app, pilot):
        app.go("review")
        await settled(pilot)
        body = app.screen.query_one(ReviewBody)
        await until(pilot, lambda: LOST in body._dangers)
        assert shown.plan is not None
        plan = shown.plan.model_copy(update={"plan_id": "another", "dangers": ()})
        assert shown.facts is not None
        facts = shown.facts.model_copy(update={"plan_id": "another"})
        body.show_state(shown.model_copy(update={"plan": plan, "facts": facts}), 0)
        assert body._dangers == ()
        body.show_dangers(plan, Dangers(plan_id=shown.plan.plan_id, dangers=(LOST,)))
        assert body._dangers == ()
