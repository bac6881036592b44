"""The SQL of a saved plan's steps: taken along, bounded, and shown without an engine."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from plan_tui.client import taking_steps
from plan_tui.client.errors import EngineRefused
from plan_tui.client.saved_port import SavedPort
from plan_tui.client.taking import take_plan
from plan_tui.client.taking_steps import take_steps
from plan_tui.contract import looks
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.contract.origins import Labels
from plan_tui.contract.plan import PlanRequest
from plan_tui.contract.state import StageName
from plan_tui.ui.app import PlanApp
from plan_tui.ui.screens.dangers import DangersScreen
from plan_tui.ui.screens.steps import StepsScreen

from . import review_samples as made
from . import steps_samples
from .driving import running, screen_text, settled, until
from .fake_port import FakePort


def port() -> FakePort:
    fake = steps_samples.port_with(steps_samples.steps())
    assert fake.current.plan is not None
    plan_id = fake.current.plan.plan_id
    fake.looks[("steps", "")] = steps_samples.steps().model_copy(update={"plan_id": plan_id})
    fake.looks[("step-sql", "")] = steps_samples.sql().model_copy(update={"plan_id": plan_id})
    fake.looks[("labels", "")] = Labels(plan_id=plan_id, project="p")
    return fake


def said(app: PlanApp) -> str:
    """What the app's notifications say."""
    return " ".join(each.message for each in app._notifications)


async def test_a_saved_plan_opens_the_sql_of_its_steps_and_is_not_called_read_only() -> None:
    fake = port()
    assert fake.current.plan is not None
    danger = Danger(rule="destructive_change", severity=Severity.BLOCKS, message="Drops a column.",
                    model=made.name_of("orders"), allow="destructive")  # fmt: skip
    plan = fake.current.plan.model_copy(update={"dangers": (danger,)})
    fake.current = fake.current.model_copy(update={"plan": plan})
    saved = await take_plan(fake, 0, PlanRequest(environment="prod"))
    assert saved.left_out == {}
    shown = cast("FakePort", SavedPort(saved, Path("plan.json")))
    async with running(shown, (120, 40), read_only=True) as (app, pilot):
        app.go("review")
        await until(pilot, lambda: "! Dangers" in screen_text(app))
        for useless in ("b Breaking", "n Non-breaking", "u Next open", "ctrl+r", "a Apply"):
            assert useless not in screen_text(app), useless
        await pilot.press("D")
        await until(pilot, lambda: "no warehouse" in said(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Keys: Review" in screen_text(app))
        assert "Make all marked models" not in screen_text(app)
        await pilot.press("escape")
        app.push_screen(StepsScreen(""))
        await until(pilot, lambda: "Create table" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: 'DELETE FROM "orders"' in screen_text(app))
        await pilot.press("escape")
        app.push_screen(DangersScreen(""))
        await until(pilot, lambda: "Drops a column." in screen_text(app))
        assert "A Allow" not in screen_text(app)
        assert "a Apply" not in screen_text(app)
        await pilot.press("A")
        await settled(pilot)
        assert "This is a saved plan: it stays as it was." in said(app)
        assert "--read-only" not in said(app)


async def test_what_data_changes_is_taken_first_and_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taking_steps, "MOST_STEPS", 5)
    fake = port()
    steps = steps_samples.steps()
    taken, left_out = await take_steps(fake, steps)
    stages = {step.id: step.stage for step in steps.steps}
    assert [stages[each] for each in taken] == [
        StageName.MIGRATE, StageName.BEFORE_ALL, *[StageName.BACKFILL] * 3,
    ]  # fmt: skip
    assert left_out == ("The SQL of 4 of 9 steps was left out: a file takes at most 5 of them.")
    saved = await take_plan(fake, 0, PlanRequest(environment="prod"))
    port_of_saved = SavedPort(saved, Path("plan.json"))
    table = next(step for step in steps.steps if step.text.startswith("Create table"))
    with pytest.raises(EngineRefused) as refused:
        await port_of_saved.look(looks.STEP_SQL, step=table.id)
    assert left_out in refused.value.problem.title


async def test_the_time_and_the_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, 2.0, 61.0])
    taken, left_out = await take_steps(port(), steps_samples.steps(), clock=lambda: next(moments))
    assert (len(taken), left_out.endswith("it took longer than 60 seconds.")) == (2, True)
    monkeypatch.setattr(taking_steps, "MOST_CHARACTERS", 100)
    taken, left_out = await take_steps(port(), steps_samples.steps())
    assert 0 < len(taken) < 9
    assert left_out.endswith("a file takes at most 100 characters of it.")
