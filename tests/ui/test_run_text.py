"""What the run says in words: rows, lines, summaries."""

from __future__ import annotations

import pytest

from plan_tui.contract.events import Event
from plan_tui.contract.fold import fold
from plan_tui.contract.plan import CancelMode
from plan_tui.contract.state import (
    ApplyProgress,
    EngineState,
    ModelProgress,
    ModelStatus,
    PlanFacts,
    RunningBatch,
    RunOutcome,
    RunSummary,
)
from plan_tui.ui.run_stages import run_stages
from plan_tui.ui.run_text import (
    REST_NAMED,
    cancelling_line,
    is_cancelling,
    note_of,
    refusal,
    summary_of,
    total_line,
    unknown_summary,
)
from plan_tui.ui.widgets.progress_rows import (
    RowOrder,
    bar,
    elapsed,
    fitting_interval,
    group_of,
    joined,
    names_in_words,
    note,
    spent_words,
)
from plan_tui.ui.widgets.stage_rail import (
    Form,
    form_cells,
    named_stage,
    narrow_stage,
    plain_stage,
    stage_glyph,
    wide_stage,
)

from . import run_samples as runs
from . import samples


def told(*events: Event) -> EngineState:
    state = samples.idle()
    for event in events:
        state = fold(state, event)
    return state


def apply_of(state: EngineState) -> ApplyProgress:
    assert state.apply is not None
    return state.apply


# Rows


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (runs.ORDERS, "2026-07-28 .. 08-26"),
        (runs.PAYMENTS, "not_null(columns = [amount]) found 12 rows"),
        (runs.PAYMENTS.model_copy(update={"failure": None}), "failed"),
        (runs.REVENUE, "waits for shop__dev.orders"),
        (runs.SUMMARY, "waits for shop__dev.daily_revenue and 1 more"),
        (runs.model("x", 1), "ready"),
        (runs.SKIPPED, "skipped: shop__dev.payments failed"),
        (runs.SKIPPED.model_copy(update={"skipped_because": None}), "skipped"),
        (runs.CUSTOMERS, "5,012 rows"),
        (runs.STORES, "48 rows · 2 audits passed"),
        (runs.model("x", 4, 1, status=ModelStatus.STOPPED), "stopped, 3 batches left"),
        (runs.model("x", 4, 3, status=ModelStatus.STOPPED), "stopped, 1 batch left"),
        (runs.model("x", 4, 1, status=ModelStatus.RUNNING), "ready for its next batch"),
    ],
)
def test_a_row_says_what_its_model_is_at(model: ModelProgress, words: str) -> None:
    assert note(model) == words


def test_a_row_counts_further_batches_at_work() -> None:
    second = RunningBatch(index=10, interval=runs.month(10), since=samples.NOW)
    model = runs.ORDERS.model_copy(update={"running": (*runs.ORDERS.running, second)})
    assert note(model) == "2026-07-28 .. 08-26 +1"
    assert elapsed(model, samples.NOW) == 9 * 3_900 + 4_100


@pytest.mark.parametrize(
    ("days", "width", "words"),
    [
        ((0, 30), 20, "2025-11-25 .. 12-24"),
        ((20, 50), 24, "2025-12-15 .. 2026-01-13"),
        ((20, 50), 20, "2025-12-15 .. 01-13"),
        ((0, 366), 20, "25-11-25 .. 26-11-25"),
    ],
)
def test_an_interval_gives_up_years_before_days(
    days: tuple[int, int], width: int, words: str
) -> None:
    start = samples.TODAY - 365 * samples.DAY
    value = (start + days[0] * samples.DAY, start + days[1] * samples.DAY)
    assert fitting_interval(value, width) == words


def test_an_interval_of_hours_gives_up_its_year() -> None:
    value = (samples.TODAY + 6 * samples.HOUR, samples.TODAY + 7 * samples.HOUR)
    assert fitting_interval(value, 30) == "2026-11-25 06:00-07:00"
    assert fitting_interval(value, 20) == "11-25 06:00-07:00"


def test_a_row_leaves_out_what_does_not_fit() -> None:
    assert note(runs.STORES, 12) == "48 rows"
    assert joined(["18/55 batches", "1 failed", "2 skipped"], 24) == "18/55 batches · 1 failed"
    assert joined(["a very long first one"], 4) == "a very long first one"


def test_what_a_warehouse_says_can_not_steer_the_terminal() -> None:
    evil = runs.FAILURE.model_copy(update={"message": "\n  \x1b]0;owned\x07 [b]x[/b]\nmore"})
    shown = note(runs.PAYMENTS.model_copy(update={"failure": evil}))
    assert shown == "<U+001B>]0;owned<U+0007> [b]x[/b]"


@pytest.mark.parametrize(
    ("done", "total", "drawn"),
    [
        (0, 13, "          "),
        (1, 1000, "▏         "),
        (9, 13, "██████▉   "),
        (12, 13, "█████████▏"),
        (13, 13, "██████████"),
        (0, 0, "          "),
        (20, 13, "██████████"),
    ],
)
def test_a_bar_has_a_fixed_width_and_is_full_only_at_the_end(
    done: int, total: int, drawn: str
) -> None:
    assert bar(done, total, 10) == drawn


def test_names_are_counted_rather_than_listed() -> None:
    assert names_in_words(("a", "b", "c"), most=2) == "a, b and 1 more"
    assert names_in_words(()) == ""


@pytest.mark.parametrize(
    ("millis", "words"), [(-5, "0ms"), (372, "372ms"), (3_900, "3.9s"), (102_000, "1m42s")]
)
def test_what_is_over_quickly_is_told_in_milliseconds(millis: int, words: str) -> None:
    assert spent_words(millis) == words


# Order


def test_failures_come_first_and_the_done_last() -> None:
    order = RowOrder()
    stopped = runs.model("stopped", 4, 1, status=ModelStatus.STOPPED)
    order.take([runs.STORES, runs.SKIPPED, runs.REVENUE, stopped, runs.ORDERS, runs.PAYMENTS])
    assert order.rows() == [
        runs.PAYMENTS.name,
        runs.ORDERS.name,
        stopped.name,
        runs.REVENUE.name,
        runs.SKIPPED.name,
        runs.STORES.name,
    ]
    assert order.failed() == [runs.PAYMENTS.name]


def test_a_model_between_two_batches_keeps_its_place() -> None:
    waiting = runs.ORDERS.model_copy(update={"status": ModelStatus.WAITING, "running": ()})
    assert group_of(waiting) == group_of(runs.ORDERS)
    order = RowOrder()
    order.take([runs.ORDERS, runs.ITEMS])
    assert not order.take([waiting])


def test_only_a_model_that_changes_its_group_moves() -> None:
    order = RowOrder()
    models = [runs.model(letter, 2) for letter in "abcdef"]
    order.take(models)
    a, b, c, d, e, f = (model.name for model in models)

    def become(index: int, status: ModelStatus) -> bool:
        return order.take([models[index].model_copy(update={"status": status})])

    assert become(3, ModelStatus.RUNNING)
    assert become(1, ModelStatus.RUNNING)
    assert order.rows() == [d, b, a, c, e, f]
    assert not become(1, ModelStatus.RUNNING)
    assert become(3, ModelStatus.DONE)
    assert become(1, ModelStatus.DONE)
    assert order.rows() == [a, c, e, f, b, d]
    order.clear()
    assert order.rows() == []


# Lines


def test_the_rail_says_how_long_and_how_much_longer() -> None:
    apply = apply_of(told(*runs.under_way()))
    assert note_of(apply, samples.NOW) == "1m42s, about 3 min left"
    ended = apply_of(told(*runs.failed()))
    assert note_of(ended, samples.NOW + 60_000) == "1m42s"


def test_the_line_sums_up_as_much_as_fits() -> None:
    apply = apply_of(told(*runs.under_way()))
    assert total_line(apply, 120) == "18/55 batches · 2/7 models · 1 failed · 504,324 rows"
    assert total_line(apply, 60) == "18/55 batches · 2/7 models"


def test_an_apply_without_data_says_so() -> None:
    apply = apply_of(told(runs.started()))
    assert total_line(apply.model_copy(update={"models": {}}), 80) == (
        "No data to compute: tables and views only."
    )


def test_a_cancel_says_what_it_waits_for() -> None:
    alone = [runs.started(runs.ORDERS), runs.cancelling()]
    state = told(*alone)
    assert is_cancelling(state)
    assert cancelling_line(state, samples.NOW, 80) == (
        "cancelling: 1 batch still runs (orders, 4.1s); c again interrupts it"
    )
    state = told(*runs.healthy(), runs.cancelling())
    assert cancelling_line(state, samples.NOW, 80) == (
        "cancelling: 2 batches still run (orders, 4.1s; +1); c again interrupts them"
    )
    assert cancelling_line(state, samples.NOW, 60) == (
        "cancelling: 2 batches still run; c again interrupts them"
    )
    assert cancelling_line(state, samples.NOW, 120) == (
        "cancelling: 2 batches still run (orders, 4.1s; order_items, 1.3s); c again interrupts them"
    )


def test_a_cancel_says_where_nothing_can_be_interrupted() -> None:
    state = told(runs.started(runs.ORDERS), runs.cancelling())
    assert state.info is not None
    state = state.model_copy(
        update={"info": state.info.model_copy(update={"interruptible": False})}
    )
    assert cancelling_line(state, samples.NOW, 100).endswith("; this warehouse can't interrupt it")


def test_an_interrupt_says_what_it_stops() -> None:
    state = told(runs.started(runs.ORDERS), runs.cancelling(CancelMode.INTERRUPT))
    assert cancelling_line(state, samples.NOW, 80) == (
        "interrupting: 1 batch still runs (orders, 4.1s)"
    )


def test_a_cancel_without_running_batches_uses_the_engines_words() -> None:
    state = told(runs.started(runs.REVENUE), runs.cancelling(message="No further table starts."))
    assert cancelling_line(state, samples.NOW, 80) == "cancelling: No further table starts."


def test_a_refused_cancel_is_no_cancel() -> None:
    state = told(*runs.healthy(), runs.refused())
    assert not is_cancelling(state)
    assert refusal(state.cancel) == f"! {runs.TOO_LATE}"
    assert refusal(told(*runs.healthy(), runs.cancelling()).cancel) is None
    assert refusal(None) is None


# Summaries


def test_applied() -> None:
    apply = apply_of(told(*runs.applied()))
    assert apply.summary is not None
    summary = summary_of(apply, apply.summary)
    assert (summary.heading, summary.look) == ("Applied", "success")
    assert summary.lines == (
        "dev is up to date after 1m42s: 14 views point at the new versions.",
        "Done: all 55 batches, 7 models complete, 1,716,220 rows, 18 tables created.",
        "Nothing is left to do.",
    )


def test_failed() -> None:
    apply = apply_of(told(*runs.failed()))
    assert apply.summary is not None
    summary = summary_of(apply, apply.summary)
    assert (summary.heading, summary.look) == ("Failed", "error")
    assert summary.lines == (
        "An audit of shop__dev.payments failed. not_null(columns = [amount]) found 12 rows",
        "Done: 31 of 68 batches, 4 models complete, 967,324 rows, 18 tables created. "
        "It took 1m42s.",
        "dev shows what it showed before; what is done is kept.",
        "Left: 37 batches of 4 models, 1 of them after a failure upstream.",
    )
    assert [key for key, _ in summary.keys] == ["enter", "v", "ctrl+r", "esc"]
    new = apply.summary.model_copy(update={"is_new": True})
    assert "dev was not created yet; what is done is kept." in summary_of(apply, new).lines


def test_failed_before_any_model() -> None:
    apply = apply_of(told(runs.started(), runs.ended(RunOutcome.FAILED, RunSummary())))
    summary = summary_of(apply, RunSummary())
    assert summary.lines[0] == "No data was computed. It took 1m42s."
    assert [key for key, _ in summary.keys] == ["ctrl+r", "esc"]


def test_failed_after_the_promotion() -> None:
    apply = apply_of(told(runs.started(), runs.ended(RunOutcome.FAILED, RunSummary())))
    summary = summary_of(apply, RunSummary(batches_done=1, batches_total=2, promoted=True))
    assert any(line.startswith("dev is half applied: ") for line in summary.lines)


def test_cancelled() -> None:
    apply = apply_of(told(*runs.cancelled()))
    assert apply.summary is not None
    summary = summary_of(apply, apply.summary)
    assert (summary.heading, summary.look) == ("Cancelled", "warning")
    assert summary.lines[-1] == "Left: 40 batches of 5 models."
    assert summary.keys[0] == ("ctrl+r", "plan the rest")


@pytest.mark.parametrize("outcome", [RunOutcome.FAILED, RunOutcome.CANCELLED])
def test_a_restatement_that_is_not_done_leaves_data_that_is_part_new_and_part_old(
    outcome: RunOutcome,
) -> None:
    apply = apply_of(told(runs.started(), runs.ended(outcome, RunSummary())))
    summary = summary_of(apply, RunSummary(batches_done=1, batches_total=3, restating=True))
    assert "The restated data is part new and part old." in summary.lines
    assert REST_NAMED in summary.lines
    assert not any("before" in line for line in summary.lines)
    assert ("ctrl+r", "plan the restatement again") in summary.keys


def test_a_restatement_whose_batches_are_done_says_nothing_of_old_data() -> None:
    apply = apply_of(told(runs.started(), runs.ended(RunOutcome.FAILED, RunSummary())))
    summary = summary_of(apply, RunSummary(batches_done=3, batches_total=3, restating=True))
    assert not any("old" in line for line in summary.lines)


def test_unknown_names_the_log() -> None:
    summary = unknown_summary(told(*runs.under_way()))
    assert summary.heading == "Unknown"
    assert summary.lines == (
        "The engine does not answer: how the apply to dev went on is not known.",
        "Last heard of at 14:01:55 UTC: 18 of 55 batches done, 2 running: "
        "orders 2026-07-28 .. 08-26, order_items 2026-02-28 .. 03-29.",
        "Its log: /tmp/plan-tui-1000/0123456789abcdef.log",
    )


@pytest.mark.parametrize("restated", [(), ("shop.orders",)])
def test_unknown_promises_no_rest_of_a_restatement(restated: tuple[str, ...]) -> None:
    state = told(*runs.under_way())
    facts = PlanFacts(plan_id="p", restated=restated)
    summary = unknown_summary(state.model_copy(update={"facts": facts}), found=True)
    promised = "plan again: it shows what is left" in dict(summary.keys).values()
    assert promised is not bool(restated)
    whole = REST_NAMED in summary.lines
    assert whole is bool(restated)


@pytest.mark.parametrize("form", [wide_stage, named_stage, plain_stage, narrow_stage])
def test_stages_never_need_more_than_the_cells_that_their_form_was_chosen_by(form: Form) -> None:
    most = form_cells(form, runs.STAGES)
    for at_work in range(len(runs.STAGES)):
        stages = [
            runs.stage(each.name, 500_000, each.total, each.total, ended=number < at_work)
            if number <= at_work
            else each.model_copy(update={"meta": None})
            for number, each in enumerate(runs.STAGES)
        ]
        drawn = sum(form(each, samples.NOW).cell_length for each in stages)
        assert drawn + 2 * (len(stages) - 1) <= most
        assert form_cells(form, stages) == most


@pytest.mark.parametrize(
    ("events", "signs"),
    [
        (runs.under_way(), "✓▸··"),
        ([*runs.healthy(), runs.BROKEN_OFF], "✓✗··"),
        ([*runs.healthy(), runs.cancelling(), runs.BROKEN_OFF], "✓■··"),
        (runs.failed(), "✓✗··"),
        (runs.cancelled(), "✓■··"),
        ([*runs.healthy(), runs.ended(RunOutcome.CANCELLED, RunSummary())], "✓■··"),
        ([*runs.healthy(), runs.refused(), runs.BROKEN_OFF], "✓✗··"),
    ],
    ids=["runs", "fails", "is cancelled", "failed", "cancelled", "unended", "refused"],
)
def test_a_stage_that_a_cancel_broke_off_has_stopped(events: list[Event], signs: str) -> None:
    assert "".join(stage_glyph(stage) for stage in run_stages(told(*events))) == signs
