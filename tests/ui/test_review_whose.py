"""Mine or drift, seen or not: keys of the review."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from plan_tui.contract import looks
from plan_tui.contract.origins import Label, Labels, Origin, Origins
from plan_tui.ui.preferences import Preferences
from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.review import ReviewScreen

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

WIDE = (120, 40)
PLAN = "3f2a9c1d77"
MODELS = ("orders", "customers", "payments", "inventory", "refunds", "legacy_orders",
          "daily_revenue", "finance_summary", "stores")  # fmt: skip
ORDERS = made.name_of("orders")

pytestmark = pytest.mark.usefixtures("no_rests")


def labels(plan_id: str = PLAN, **changed: str) -> Labels:
    models = {
        made.name_of(model): Label(change=changed.get(model, model), tags=("finance",))
        for model in MODELS
    }
    return Labels(plan_id=plan_id, project="p", models=models)


def port(**origins: object) -> FakePort:
    fake = made.port_on(made.ready())
    known = {
        ORDERS: Origin(mine=True, files=("models/orders.sql",)),
        made.name_of("customers"): Origin(mine=False),
        made.name_of("payments"): Origin(mine=None, reason="Who knows."),
    }
    values = {"plan_id": PLAN, "against": "origin/main", "models": known, **origins}
    fake.looks |= {
        (looks.LABELS.path, ""): labels(),
        (looks.ORIGINS.path, ""): Origins.model_validate(values),
    }
    return fake


@asynccontextmanager
async def reviewing(
    port: FakePort, size: tuple[int, int] = WIDE, preferences: Preferences | None = None
) -> AsyncIterator[tuple[OpenedApp, ReviewScreen, Pilot[int]]]:
    async with running(port, size, preferences=preferences) as (app, pilot):
        app.go("review")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        yield app, screen, pilot


def said(app: OpenedApp) -> str:
    return " ".join(each.message for each in app._notifications)


def shown(screen: ReviewScreen) -> list[str]:
    return [row.name.removeprefix("shop__dev.") for row in screen.body.changes.shown_rows]


def asked(fake: FakePort) -> list[object]:
    return [each for each in fake.called("look") if each[0] == "origins"]  # type: ignore[index]


@pytest.mark.parametrize("size", [WIDE, (80, 24)])
async def test_o_goes_round_mine_drift_and_all(size: tuple[int, int]) -> None:
    fake = port()
    async with reviewing(fake, size) as (app, screen, pilot):
        everything = shown(screen)
        assert asked(fake) == []
        await pilot.press("o")
        await until(pilot, lambda: shown(screen) == ["orders"])
        await until(pilot, lambda: "1 of 12 rows mine against origin/main" in screen_text(app))
        assert said(app) == (
            "Changes by files of this branch, against origin/main. Of 1 it can't be known."
        )
        await pilot.press("o")
        await until(pilot, lambda: shown(screen) == ["customers"])
        await pilot.press("o")
        await until(pilot, lambda: shown(screen) == everything)
        assert asked(fake) == [("origins", "", {})]


async def test_a_reference_is_handed_on() -> None:
    fake = port()
    async with reviewing(fake) as (app, screen, pilot):
        app.git_ref = "v1.2"
        await pilot.press("o")
        await until(pilot, lambda: shown(screen) == ["orders"])
        assert asked(fake) == [("origins", "", {"ref": "v1.2"})]


async def test_without_git_it_says_why_and_shows_all() -> None:
    fake = port(against=None, problem="/x is not in a git repository.", models={})
    async with reviewing(fake) as (app, screen, pilot):
        everything = shown(screen)
        await pilot.press("o")
        await until(pilot, lambda: "not in a git repository" in said(app))
        assert shown(screen) == everything
        await pilot.press("slash", *"mine:yes")
        await until(pilot, lambda: "Whose the changes are is not known." in screen_text(app))


async def test_the_filter_takes_facets_and_says_what_it_does_not_know() -> None:
    fake = port()
    async with reviewing(fake) as (app, screen, pilot):
        await pilot.press("slash", *"mine:yes")
        await until(pilot, lambda: shown(screen) == ["orders"])
        assert len(asked(fake)) == 1
        await pilot.press("escape")
        await pilot.press("slash", *"color:red")
        await until(pilot, lambda: "There is no color:" in screen_text(app))
        await pilot.press("escape", "slash", *"tag:fi")
        await until(pilot, lambda: screen.body.filter_input._suggestion == "tag:finance")
        await pilot.press("right")
        assert screen.body.filter_input.value == "tag:finance"


async def test_seen_is_marked_counted_and_gone_to(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "p.json", "x")
    async with reviewing(port(), preferences=preferences) as (app, screen, pilot):
        assert "Changes 10 · 10 not seen" in screen_text(app)
        await pilot.press("v")
        await settled(pilot)
        text = screen_text(app)
        assert "Changes 10 · 9 not seen" in text
        assert "✓ B   shop__dev.orders" in text
        # Looking at a detail is not the same as having looked at it.
        await pilot.press("down", "enter", "escape")
        await settled(pilot)
        assert "9 not seen" in screen_text(app)
        await pilot.press("home", "V")
        assert screen.body.changes.cursor_key == made.name_of("customers")
        await pilot.press("home", "v")
        await settled(pilot)
        assert "10 not seen" in screen_text(app)
        await pilot.press("v", "slash", *"seen:no", "enter")
        await until(pilot, lambda: "orders" not in shown(screen))
        assert len(shown(screen)) == 9
    # Another session knows it, while the change is the same.
    known = Preferences(tmp_path / "p.json", "x")
    async with reviewing(port(), preferences=known) as (app, _, _):
        assert "9 not seen" in screen_text(app)
    moved = port()
    moved.looks[(looks.LABELS.path, "")] = labels(orders="orders, edited")
    async with reviewing(moved, preferences=known) as (app, _, _):
        assert "10 not seen" in screen_text(app)
    assert known.seen("prod") == frozenset()


async def test_what_is_no_change_is_not_marked_as_seen() -> None:
    async with reviewing(port()) as (app, screen, pilot):
        await pilot.press("end", "v")
        assert "Only what differs" in said(app)
        assert "10 not seen" in screen_text(app)
        for row in screen.facets.unseen(screen.body.changes.changes.rows) or ():
            screen.body.changes.move_to(row.key)
            await pilot.press("v")
        await settled(pilot)
        assert "all seen" in screen_text(app)
        await pilot.press("V")
        assert "Every change was looked at." in said(app)


async def test_a_new_plan_keeps_what_was_seen_of_the_same_changes() -> None:
    fake = port()
    async with reviewing(fake) as (app, _, pilot):
        await pilot.press("v", "down", "v")
        await settled(pilot)
        assert "8 not seen" in screen_text(app)
        state = made.ready()
        assert state.plan is not None
        assert state.facts is not None
        fake.looks[(looks.LABELS.path, "")] = labels("next", customers="edited")
        fake.jump(
            made.ready(
                plan=state.plan.model_copy(update={"plan_id": "next"}),
                planning=made.planning(run_id="plan-2"),
            ).model_copy(update={"facts": state.facts.model_copy(update={"plan_id": "next"})})
        )
        await until(pilot, lambda: "9 not seen" in screen_text(app))


async def test_the_confirmation_counts_what_was_not_seen() -> None:
    async with reviewing(port()) as (app, _, pilot):
        await pilot.press("v", "a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await settled(pilot)
        text = screen_text(app)
        assert "Not seen     9 changes:" in text
        assert "customers" in text


async def test_without_labels_nothing_is_claimed() -> None:
    fake = port()
    del fake.looks[(looks.LABELS.path, "")]
    async with reviewing(fake) as (app, _, pilot):
        assert "seen" not in screen_text(app)
        await pilot.press("v")
        assert "still being read" in said(app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "Not seen" not in screen_text(app)
