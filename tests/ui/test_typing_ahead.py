"""Keys that come faster than pages open: each counts, in its order, where it was meant to."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from plan_tui.ui.screens.confirm import ConfirmScreen
from plan_tui.ui.screens.help import HelpScreen
from plan_tui.ui.screens.steps import StepsScreen

from . import review_samples
from . import steps_samples as made
from .driving import OpenedApp, running, settled, until
from .fake_port import FakePort

WIDE = (120, 40)

pytestmark = pytest.mark.usefixtures("no_rests")


def in_one_go(app: OpenedApp, *keys: str) -> None:
    """Lets keys come in before the app has looked at the first of them."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


def typed(app: OpenedApp) -> list[str]:
    """What the fields of the page on the screen hold."""
    return [field.value for field in app.screen.query(Input)]


async def test_a_filter_is_typed_on_a_page_that_opens() -> None:
    async with running(made.port_with(made.steps()), WIDE) as (app, pilot):
        app.go("review")
        await settled(pilot)
        in_one_go(app, "s", "slash", *"orders")
        await until(pilot, lambda: typed(app) == ["orders"])
        assert isinstance(app.screen, StepsScreen)


async def test_a_page_is_left_as_soon_as_it_opens() -> None:
    async with running(made.port_with(made.steps()), WIDE) as (app, pilot):
        app.go("review")
        await settled(pilot)
        in_one_go(app, "s", "escape", "question_mark", "escape", "slash", *"pay", "s")
        await until(pilot, lambda: typed(app) == ["pays"])
        assert app.current_mode == "review"


async def test_the_answer_to_a_question_reaches_it() -> None:
    port = review_samples.port_on(review_samples.ready())
    async with running(port, WIDE) as (app, pilot):
        app.go("review")
        await settled(pilot)
        in_one_go(app, "a", "escape", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        in_one_go(app, "escape", "a", "enter")
        await until(pilot, lambda: port.called("apply_plan"))
        assert not isinstance(app.screen, ConfirmScreen)


async def test_prod_is_typed_in_one_go() -> None:
    state = review_samples.ready(plan=review_samples.plan(environment="prod"))
    port = review_samples.port_on(state)
    async with running(port, WIDE) as (app, pilot):
        app.go("review")
        await settled(pilot)
        in_one_go(app, "a", *"prod", "enter")
        await until(pilot, lambda: port.called("apply_plan"))


class Hurried(OpenedApp):
    """An app whose user types before the first page is there, and while it opens."""

    def begin(self) -> None:
        in_one_go(self, "n", *"fast")
        self.call_later(super().begin)
        in_one_go(self, *"er", "enter")


async def test_keys_at_the_first_paint_count_in_their_order(port: FakePort) -> None:
    app = Hurried(port)
    async with app.run_test(message_hook=app.hear, notifications=True) as pilot:
        await until(pilot, lambda: app.current_mode == "setup")
        await until(pilot, lambda: app.screen.draft.environment == "faster")  # type: ignore[attr-defined]
