"""What is taken out of the review, and the review of a saved plan."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from plan_tui.client.markdown import markdown
from plan_tui.client.saved_port import SavedPort
from plan_tui.client.taking import take_plan, take_report
from plan_tui.contract import looks
from plan_tui.contract.impact import ModelImpact, PlanEstimate
from plan_tui.contract.origins import Labels
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.stages import ChangesStage
from plan_tui.ui import messages as ask
from plan_tui.ui.copying import LARGEST_COPY, copied_text, why_not_copied
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.screens.review_taking import markdown_name

from . import review_samples as made
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

WIDE = (120, 40)
PLAN = "3f2a9c1d77"

pytestmark = pytest.mark.usefixtures("no_rests")


def port() -> FakePort:
    fake = made.port_on(made.reviewing())
    impact = ModelImpact(plan_id=PLAN, name="x", view_name="x", why_changed="Its filter changed.")
    fake.looks |= {
        (looks.IMPACT.path, ""): impact,
        (looks.LABELS.path, ""): Labels(plan_id=PLAN, project="p"),
        (looks.ESTIMATE.path, ""): PlanEstimate(
            plan_id=PLAN, seconds=None, concurrency=1, known=0, unknown=5
        ),
    }
    return fake


@asynccontextmanager
async def reviewing(
    port: FakePort, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[OpenedApp, Pilot[int]]]:
    async with running(port, size) as (app, pilot):
        app.go("review")
        await settled(pilot)
        yield app, pilot


def said(app: OpenedApp) -> str:
    """What the app last told."""
    return " ".join(each.message for each in app._notifications)


async def press(pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await settled(pilot)


@pytest.mark.parametrize("size", [WIDE, (80, 24)])
async def test_name_sql_and_diff_are_copied_and_told(size: tuple[int, int]) -> None:
    async with reviewing(port(), size) as (app, pilot):
        for key, text, told in (
            ("y", "shop__dev.orders", "Copied shop__dev.orders."),
            ("Y", made.SQL, "Copied the rendered SQL of shop__dev.orders."),
            ("alt+y", made.DIFF, "Copied the text diff of shop__dev.orders."),
        ):
            await press(pilot, key)
            await until(pilot, lambda text=text: app.clipboard == text)
            assert said(app) == told


async def test_the_diff_is_copied_in_the_form_that_is_shown() -> None:
    async with reviewing(port()) as (app, pilot):
        await press(pilot, "d")
        await press(pilot, "d")
        await press(pilot, "alt+y")
        await until(pilot, lambda: app.clipboard == made.RENDERED)


async def test_what_is_not_there_is_not_copied() -> None:
    fake = port()
    stores = made.name_of("stores")
    fake.models[stores] = made.detail("stores", diff="", diff_rendered="", sql="",
                                      render_problem="It does not parse: line 3.")  # fmt: skip
    async with reviewing(fake) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        screen.body.changes.move_to(stores)
        await settled(pilot)
        await press(pilot, "Y")
        await until(pilot, lambda: "It does not parse: line 3." in said(app))
        screen.body.changes.move_to("!environment_statements")
        await settled(pilot)
        await press(pilot, "Y")
        await until(pilot, lambda: "Environment statements has no SQL." in said(app))
        assert not app.asked_for(ask.CopyText)
        await press(pilot, "alt+y")
        await until(pilot, lambda: "CREATE SCHEMA" in app.clipboard)


async def test_what_has_no_data_is_not_compared() -> None:
    async with reviewing(port()) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        screen.body.changes.move_to("!environment_statements")
        await settled(pilot)
        await press(pilot, "D")
        await until(pilot, lambda: "Environment statements has no data." in said(app))
        assert app.screen is screen


async def test_a_text_that_no_terminal_takes_is_refused_with_its_size() -> None:
    fake = port()
    fake.models[made.name_of("orders")] = made.detail(sql="é" * 40_000)
    async with reviewing(fake) as (app, pilot):
        await press(pilot, "Y")
        await until(pilot, lambda: "80,000 bytes" in said(app))
        assert app.clipboard == ""


def test_nothing_that_a_terminal_obeys_is_copied() -> None:
    assert copied_text("a\x1b[2J\nb\u202e") == "a<U+001B>[2J\nb<U+202E>"
    assert why_not_copied("x" * LARGEST_COPY, "it") is None
    assert why_not_copied("x" * (LARGEST_COPY + 1), "it") is not None


async def test_markdown_is_written_and_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = port()
    async with reviewing(fake) as (app, pilot):
        await press(pilot, "M")
        file = tmp_path / "plan-dev-3f2a9c1d.md"
        await until(pilot, file.exists)
        assert file.read_text() == app.clipboard == markdown(await take_report(fake))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "  - why: Its filter changed." in app.clipboard
        await until(pilot, lambda: said(app))
        size = len(app.clipboard.encode())
        assert said(app) == f"Written to {file} ({size:,} bytes), and copied."


async def test_markdown_that_can_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan-dev-3f2a9c1d.md").mkdir()
    async with reviewing(port()) as (app, pilot):
        await press(pilot, "M")
        await until(pilot, lambda: "can't be written" in said(app))
        assert app.clipboard == ""


def test_no_name_leads_a_file_elsewhere() -> None:
    plan = made.plan(environment="../../etc/x\n", plan_id="/../y", changes=ChangesStage(
        meta=made.meta()))  # fmt: skip
    assert markdown_name(plan) == "plan--etc-x--y.md"


# A saved plan


async def test_a_saved_plan_is_shown_as_it_was_and_changes_nothing() -> None:
    saved = await take_plan(port(), 0, PlanRequest(environment="dev"))
    shown = cast("FakePort", SavedPort(saved, Path("plan.json")))
    prefix = ("sqlmesh", "-p", "my shop")
    async with running(shown, WIDE, read_only=True, command_prefix=prefix) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await settled(pilot)
        text = screen_text(app)
        for words in (
            "saved plan, 34 models", "shop__dev.orders",
            "1 not categorized", "plan 3f2a9c1d", ", saved",
            "Dangers", "owner anna",
        ):  # fmt: skip
            assert words in text, words
        for key, reason in (
            ("a", "plan-tui -p 'my shop' apply plan.json --yes"),
            ("b", "This is a saved plan."),
            ("N", "This is a saved plan."),
            ("ctrl+r", "it stays as it was"),
            ("escape", "q leaves"),
            ("f1", "it has no engine"),
        ):
            await press(pilot, key)
            await until(pilot, lambda reason=reason: reason in said(app))
            assert isinstance(app.screen, ReviewScreen)
        await press(pilot, "Y")
        await until(pilot, lambda: app.clipboard == made.SQL)
