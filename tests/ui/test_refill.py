"""What a run may have left empty: told on its summary, planned by a key."""

from __future__ import annotations

import pytest

from plan_tui.contract.base import Interval
from plan_tui.contract.interrupted import Hole
from plan_tui.ui.messages import BuildPlan
from plan_tui.ui.refill import hole_lines, refill_request

from . import run_samples as runs
from .driving import running, screen_text, until
from .fake_port import FakePort

pytestmark = pytest.mark.timeout(60)
DAY = 86_400_000
JAN_1 = 1_704_067_200_000


def hole(short: str, interval: Interval) -> Hole:
    return Hole(name=runs.name(short), view_name=f"shop__dev.{short}", interval=interval)


HOLES = (
    hole("orders", (JAN_1, JAN_1 + DAY)),
    hole("order_items", (JAN_1 + DAY, JAN_1 + 2 * DAY)),
    hole("payments", (JAN_1 + DAY, JAN_1 + 3 * DAY)),
    hole("stores", (JAN_1 + 4 * DAY, JAN_1 + 5 * DAY + 3_600_000)),
)


async def test_the_summary_names_what_may_be_empty_and_a_key_plans_it(port: FakePort) -> None:
    *before, end, idle = runs.cancelled()
    summary = end.summary.model_copy(update={"holes": HOLES[:1]})  # type: ignore[union-attr]
    async with running(port) as (app, pilot):
        port.play(*before, end.model_copy(update={"summary": summary}), idle)
        await until(pilot, lambda: "may be empty" in screen_text(app))
        assert "1 interval may be empty now" in screen_text(app)
        assert "shop__dev.orders 2024-01-01" in screen_text(app)
        await pilot.press("R")
        await until(pilot, lambda: app.asked_for(BuildPlan))
        (asked,) = app.asked_for(BuildPlan)
        assert asked.request.options.restate_models == (runs.name("orders"),)
        assert (asked.request.dates.start, asked.request.dates.end) == (
            "2024-01-01 00:00",
            "2024-01-02 00:00",
        )


async def test_without_holes_the_key_is_not_offered(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.play(*runs.cancelled())
        await until(pilot, lambda: "Cancelled" in screen_text(app))
        assert "may be empty" not in screen_text(app)
        await pilot.press("R")
        await pilot.pause()
        assert app.asked_for(BuildPlan) == []


def test_many_holes_are_counted_and_one_plan_covers_them() -> None:
    end = runs.cancelled()[-2]
    summary = end.summary.model_copy(update={"holes": HOLES})  # type: ignore[union-attr]
    first, _ = hole_lines(summary)
    assert first.startswith("4 intervals may be empty now")
    assert first.endswith("; and 1 more.")
    apply = runs.started().apply.model_copy(update={"summary": summary})  # type: ignore[attr-defined]
    request = refill_request(apply)
    assert request is not None
    assert len(request.options.restate_models or ()) == 4
    assert (request.dates.start, request.dates.end) == ("2024-01-01 00:00", "2024-01-06 01:00")
