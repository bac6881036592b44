"""Models that do not parse or render, as the review shows them."""

from __future__ import annotations

import pytest

from plan_tui.contract import events as ev
from plan_tui.contract.changes import ModifiedChanges
from plan_tui.contract.dangers import Dangers
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import BackfillsStage, ChangesStage
from plan_tui.contract.state import ProjectState, RunOutcome, SessionState
from plan_tui.ui.screens.dangers_words import all_dangers
from plan_tui.ui.screens.problem import ProblemScreen
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.widgets.change_list import ChangeList
from plan_tui.ui.widgets.change_rows import ChangeRows
from plan_tui.ui.widgets.change_sections import Section
from plan_tui.ui.widgets.detail_page import row_page

from . import broken_samples as broken
from . import review_samples as made
from . import samples
from .driving import OpenedApp, screen_text, until
from .test_review import settled


def test_broken_models_come_first_with_their_place() -> None:
    state = broken.around_broken()
    assert state.plan is not None
    rows = ChangeRows.of(state.plan, locked=False)
    assert next(iter(rows.sections)) is Section.BROKEN
    stock, returns = (rows.rows[key] for key in rows.sections[Section.BROKEN])
    assert (stock.name, stock.note) == ("shop.stock", "models/marts/stock.sql:12:6")
    assert (returns.name, returns.note) == ("shop.returns", "models/marts/returns.sql:3")
    (rates,) = (rows.rows[key] for key in rows.sections[Section.NOT_PLANNED])
    assert rates.name == "shop.return_rates"
    assert not any(row.choosable or row.is_model for row in (stock, returns, rates))
    page = "\n".join(line.text for line in row_page(stock, 60))
    for words in ("Expected table name", "as dev has it", "FROM (;", "line 12, column 6"):
        assert words in page.replace("\n", " ") or words in page


def test_dangers_that_came_with_the_plan_are_not_listed_twice() -> None:
    state = broken.around_broken()
    assert state.plan is not None
    assert len(all_dangers(state.plan, state.plan.dangers)) == len(state.plan.dangers)


async def test_the_apply_says_what_is_in_its_way() -> None:
    port = made.port_on(broken.around_broken())
    port.looks["dangers"] = Dangers(plan_id="3f2a9c1d77", dangers=())
    app = OpenedApp(port)
    async with app.run_test(size=(120, 40)) as pilot:
        app.go("review")
        await settled(pilot)
        await pilot.press("g", "g")
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        assert "Apply: broken model" in screen_text(app)
        reason = screen.why_not("review.apply")
        assert reason is not None
        assert "shop.stock is broken" in reason
        listed = screen.query_one(ChangeList)
        assert listed.move_to(listed.changes.sections[Section.BROKEN][0])
        await settled(pilot)
        assert "shop.stock is broken: it has no category." in str(screen.why_not("review.breaking"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_plan_with_nothing_but_a_broken_model_lists_it(size: tuple[int, int]) -> None:
    empty = ChangesStage(meta=made.meta(), modified=ModifiedChanges())
    plan = made.plan(
        dangers=(broken.BROKEN,), changes=empty, backfills=BackfillsStage(meta=made.meta())
    )
    facts = made.facts(
        has_changes=False, requires_backfill=False, uncategorized=(), refusal=broken.REFUSAL
    )
    app = OpenedApp(made.port_on(broken.around_broken(plan=plan, facts=facts)))
    async with app.run_test(size=size) as pilot:
        app.go("review")
        await settled(pilot)
        shown = screen_text(app)
        assert "No other changes" in shown
        assert "shop.stock" in shown
        assert "up to date" not in shown


async def test_the_last_review_stays_while_the_project_does_not_load() -> None:
    broken_project = Problem(
        code=ProblemCode.BROKEN_PROJECT,
        title="The project can't be loaded: macros/bad.py, line 1.",
        path="macros/bad.py",
        line=1,
    )
    stale = Problem(
        code=ProblemCode.STALE_PLAN,
        title="The project does not load: macros/bad.py, line 1.",
        message="This is the last plan that could be built.",
    )
    port = made.port_on(made.ready())
    app = OpenedApp(port)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.client_state.connection != "starting")
        app.go("review")
        await settled(pilot)
        plan, facts = made.plan(), made.facts(uncategorized=(), refusal=None)
        request = PlanRequest(environment="dev")
        started = ev.PlanningStarted(run_id="plan-2", environment="dev", request=request, stages=())
        failed = ev.PlanningEnded(
            run_id="plan-2", outcome=RunOutcome.FAILED, problem=broken_project
        )
        port.play(
            ev.SessionMoved(state=SessionState.PLANNING), started,
            ev.SessionMoved(state=SessionState.IDLE), failed,
            ev.PlanBuilt(plan=plan, facts=facts), ev.SessionMoved(state=SessionState.REVIEW),
            ev.PlanWentStale(plan_id=plan.plan_id, problem=stale),
            ev.EngineChanged(info=samples.info(ProjectState.BROKEN, broken_project)),
        )  # fmt: skip
        await until(pilot, lambda: isinstance(app.screen, ProblemScreen))
        assert "Last review" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await settled(pilot)
        shown = screen_text(app)
        assert "shop__dev.orders" in shown
        assert "does not load: macros/bad.py, line 1" in " ".join(shown.split())
        assert "Apply: stale" in shown
        await pilot.press("ctrl+r")
        await until(pilot, lambda: port.called("build_plan"))
