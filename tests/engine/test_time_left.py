"""What is left of an apply, from this run's batches and those of earlier ones."""

from __future__ import annotations

from plan_tui.contract.state import ModelProgress, ModelStatus, RunningBatch
from plan_tui.engine.impact.schedule import ModelWork
from plan_tui.engine.time_left import LATE, TimeLeft

NOW = 1_000_000


def model(
    name: str, total: int, done: int = 0, each: int = 0, ages: tuple[int, ...] = ()
) -> ModelProgress:
    running = tuple(
        RunningBatch(index=done + number, interval=(0, 1), since=NOW - age)
        for number, age in enumerate(ages)
    )
    status = ModelStatus.DONE if done >= total else ModelStatus.WAITING
    return ModelProgress(
        name=name,
        view_name=name,
        status=ModelStatus.RUNNING if ages else status,
        total=total,
        done=done,
        elapsed=done * each,
        running=running,
    )


def left(
    *models: ModelProgress,
    upstream: dict[str, tuple[str, ...]] | None = None,
    workers: int = 1,
    **before: ModelWork,
) -> int | None:
    chains = upstream or {each.name: () for each in models}
    return TimeLeft(chains, workers, before).of({each.name: each for each in models}, NOW)


def test_the_batches_of_this_run_tell_what_is_left_of_a_model() -> None:
    assert left(model("a", 10, done=4, each=1_000)) == 6_000
    assert left(model("a", 10, done=4, each=1_000, ages=(400,))) == 5_600
    assert left(model("a", 10, done=10, each=1_000)) is None


def test_a_model_without_a_finished_batch_counts_by_the_applies_before() -> None:
    quick, slow = model("quick", 2, done=1, each=100), model("slow", 3, ages=(10_000,))
    assert left(quick, slow) is None
    assert left(quick, slow, slow=ModelWork((60.0, 60.0, 60.0))) == 100 + 170_000


def test_nothing_is_said_while_a_model_that_waits_is_unknown() -> None:
    assert left(model("a", 2, done=1, each=100), model("b", 1)) is None


def test_a_batch_that_is_long_over_its_time_may_take_any_time() -> None:
    due = 2 * 1_000 + LATE
    assert left(model("a", 2, done=1, each=1_000, ages=(due,))) is None
    assert left(model("a", 3, done=1, each=1_000, ages=(due,))) == 1_000
    assert left(model("a", 3, done=1, each=1_000, ages=(due + 1,))) is None


def test_workers_share_batches_but_nobody_is_done_before_the_longest_chain() -> None:
    models = [model(name, 4, done=2, each=1_000) for name in "abcd"]
    assert left(*models, workers=2) == 4_000
    chain = {"d": ("c",), "c": ("b",), "b": ("a",), "a": ()}
    assert left(*models, upstream=chain, workers=2) == 4_000
    assert left(*models, upstream=chain, workers=8) == 4_000
    alone = {each.name: ModelWork((1.0,) * 4, at_once=1) for each in models}
    assert left(*models, upstream=chain, workers=8, **alone) == 8_000


def test_a_failed_model_and_one_that_is_done_take_no_more_time() -> None:
    failed = model("a", 9, done=1, each=1_000).model_copy(update={"status": ModelStatus.FAILED})
    chain = {"a": (), "b": ("a",)}
    assert left(failed, model("b", 2, done=1, each=500), upstream=chain) == 500
