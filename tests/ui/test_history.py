"""The history: what it lists, what it opens, and that it needs no engine."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from plan_tui.client.errors import ClientError
from plan_tui.contract import events as ev
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.history import RunKind
from plan_tui.contract.state import ModelStatus
from plan_tui.ui.messages import CopyText
from plan_tui.ui.screens.help import HelpScreen
from plan_tui.ui.screens.history import HistoryScreen, RecordedRunScreen
from plan_tui.ui.screens.history_page import has_diffs, recorded_page
from plan_tui.ui.screens.review import ReviewScreen
from plan_tui.ui.screens.run import RunScreen
from plan_tui.ui.screens.setup import SetupScreen
from plan_tui.ui.widgets.detail_view import DetailView
from plan_tui.ui.widgets.history_list import HistoryList

from . import history_samples as recorded
from . import review_samples as reviews
from . import run_samples as runs
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def port(port: FakePort) -> FakePort:
    port.runs = recorded.journal()
    return port


async def opened(app: OpenedApp, pilot: Pilot[int]) -> HistoryScreen:
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
    await settled(pilot)
    assert isinstance(app.screen, HistoryScreen)
    return app.screen


def list_of(app: OpenedApp) -> HistoryList:
    return app.screen.query_one(HistoryList)


async def test_it_lists_applies_the_newest_first(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        assert list(list_of(app).keys) == ["a001", "a003", "b7e1", "c001", "c002"]
        text = screen_text(app)
        for words in ("▸ ", "running", "✓ ", "applied", "✗ ", "failed", "■ ", "cancelled"):
            assert words in text
        assert "? 2026-11-22 14:02  feature_discounts" in text
        assert "unknown" in text
        assert "5 applies" in text


async def test_p_lists_plans_too(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("p")
        await settled(pilot)
        assert list(list_of(app).keys)[:2] == ["a001", "a002"]
        assert "planned" in screen_text(app)
        await pilot.press("p")
        await settled(pilot)
        assert "a002" not in list_of(app).keys
        assert port.called("history")[-1] == ((RunKind.APPLY,), 500)


async def test_enter_opens_a_run_with_its_review_as_it_was(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        page = "\n".join(line.text for line in app.screen.query_one(DetailView).page_lines)
        for change in reviews.plan().changes.modified.direct:
            assert change.view_name in page
        assert runs.FAILURE.title in page
        assert "12 rows" in page
        assert "The review as it was" in page
        assert "Batches" in page
        assert "[bold]not markup[/]" in page
        assert "\x1b" not in page


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("f", "✗ Failure 1"),
        ("r", "The review as it was"),
        ("m", "Models"),
        ("b", "Batches"),
        ("L", "Log"),
    ],
)
async def test_keys_go_to_the_sections(port: FakePort, key: str, section: str) -> None:
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        await pilot.press(key)
        await pilot.pause()
        view = app.screen.query_one(DetailView)
        assert any(line.text.startswith(section) for line in view.page_lines)
        assert view.cursor_key is not None
        heading = view.cursor_key.partition(":")[0]
        (found,) = [line for line in view.page_lines if line.key == f"#{heading}"]
        assert found.text.startswith(section)


async def test_i_copies_the_id_that_the_command_takes(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        # Nothing failed, so nothing of a failure is copied.
        await pilot.press("y", "Y", "i")
        await until(pilot, lambda: app.asked_for(CopyText))
        assert [asked.text for asked in app.asked_for(CopyText)] == ["a001"]


async def test_a_failure_says_what_to_do_and_is_copied(port: FakePort) -> None:
    async with running(port, size=(120, 60)) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        page = [line.text for line in app.screen.query_one(DetailView).page_lines]
        assert any(runs.FAILURE.hint[:40] in line for line in page)
        assert any("models/payments.sql, line 14" in line for line in page)
        assert any(line.startswith("The query that finds these rows") for line in page)
        await pilot.press("y", "Y")
        await until(pilot, lambda: len(app.asked_for(CopyText)) == 2)
        sql, whole = (asked.text for asked in app.asked_for(CopyText))
        assert sql == runs.FAILURE.sql
        assert runs.FAILURE.sql is not None
        for words in (runs.FAILURE.title, runs.FAILURE.hint, runs.FAILURE.sql, "2026-09-26"):
            assert words in whole


async def test_each_recorded_failure_of_several_is_gone_to_and_copied(port: FakePort) -> None:
    detail = recorded.failed()
    second = runs.FAILURE.model_copy(
        update={"title": "A batch of shop__dev.orders failed.", "sql": "SELECT 2"}
    )
    orders = runs.model("orders", 13, 3, status=ModelStatus.FAILED, failure=second)
    models = {**detail.models, orders.name: orders}
    port.runs = [detail.model_copy(update={"models": models})]
    async with running(port, size=(80, 24)) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        await pilot.press("f", "y", "n", "y")
        await until(pilot, lambda: len(app.asked_for(CopyText)) == 2)
        assert {asked.text for asked in app.asked_for(CopyText)} == {runs.FAILURE.sql, "SELECT 2"}


async def test_escape_goes_back_to_where_one_was(port: FakePort) -> None:
    port.current = reviews.reviewing()
    async with running(port) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordedRunScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


async def test_a_place_is_gone_to_from_the_history(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


async def test_the_help_of_every_place_tells_its_key(port: FakePort) -> None:
    async with running(port, size=(120, 60)) as (app, pilot):
        assert isinstance(app.screen, SetupScreen)
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "what was applied before" in screen_text(app)


async def test_it_is_read_again_once_a_run_ends(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.play(*runs.healthy())
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await opened(app, pilot)
        asked = len(port.called("history"))
        port.play(ev.Logged(text="nothing"))
        await until(pilot, lambda: app.engine_state.seq == port.current.seq)
        await settled(pilot)
        assert len(port.called("history")) == asked
        newest = recorded.recorded("n1", 0)
        port.runs.insert(0, recorded.failed().model_copy(update={"run": newest}))
        port.play(*runs.failed()[-2:])
        await until(pilot, lambda: len(port.called("history")) > asked)
        await settled(pilot)
        assert list_of(app).keys[0] == "n1"


async def test_an_empty_journal_says_so(port: FakePort) -> None:
    port.runs = []
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        assert "Nothing was applied to this project yet" in screen_text(app)
        assert "/state/journal.db" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, HistoryScreen)


async def test_a_journal_that_can_not_be_read_says_why(port: FakePort) -> None:
    port.errors["history"] = ClientError(
        Problem(
            code=ProblemCode.UNREADABLE_JOURNAL,
            title="The history can't be read.",
            message="journal.db: database disk image is malformed.",
            hint="The next apply begins a new one.",
        )
    )
    async with running(port) as (app, pilot):
        await opened(app, pilot)
        text = screen_text(app)
        assert "The history can't be read." in text
        assert "malformed" in text
        del port.errors["history"]
        await pilot.press("f5")
        await settled(pilot)
        assert list(list_of(app).keys)


async def test_it_works_while_the_engine_is_lost(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        port.lose()
        await until(pilot, lambda: app.connection.lost)
        await pilot.pause()
        await pilot.press("escape")
        await opened(app, pilot)
        assert len(list_of(app).keys) == 5


async def test_it_stays_when_the_engine_answers_late(port: FakePort) -> None:
    port.hold("connect")
    app = OpenedApp(port)
    async with app.run_test(size=(80, 24), message_hook=app.hear) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        await opened(app, pilot)
        port.release("connect")
        await until(pilot, lambda: app.client_state.connection == "connected")
        await settled(pilot)
        assert isinstance(app.screen, HistoryScreen)


def test_the_review_as_it_was_has_its_diffs() -> None:
    detail = recorded.failed()
    assert detail.review is not None
    modified = detail.review.changes.modified
    direct = tuple(each.model_copy(update={"diff": "-old\n+new"}) for each in modified.direct[:1])
    modified = modified.model_copy(update={"direct": direct, "metadata": ()})
    changes = detail.review.changes.model_copy(update={"modified": modified})
    review = detail.review.model_copy(update={"changes": changes})
    shown = detail.model_copy(update={"review": review, "diffs_left_out": 3})
    for width in (60, 118):
        text = "\n".join(line.text for line in recorded_page(shown, width))
        assert "Definitions that changed 1" in text
        assert "3 diffs were not kept: too long together, or too many." in text
        assert "new" in text.split("Definitions that changed")[1]
    bare = detail.model_copy(update={"review": None})
    assert not has_diffs(bare)
