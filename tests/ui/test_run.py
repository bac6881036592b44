"""The run screen: every key, every message, and what it shows when."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from plan_tui.contract import events as ev
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.stages import Meta
from plan_tui.contract.state import ModelStatus, RunOutcome, RunSummary, StageName, StageProgress
from plan_tui.ui.messages import CancelRun, CopyText, OpenSetup, RefreshPlan, Retry
from plan_tui.ui.screens.batch_details import BatchDetailsScreen
from plan_tui.ui.screens.leave import LeaveScreen
from plan_tui.ui.screens.results import ResultsScreen
from plan_tui.ui.screens.run import RunScreen
from plan_tui.ui.widgets.footer import CommandFooter
from plan_tui.ui.widgets.log_view import LogView
from plan_tui.ui.widgets.progress_table import ProgressTable
from plan_tui.ui.widgets.run_summary import RunLine, RunSummaryPane
from plan_tui.ui.widgets.stage_bars import StageBars

from . import run_samples as runs
from .driving import OpenedApp, running, screen_text, settled, until
from .fake_port import FakePort
from .record import load

pytestmark = pytest.mark.timeout(60)


def run_of(app: OpenedApp) -> RunScreen:
    assert isinstance(app.screen, RunScreen)
    return app.screen


def line_of(app: OpenedApp) -> str:
    return app.screen.query_one(RunLine).text


def table_of(app: OpenedApp) -> ProgressTable:
    return app.screen.query_one(ProgressTable)


def footer_of(app: OpenedApp) -> str:
    return app.screen.query_one(CommandFooter).render().plain


def models_of(app: OpenedApp) -> list[str]:
    return [key.split('"')[-2] for key in table_of(app).keys]


async def play(app: OpenedApp, pilot: Pilot[int], port: FakePort, *events: object) -> None:
    """Tells events and waits until the screen has drawn them."""
    port.play(*events)  # type: ignore[arg-type]
    await until(pilot, lambda: app.engine_state.seq == port.current.seq)
    # It is the screen a moment before it has its widgets.
    await until(pilot, lambda: isinstance(app.screen, RunScreen))
    await until(pilot, lambda: len(app.screen.query(RunLine)))
    run_of(app).paint()
    await pilot.pause()


# What it shows


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_apply_without_data_gives_the_room_of_its_models_to_the_log(
    port: FakePort, size: tuple[int, int]
) -> None:
    async with running(port, size=size) as (app, pilot):
        over = runs.ended(RunOutcome.SUCCEEDED, RunSummary(views_promoted=28, promoted=True))
        start = runs.started()
        bare = start.model_copy(update={"apply": start.apply.model_copy(update={"models": {}})})
        await play(app, pilot, port, bare, over)
        assert "Models" not in screen_text(app)
        await until(pilot, lambda: app.screen.query_one(LogView).size.height > 8)
        await play(app, pilot, port, *runs.under_way())
        assert "Models 7, 1 failed" in screen_text(app)


async def test_an_apply_leads_here_and_shows_its_models(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        assert models_of(app) == [
            "payments", "orders", "order_items", "daily_revenue", "finance_summary", "stores",
            "customers",
        ]  # fmt: skip
        assert line_of(app) == "18/55 batches · 2/7 models · 1 failed · 504,324 rows"
        text = screen_text(app)
        assert "about 3 min left" in text
        assert "▸ shop__dev.orders" in text
        assert "waits for shop__dev.orders" in text
        assert "Models 7, 1 failed" in text


async def test_progress_is_painted_by_the_clock(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        ticker = run_of(app)._ticker
        assert ticker is not None
        ticker.stop()
        port.play(runs.progressed(runs.running("orders", 13, 11, 100)))
        await until(pilot, lambda: app.engine_state.seq == port.current.seq)
        assert "11/13" not in screen_text(app)
        run_of(app)._tick()
        await pilot.pause()
        assert "11/13" in screen_text(app)


async def test_stages_have_bars_where_there_is_room(port: FakePort) -> None:
    async with running(port, size=(120, 40)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        assert app.screen.query_one(StageBars).display
        assert "backfill      ██████▏" in screen_text(app)
    async with running(port, size=(80, 24)) as (app, pilot):
        await play(app, pilot, port, runs.progressed(runs.ORDERS))
        assert not app.screen.query_one(StageBars).display


async def test_without_a_run_it_says_where_to_begin(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await pilot.press("f3")
        await pilot.pause()
        assert "Nothing has been applied" in screen_text(app)
        assert "Details" not in footer_of(app)


async def test_whoever_attaches_sees_the_run(port: FakePort) -> None:
    port.play(*runs.under_way())
    async with running(port) as (app, _):
        assert isinstance(app.screen, RunScreen)
        assert "18/55 batches" in line_of(app)


# The cursor


async def test_the_cursor_stays_on_the_first_row_until_it_is_moved(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        assert table_of(app).cursor_key == runs.ORDERS.name
        await play(app, pilot, port, runs.progressed(runs.PAYMENTS))
        assert table_of(app).cursor_key == runs.PAYMENTS.name


async def test_the_cursor_goes_with_its_model_once_it_was_moved(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("j")
        assert table_of(app).cursor_key == runs.ITEMS.name
        done = runs.ITEMS.model_copy(update={"status": ModelStatus.DONE, "running": ()})
        await play(app, pilot, port, runs.progressed(done))
        assert table_of(app).cursor_key == runs.ITEMS.name
        assert models_of(app).index("order_items") > models_of(app).index("finance_summary")
        await pilot.press("g")
        await play(app, pilot, port, runs.progressed(runs.PAYMENTS))
        assert table_of(app).cursor_key == runs.PAYMENTS.name


# Cancel


async def test_c_asks_and_c_again_cancels_gracefully(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("c")
        assert line_of(app).startswith("Cancel?")
        assert not app.asked_for(CancelRun)
        await pilot.press("c")
        await until(pilot, lambda: port.called("cancel"))
        assert port.called("cancel") == [CancelMode.GRACEFUL]
        assert "batches" in line_of(app)


async def test_enter_confirms_a_cancel(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("c", "enter")
        await until(pilot, lambda: port.called("cancel"))
        assert isinstance(app.screen, RunScreen)


async def test_escape_withdraws_a_cancel(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("c", "escape")
        assert line_of(app).startswith("15/55")
        assert isinstance(app.screen, RunScreen)
        assert not app.asked_for(CancelRun)


async def test_c_is_no_question_where_the_engine_refuses_it(port: FakePort) -> None:
    promoting = StageProgress(name=StageName.PROMOTE, meta=Meta(start=runs.STARTED))
    async with running(port) as (app, pilot):
        moved = ev.StageReported(run="apply", stage=promoting)
        await play(app, pilot, port, *runs.healthy(), moved)
        await pilot.press("c")
        await until(pilot, lambda: port.called("cancel"))
        assert not line_of(app).startswith("Cancel?")
        await play(app, pilot, port, runs.refused())
        assert "Too late to cancel" in line_of(app)


async def test_the_question_fits_the_smallest_screen(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("c")
        await until(pilot, lambda: "esc: no" in screen_text(app))


async def test_cancelling_says_what_it_waits_for_and_c_interrupts(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy(), runs.cancelling())
        assert line_of(app).startswith("cancelling: 2 batches still run")
        assert "c Interrupt" in footer_of(app)
        await pilot.press("c")
        await until(pilot, lambda: port.called("cancel"))
        assert port.called("cancel") == [CancelMode.INTERRUPT]


def told(app: OpenedApp) -> str:
    """What the app's notes say, however they are wrapped on the screen."""
    return " ".join(note.message for note in app._notifications)


async def test_c_says_when_queries_are_interrupted_already(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy(), runs.cancelling(CancelMode.INTERRUPT))
        assert line_of(app).startswith("interrupting: 2 batches")
        await pilot.press("c")
        await pilot.pause()
        assert not app.asked_for(CancelRun)
        assert "being interrupted already" in told(app)


async def test_c_says_when_a_warehouse_can_not_interrupt(port: FakePort) -> None:
    assert port.current.info is not None
    info = port.current.info.model_copy(update={"interruptible": False, "engine_type": "db2"})
    port.current = port.current.model_copy(update={"info": info})
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy(), runs.cancelling())
        await pilot.press("c")
        await pilot.pause()
        assert not app.asked_for(CancelRun)
        assert "can't be interrupted on db2" in told(app)


async def test_a_refused_cancel_says_why_and_the_run_goes_on(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy(), runs.refused())
        assert line_of(app) == f"! {runs.TOO_LATE}"
        assert "it half done." in screen_text(app)
        assert "c Cancel" in footer_of(app)
        await pilot.press("c")
        assert line_of(app).startswith("Cancel?")


async def test_all_of_a_long_sentence_is_shown_and_its_lines_are_given_back(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy(), runs.refused())
        await play(app, pilot, port, runs.refused(f"Too late: {'as is said here, ' * 16}stop."))
        assert "stop." in screen_text(app)
        assert app.screen.query_one(RunLine).size.height == 4
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one(RunLine).size.height == 1)


async def test_the_question_is_gone_when_the_run_ends_meanwhile(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("c")
        await play(app, pilot, port, *runs.applied()[2:])
        assert line_of(app).startswith("55/55")
        await pilot.press("c")
        assert not app.asked_for(CancelRun)


# Keys


async def test_f_shows_failed_models_only_and_all_again(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await pilot.press("f")
        await pilot.pause()
        assert models_of(app) == ["payments"]
        assert "failed only: 1 of 7, f shows all" in screen_text(app)
        await pilot.press("f")
        await pilot.pause()
        assert len(models_of(app)) == 7


async def test_f_says_that_nothing_failed(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("f")
        await pilot.pause()
        assert len(models_of(app)) == 7
        assert "No model has failed." in screen_text(app)


async def test_a_failure_joins_the_failed_only(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await pilot.press("f")
        broken = runs.ORDERS.model_copy(
            update={"status": ModelStatus.FAILED, "failure": runs.FAILURE, "running": ()}
        )
        await play(app, pilot, port, runs.progressed(broken))
        assert models_of(app) == ["payments", "orders"]


async def test_l_gives_the_log_more_room_and_takes_it_back(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        small = app.screen.query_one(LogView).size.height
        await pilot.press("l")
        await pilot.pause()
        assert app.screen.query_one(LogView).size.height > small
        await pilot.press("l")
        await pilot.pause()
        assert app.screen.query_one(LogView).size.height == small


async def test_the_log_follows_the_newest_line_until_one_reads_in_it(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        log = app.screen.query_one(LogView)
        assert log.cursor_key == log.keys[-1]
        assert log.scroll_offset.y == log.max_scroll_y > 0
        await pilot.press("tab", "g")
        await pilot.pause()
        assert app.focused is log
        assert log.scroll_offset.y == 0
        records = tuple(runs.record("order_items", index) for index in range(4))
        await play(app, pilot, port, runs.progressed(records=records))
        assert log.scroll_offset.y == 0
        assert log.cursor_key == log.keys[0]


async def test_tab_goes_round_the_panes(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        assert app.focused is table_of(app)
        await pilot.press("tab")
        assert isinstance(app.focused, LogView)
        await pilot.press("shift+tab")
        assert app.focused is table_of(app)


async def test_escape_goes_to_the_environments(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await pilot.press("escape")
        await pilot.pause()
        assert app.asked_for(OpenSetup)
        assert not port.called("cancel")


async def test_q_says_that_the_run_goes_on(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        assert "q Leave, it goes on" in footer_of(app)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        assert "goes on without this terminal" in screen_text(app)


async def test_plan_again_is_there_only_when_the_run_is_over(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("ctrl+r")
        assert not app.asked_for(RefreshPlan)
        await play(app, pilot, port, *runs.cancelled()[2:])
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert app.asked_for(RefreshPlan)


async def test_the_help_lists_every_key(port: FakePort) -> None:
    async with running(port, size=(80, 60)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await pilot.press("question_mark")
        await pilot.pause()
        text = screen_text(app)
        for words in ("running batches finish", "Open a model", "failed models only", "more room"):
            assert words in text


# How it ends


@pytest.mark.parametrize(
    ("events", "heading"),
    [(runs.applied, "Applied"), (runs.failed, "Failed"), (runs.cancelled, "Cancelled")],
)
async def test_it_ends_with_a_summary(port: FakePort, events: object, heading: str) -> None:
    async with running(port) as (app, pilot):
        assert callable(events)
        await play(app, pilot, port, *events())
        summary = app.screen.query_one(RunSummaryPane)
        assert summary.border_title == heading
        assert summary.display
        assert "q Quit" in footer_of(app)
        assert "c Cancel" not in footer_of(app)


@pytest.mark.parametrize("events", [runs.applied, runs.cancelled])
async def test_enter_leads_back_to_the_environments(port: FakePort, events: object) -> None:
    async with running(port) as (app, pilot):
        assert callable(events)
        await play(app, pilot, port, *events())
        assert isinstance(app.focused, RunSummaryPane)
        await pilot.press("enter")
        await pilot.pause()
        assert app.asked_for(OpenSetup)


async def test_enter_opens_the_failure_after_a_failed_run(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.failed())
        assert app.focused is table_of(app)
        await opened(app, pilot, "enter", BatchDetailsScreen)
        assert "not_null(columns = [amount]) found 12 rows" in screen_text(app)


async def test_the_end_takes_the_cursor_from_nobody(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("j", "j")
        await play(app, pilot, port, *runs.applied()[2:])
        assert app.focused is table_of(app)


async def test_a_lost_engine_leaves_the_run_unknown(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        port.lose()
        await until(pilot, lambda: app.connection.lost)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await pilot.pause()
        summary = app.screen.query_one(RunSummaryPane)
        assert summary.border_title == "Unknown"
        assert "Its log: /tmp/plan-tui-1000" in screen_text(app)
        assert "ctrl+r Find the engine" in footer_of(app)
        assert "c Cancel" not in footer_of(app)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.asked_for(Retry))
        await until(pilot, lambda: app.connection.connected)
        await pilot.pause()
        assert app.screen.query_one(RunSummaryPane).summary is None


async def test_another_run_begins_anew(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.failed())
        await pilot.press("f")
        start = runs.started(runs.ORDERS)
        again = start.model_copy(update={"apply": start.apply.model_copy(update={"run_id": "a2"})})
        await play(app, pilot, port, runs.APPLYING, again)
        assert models_of(app) == ["orders"]
        assert app.screen.query_one(RunSummaryPane).summary is None
        assert app.focused is table_of(app)


@pytest.mark.parametrize(
    ("name", "heading", "outcome"),
    [
        ("applied", "Applied", RunOutcome.SUCCEEDED),
        ("failed", "Failed", RunOutcome.FAILED),
        ("cancelled", "Cancelled", RunOutcome.CANCELLED),
    ],
)
async def test_what_a_real_engine_told(name: str, heading: str, outcome: RunOutcome) -> None:
    state, events = load(name)
    port = FakePort(state)
    async with running(port, size=(120, 40)) as (app, pilot):
        await play(app, pilot, port, *events)
        apply = app.engine_state.apply
        assert apply is not None
        assert apply.outcome is outcome
        assert app.screen.query_one(RunSummaryPane).border_title == heading
        assert set(table_of(app).keys) == set(apply.models)
        failed = sum(model.status is ModelStatus.FAILED for model in apply.models.values())
        assert failed == (outcome is RunOutcome.FAILED)


# Details


async def opened(app: OpenedApp, pilot: Pilot[int], key: str, page: type[Screen[None]]) -> None:
    """Opens a page over the run."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, page))
    await settled(pilot)


async def test_details_of_a_failure(port: FakePort) -> None:
    async with running(port, size=(80, 40)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await opened(app, pilot, "enter", BatchDetailsScreen)
        text = screen_text(app)
        for words in (
            "shop__dev.payments",
            "3 of 13 batches",
            "2026-09-26 .. 10-25",
            "models/payments.sql, line 14",
            "found 12 rows",
            "WHERE p.amount IS NULL",
            "ended before this terminal watched",
        ):
            assert words in text
        await pilot.press("y")
        await until(pilot, lambda: app.asked_for(CopyText))
        assert app.asked_for(CopyText)[0].text == runs.FAILURE.sql
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)


async def test_results_name_what_failed_and_what_was_left_out(port: FakePort) -> None:
    async with running(port, size=(100, 50)) as (app, pilot):
        await play(app, pilot, port, *runs.failed())
        await opened(app, pilot, "v", ResultsScreen)
        text = screen_text(app)
        for words in (
            "1 model failed",
            "An audit of shop__dev.payments failed.",
            "2026-09-26 .. 10-25",
            "found 12 rows",
            "The query that finds these rows, to be run by you",
            "WHERE p.amount IS NULL",
            "because shop__dev.payments failed",
            "shop__dev.payment_report",
        ):
            assert words in text
        await pilot.press("y")
        await until(pilot, lambda: app.asked_for(CopyText))
        assert app.asked_for(CopyText)[0].text == runs.FAILURE.sql
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.asked_for(RefreshPlan))


async def test_each_failure_of_several_is_gone_to_and_copied(port: FakePort) -> None:
    second = runs.FAILURE.model_copy(
        update={"title": "A batch of shop__dev.orders failed.", "sql": "SELECT 2"}
    )
    orders = runs.model("orders", 13, 3, status=ModelStatus.FAILED, failure=second)
    async with running(port, size=(80, 24)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way(), runs.progressed(orders))
        await opened(app, pilot, "v", ResultsScreen)
        await pilot.press("n")
        await settled(pilot)
        found = {runs.FAILURE.sql, "SELECT 2"}
        for copied in (1, 2):
            await pilot.press("y")
            await until(pilot, lambda copied=copied: len(app.asked_for(CopyText)) == copied)
            await pilot.press("n")
            await settled(pilot)
        assert {asked.text for asked in app.asked_for(CopyText)} == found


async def test_no_results_before_anything_failed(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.healthy())
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, RunScreen)


async def test_details_of_a_running_model_go_on(port: FakePort) -> None:
    async with running(port, size=(80, 40)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, BatchDetailsScreen))
        await pilot.pause()
        assert "9 of 13 batches" in screen_text(app)
        assert screen_text(app).count("31,204 rows") == 6
        assert "Copy SQL" not in footer_of(app)
        moved = runs.progressed(
            runs.running("orders", 13, 10, 0), records=(runs.record("orders", 9),)
        )
        port.play(moved)
        await until(pilot, lambda: app.engine_state.seq == port.current.seq)
        assert isinstance(app.screen, BatchDetailsScreen)
        app.screen.draw()
        await pilot.pause()
        assert "10 of 13 batches" in screen_text(app)
        assert screen_text(app).count("31,204 rows") == 7


@pytest.mark.parametrize(("key", "top"), [("s", "The query that finds"), ("f", "Failure")])
async def test_details_jump_to_their_sections(port: FakePort, key: str, top: str) -> None:
    async with running(port, size=(80, 14)) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await opened(app, pilot, "enter", BatchDetailsScreen)
        await pilot.press(key)
        await pilot.pause()
        assert screen_text(app).splitlines()[1].lstrip("│ ").startswith(top)


async def test_details_say_when_no_batch_was_seen(port: FakePort) -> None:
    async with running(port) as (app, pilot):
        await play(app, pilot, port, *runs.under_way())
        await opened(app, pilot, "enter", BatchDetailsScreen)
        await pilot.press("b")
        await pilot.pause()
        assert "No batch has ended while this terminal watched." in told(app)
