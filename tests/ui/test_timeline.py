"""The timeline page: its keys, what it asks the engine, and what the cursor reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import EngineRefused
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.ui.formatting import DAY
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.screens.timeline import TimelineScreen
from plan_tui.ui.widgets.backfill_timeline import BackfillTimeline
from plan_tui.ui.widgets.quiet_lines import QuietLines

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort
from .timeline_samples import JAN_1, fqn, many, port_with, recorded

WIDE = (120, 40)

pytestmark = pytest.mark.usefixtures("no_rests")


@asynccontextmanager
async def on_timeline(
    port: FakePort, size: tuple[int, int] = WIDE, model: str | None = None
) -> AsyncIterator[tuple[OpenedApp, BackfillTimeline, Pilot[int]]]:
    async with running(port, size) as (app, pilot):
        app.go("review")
        await settled(pilot)
        if model is None:
            await pilot.press("t")
        else:
            app.push_screen(TimelineScreen(model))
        await until(pilot, lambda: isinstance(app.screen, TimelineScreen))
        await settled(pilot)
        yield app, app.screen.query_one(BackfillTimeline), pilot


def reading(app: OpenedApp) -> str:
    """The lines under the legend."""
    lines = screen_text(app).splitlines()
    start = next(at for at, line in enumerate(lines) if "█ new" in line)
    return "\n".join(lines[start + 1 : -1])


async def test_opens_from_the_review_and_goes_back() -> None:
    port = port_with(recorded())
    async with on_timeline(port) as (app, rows, pilot):
        assert ("timeline", "", {}) in port.called("look")
        text = screen_text(app)
        assert "Backfill: 18 models" in text
        assert "! 1 with too many" in text
        assert "UTC · 1 cell = " in text
        assert rows.view is not None
        # Frame and scroll bar take three cells, and time all that names and counts leave.
        assert rows.margin + rows.view.width == WIDE[0] - 3
        await pilot.press("escape")
        assert isinstance(app.screen, ReviewScreen)
        await pilot.press("t", "t")
        await settled(pilot)
        assert isinstance(app.screen, ReviewScreen)


async def test_stands_on_the_model_it_was_opened_at() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("fragile")) as (app, rows, _):
        assert rows.cursor_key == fqn("fragile")
        assert rows.at == JAN_1 + 8 * DAY
        assert "shop.fragile  2024-01-09 · missing: a gap" in reading(app)
        assert "batch 1 of 3" in reading(app)


async def test_a_model_without_backfill_opens_among_all_models() -> None:
    timeline = recorded("timeline_restated")
    async with on_timeline(port_with(timeline), model=fqn("events")) as (app, rows, pilot):
        assert rows.cursor_key == fqn("events")
        assert len(rows.keys) == len(timeline.models) > 2
        await pilot.press("o")
        assert set(rows.keys) == {fqn("lagged"), fqn("weekly")}
        await pilot.press("w")
        assert "there, filled again: restated" in reading(app)
        await pilot.press("o")
        assert len(rows.keys) == len(timeline.models)


async def test_zoom_keeps_what_the_cursor_reads() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("fragile")) as (app, rows, pilot):
        assert rows.view is not None
        first = rows.view.cell
        await pilot.press("minus", "minus", "minus")
        assert rows.view.cell > first
        assert "gap" in reading(app)
        await pilot.press("plus", "plus", "plus", "equals_sign")
        assert rows.view.cell < first
        assert rows.at == JAN_1 + 8 * DAY
        assert "missing: a gap" in reading(app)


async def test_zooms_from_years_to_minutes() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("sensors")) as (app, rows, pilot):
        assert rows.view is not None
        await pilot.press("0")
        assert "2022" in screen_text(app)
        rows.action_zoom(30)
        await pilot.press("minus")
        assert rows.view.cell == 728 * DAY
        rows.action_zoom(-30)
        await pilot.press("plus")
        assert rows.view.cell == 5 * 60_000
        assert "shop.sensors  2022-01-01 00:00-00:05" in reading(app)


async def test_moves_by_cells_and_by_stretches() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("lagged")) as (app, rows, pilot):
        assert rows.view is not None
        cell, at = rows.view.cell, rows.at
        await pilot.press("l", "right", "h")
        assert rows.at == rows.view.moment(rows.view.column(at) + 1)
        await pilot.press("home")
        assert rows.at == JAN_1
        assert "there, stays as it is" in reading(app)
        await pilot.press("w")
        assert "lookback" in reading(app)
        await pilot.press("w")
        assert "missing: new" in reading(app)
        await pilot.press("b", "b")
        assert "there, stays as it is" in reading(app)
        await pilot.press("end")
        assert rows.at == JAN_1 + 17 * DAY - 1
        await pilot.press("H")
        assert rows.at == JAN_1 + 17 * DAY - 1 - rows.view.width // 2 * cell
        before = rows.at
        await pilot.press("L")
        assert rows.at > before


async def test_moves_between_models_and_keeps_the_moment() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("fragile")) as (_, rows, pilot):
        at, key = rows.at, rows.cursor_key
        await pilot.press("j")
        assert rows.cursor_key != key
        assert rows.at == at
        await pilot.press("k", "G")
        assert rows.cursor_key == rows.keys[-1]
        await pilot.press("g")
        assert rows.cursor_key == rows.keys[0]


async def test_enter_goes_to_the_model_in_the_review() -> None:
    name = made.name_of("payments")
    timeline = recorded()
    models = (*timeline.models, timeline.models[-2].model_copy(update={"name": name}))
    port = port_with(timeline.model_copy(update={"models": models}))
    async with on_timeline(port, model=name) as (app, rows, pilot):
        assert rows.cursor_key == name
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ReviewScreen)
        assert app.screen.body.changes.cursor_key == name


async def test_the_filter_leaves_models_whose_name_has_it() -> None:
    async with on_timeline(port_with(recorded())) as (app, rows, pilot):
        await pilot.press("slash", *"LAG")
        assert rows.keys == [fqn("lagged")]
        await pilot.press("enter")
        assert rows.has_focus
        assert "1 match LAG" in screen_text(app)
        await pilot.press("escape")
        assert len(rows.keys) == 18
        await pilot.press("slash", *"zzz")
        assert "No model matches." in screen_text(app)
        await pilot.press("escape")
        assert isinstance(app.screen, TimelineScreen)
        assert len(rows.keys) == 18


async def test_says_that_it_waits_and_what_went_wrong() -> None:
    port = port_with(recorded())
    async with running(port, WIDE) as (app, pilot):
        app.go("review")
        await settled(pilot)
        port.hold("look")
        await pilot.press("t")
        await until(pilot, lambda: "Computing the timeline" in screen_text(app))
        port.errors["look"] = EngineRefused(
            Problem(code=ProblemCode.INTERNAL, title="It broke.", hint="Look at the log."), 500
        )
        port.release("look")
        await until(pilot, lambda: "It broke." in screen_text(app))
        assert "Look at the log." in screen_text(app)


async def test_is_asked_for_again_when_a_category_changes_the_plan() -> None:
    port = port_with(recorded())
    async with on_timeline(port) as (app, rows, pilot):
        before = rows.at
        port.looks[("timeline", "")] = recorded("timeline_restated")
        port.play(
            ev.PlanRevised(
                plan_id="3f2a9c1d77", start=0, end=1, categories={}, backfills=(),
                backfills_removed=(), facts=made.facts(intervals=99),
            )
        )  # fmt: skip
        await until(pilot, lambda: len(rows.keys) == 2)
        await settled(pilot)
        assert "Backfill: 2 models" in screen_text(app)
        assert rows.at == min(before, JAN_1 + 14 * DAY - 1)


async def test_a_project_without_backfill_says_so() -> None:
    nothing = recorded().model_copy(update={"models": ()})
    async with on_timeline(port_with(nothing)) as (app, _, pilot):
        assert "This plan fills nothing" in screen_text(app)
        await pilot.press("plus", "w", "l", "home", "0", "enter")
        assert isinstance(app.screen, TimelineScreen)


async def test_names_are_shown_as_text() -> None:
    odd = recorded().models[1].model_copy(update={"view_name": "[red]\x1b]0;x\x07[/red]"})
    port = port_with(recorded().model_copy(update={"models": (odd,)}))
    async with on_timeline(port) as (app, _, _pilot):
        assert "[red]<U+001B>" in screen_text(app)


async def test_a_resize_keeps_the_moment_in_view() -> None:
    async with on_timeline(port_with(recorded()), model=fqn("lagged")) as (app, rows, pilot):
        await pilot.press("end")
        at = rows.at
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.size.width == 80)
        await pilot.pause()
        assert rows.at == at
        assert rows.view is not None
        assert 0 <= rows.view.column(at) < rows.view.width
        assert "shop.lagged" in reading(app)


async def test_a_step_repaints_a_row_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_timeline(port_with(many(1_000)), model="m500") as (_, rows, pilot):
        drawn: list[str] = []
        paint = type(rows).paint_row

        def counted(self: BackfillTimeline, key: str, *rest: object) -> object:
            drawn.append(key)
            return paint(self, key, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(BackfillTimeline, "paint_row", counted)
        await pilot.press("l")
        await pilot.pause()
        assert set(drawn) == {"m500"}
        await pilot.press("plus")
        await pilot.pause()
        assert len(drawn) < 60


async def test_what_follows_the_cursor_is_drawn_in_the_turn_of_the_key() -> None:
    """A message would come a turn later, and cost a second paint."""
    async with on_timeline(port_with(recorded())) as (app, rows, _):
        screen = app.screen
        assert isinstance(screen, TimelineScreen)
        lines = screen.query_one("#reading", QuietLines)

        def read() -> str:
            return lines.render_line(0).text

        for act in (lambda: rows.action_step(-1), lambda: rows.action_move(1)):
            before = read()
            act()
            assert read() != before
