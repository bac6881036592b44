"""The steps page: its keys, what it asks the engine, and the SQL of a step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import EngineRefused
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.steps import PlannedSteps
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.screens.step_sql import StepSqlScreen
from plan_tui.ui.screens.steps import StepsScreen
from plan_tui.ui.widgets.detail_view import DetailView

from . import steps_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

WIDE = (120, 40)

pytestmark = pytest.mark.usefixtures("no_rests")


@asynccontextmanager
async def on_steps(
    port: FakePort, size: tuple[int, int] = WIDE, model: str | None = None
) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    async with running(port, size) as (app, pilot):
        app.go("review")
        await settled(pilot)
        if model is None:
            await pilot.press("s")
        else:
            app.push_screen(StepsScreen(model))
        await until(pilot, lambda: isinstance(app.screen, StepsScreen))
        await settled(pilot)
        yield app, pilot


def under_cursor(app: OpenedApp) -> str:
    view = app.screen.query_one("#steps", DetailView)
    return next(line.text for line in view.page_lines if line.key == view.cursor_key)


async def test_opens_from_the_review_with_counts_and_goes_back() -> None:
    port = made.port_with(made.steps())
    async with on_steps(port) as (app, pilot):
        assert ("steps", "", {}) in port.called("look")
        assert not [call for call in port.called("look") if call[0] == "step-sql"]  # type: ignore[index]
        text = screen_text(app)
        assert "What will run: 12 steps, 1 after the promotion" in text
        assert "Backfill 4" in text
        assert "Backfill after the promotion 1" in text
        assert text.index("Before all") < text.index("Tables") < text.index("Columns of prod")
        await pilot.press("escape")
        assert isinstance(app.screen, ReviewScreen)


async def test_what_is_deferred_says_so_by_a_sign_and_a_word() -> None:
    async with on_steps(made.port_with(made.steps())) as (app, pilot):
        lines = [line for line in screen_text(app).splitlines() if "deferred" in line]
        assert any("» " in line and "shop.daily" in line for line in lines)
        await pilot.press("o")
        text = screen_text(app)
        assert "What will run: 1 of 12 steps" in text
        assert "shop.orders" not in text
        await pilot.press("o")
        assert "shop.orders" in screen_text(app)


async def test_enter_opens_the_sql_of_the_step() -> None:
    port = made.port_with(made.steps())
    async with on_steps(port, model=made.fqn("orders")) as (app, pilot):
        await pilot.press("down")
        assert "batch 1 of 3" in under_cursor(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StepSqlScreen))
        await settled(pilot)
        assert ("step-sql", "", {"step": "backfill|batch1|orders|"}) in port.called("look")
        text = screen_text(app)
        assert "1 of 2" in text
        assert "INSERT INTO" in text
        assert "! The model is Python." in text
        await pilot.press("y")
        assert app.asked_for(CopyText)[-1].text.endswith('1 AS "id";')
        await pilot.press("escape")
        assert isinstance(app.screen, StepsScreen)


async def test_y_copies_the_sql_from_the_list() -> None:
    async with on_steps(made.port_with(made.steps()), model=made.fqn("orders")) as (app, pilot):
        await pilot.press("y")
        await settled(pilot)
        assert app.asked_for(CopyText)[-1].text.startswith("DELETE FROM")


async def test_a_step_of_the_state_has_no_sql_and_says_so() -> None:
    async with on_steps(made.port_with(made.steps())) as (app, pilot):
        await pilot.press("G", "enter")
        assert "Mark prod as complete" in under_cursor(app)
        assert isinstance(app.screen, StepsScreen)
        await pilot.press("y")
        await pilot.pause()
        assert not app.asked_for(CopyText)


async def test_brackets_go_from_stage_to_stage() -> None:
    async with on_steps(made.port_with(made.steps())) as (app, pilot):
        await pilot.press("right_square_bracket")
        assert "Record 3 new versions" in under_cursor(app)
        await pilot.press("right_square_bracket")
        assert "batch 1 of 3" in under_cursor(app)
        await pilot.press("left_square_bracket")
        assert "Record 3 new versions" in under_cursor(app)


async def test_filters_by_name_and_words() -> None:
    async with on_steps(made.port_with(made.steps())) as (app, pilot):
        await pilot.press("slash", *"daily")
        assert "What will run: 2 of 12 steps" in screen_text(app)
        await pilot.press("enter")
        await pilot.press("escape")
        assert "What will run: 12 steps" in screen_text(app)
        assert isinstance(app.screen, StepsScreen)


async def test_says_what_keeps_it_from_listing() -> None:
    note = "2 models have no category yet, and what will run follows from it."
    port = made.port_with(PlannedSteps(plan_id="p", notes=(note,)))
    async with on_steps(port) as (app, _):
        assert note in screen_text(app)


async def test_steps_of_an_assumption_are_called_so() -> None:
    note = "These steps assume: shop.orders breaking (suggested)."
    steps = made.steps().model_copy(update={"assumed": True, "notes": (note,)})
    async with on_steps(made.port_with(steps)) as (app, _):
        assert "What would run, assumed: 12 steps" in screen_text(app)
        assert note in screen_text(app)


async def test_says_why_a_step_can_not_be_shown() -> None:
    port = made.port_with(made.steps())
    async with on_steps(port, model=made.fqn("orders")) as (app, pilot):
        busy = Problem(code=ProblemCode.BUSY, title="An apply runs.", hint="Wait for it.")
        port.errors["look"] = EngineRefused(busy, 409)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StepSqlScreen))
        await settled(pilot)
        assert "An apply runs." in screen_text(app)
        assert "Wait for it." in screen_text(app)
