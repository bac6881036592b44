"""The scheduler played through: against brute force on small graphs, and what must always hold."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_tui.engine.impact.schedule import ModelWork, critical_chain, duration_of

MANY = 1_000
"""More workers than there are batches."""


@st.composite
def works(draw: st.DrawFn) -> dict[str, ModelWork]:
    """Up to six models, each waiting for some of those before it."""
    made: dict[str, ModelWork] = {}
    for number in range(draw(st.integers(1, 6))):
        seconds = draw(st.lists(st.integers(1, 9).map(float), min_size=1, max_size=4))
        upstream = draw(st.sets(st.sampled_from(sorted(made)))) if made else set()
        at_once = draw(st.sampled_from([None, 1, 2]))
        made[f"m{number}"] = ModelWork(tuple(seconds), tuple(sorted(upstream)), at_once)
    return made


def alone(work: ModelWork) -> float:
    """The seconds of one model with workers enough: its longest chain of batches."""
    at_once = work.at_once or len(work.seconds)
    ends: list[float] = []
    for index, seconds in enumerate(work.seconds):
        ends.append(seconds + (ends[index - at_once] if index >= at_once else 0.0))
    return max(ends)


def chains(made: dict[str, ModelWork]) -> list[tuple[str, ...]]:
    """Every chain of models that wait for each other."""
    found = []
    for size in range(1, len(made) + 1):
        for names in itertools.combinations(made, size):
            if all(a in made[b].upstream for a, b in itertools.pairwise(names)):
                found.append(names)
    return found


@settings(max_examples=300, deadline=None)
@given(works())
def test_the_critical_chain_is_the_longest_of_all(made: dict[str, ModelWork]) -> None:
    longest = max(sum(alone(made[name]) for name in names) for names in chains(made))
    found = critical_chain(made, MANY)
    assert found.seconds == longest
    assert found.models in chains(made)
    assert sum(alone(made[name]) for name in found.models) == longest


@settings(max_examples=300, deadline=None)
@given(works())
def test_with_workers_enough_the_chain_is_all_the_time(made: dict[str, ModelWork]) -> None:
    assert duration_of(made, MANY) == critical_chain(made, MANY).seconds


@settings(max_examples=300, deadline=None)
@given(works(), st.integers(1, 5))
def test_the_time_is_between_its_bounds(made: dict[str, ModelWork], workers: int) -> None:
    """Graham's bounds of list scheduling."""
    total = sum(sum(work.seconds) for work in made.values())
    longest = critical_chain(made, MANY).seconds
    taken = duration_of(made, workers)
    assert max(total / workers, longest) <= taken + 1e-9
    assert taken <= total / workers + longest * (workers - 1) / workers + 1e-9
    assert duration_of(made, 1) == pytest.approx(total)


def test_batches_that_may_not_run_at_once_wait_for_each_other() -> None:
    past = {"a": ModelWork((2.0, 2.0, 2.0), at_once=1)}
    free = {"a": ModelWork((2.0, 2.0, 2.0))}
    assert duration_of(past, 4) == 6.0
    assert duration_of(free, 4) == 2.0
    assert duration_of(free, 2) == 4.0


def test_a_model_waits_for_every_batch_upstream() -> None:
    made = {"a": ModelWork((1.0, 5.0)), "b": ModelWork((1.0,), ("a",)), "c": ModelWork((4.0,))}
    assert duration_of(made, 8) == 6.0
    found = critical_chain(made, 8)
    assert (found.models, found.seconds) == (("a", "b"), 6.0)


def test_nothing_takes_no_time() -> None:
    assert duration_of({}, 4) == 0.0
    assert critical_chain({}, 4).models == ()
