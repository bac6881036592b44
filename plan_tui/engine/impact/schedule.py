"""How long batches take together: SQLMesh's scheduler, played through with known durations."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Unit = tuple[str, int]
"""A batch of a model; ``JOINED`` stands for the joint that waits for all of several batches."""
JOINED = -1


@dataclass(frozen=True)
class ModelWork:
    """The batches of one model."""

    seconds: tuple[float, ...]
    """What each batch takes, in order."""
    upstream: tuple[str, ...] = ()
    """Models with work that have to be done first."""
    at_once: int | None = None
    """How many of its batches may run at once; None for as many as there are workers."""


@dataclass(frozen=True)
class Chain:
    """Models that wait for each other, first to last."""

    models: tuple[str, ...] = ()
    seconds: float = 0.0
    """What they take one after the other, with nothing else running."""


def duration_of(works: Mapping[str, ModelWork], concurrency: int) -> float:
    """Seconds until everything is done.

    As SQLMesh does it: a batch is handed to the workers, first come first served, once all models
    upstream are done; batch ``i`` of a model that runs ``k`` at once waits for batch ``i - k``.

    Args:
        works: The models by name, those upstream first.
        concurrency: How many batches run at once.
    """
    waits_for, waiting = _dependencies(works)
    ready: deque[Unit] = deque(unit for unit, count in waits_for.items() if count == 0)
    running: list[tuple[float, int, Unit]] = []
    now, started = 0.0, 0
    while ready or running:
        while ready and len(running) < max(1, concurrency):
            unit = ready.popleft()
            started += 1
            heapq.heappush(running, (now + _seconds(works, unit), started, unit))
        now, _, done = heapq.heappop(running)
        for unit in waiting.get(done, ()):
            waits_for[unit] -= 1
            if waits_for[unit] == 0:
                ready.append(unit)
    return now


def _seconds(works: Mapping[str, ModelWork], unit: Unit) -> float:
    name, index = unit
    return 0.0 if index == JOINED else works[name].seconds[index]


def _dependencies(
    works: Mapping[str, ModelWork],
) -> tuple[dict[Unit, int], dict[Unit, list[Unit]]]:
    """For how many units each one waits, and which wait for it."""
    waits_for: dict[Unit, int] = {}
    waiting: dict[Unit, list[Unit]] = {}

    def add(unit: Unit, before: list[Unit]) -> None:
        waits_for[unit] = len(before)
        for each in before:
            waiting.setdefault(each, []).append(unit)

    for name, work in works.items():
        upstream = [_end(parent, works[parent]) for parent in work.upstream if parent in works]
        units = [(name, index) for index in range(len(work.seconds))]
        for index, unit in enumerate(units):
            past = [units[index - work.at_once]] if work.at_once and index >= work.at_once else []
            add(unit, [*upstream, *past])
        if len(units) != 1:
            add((name, JOINED), units or upstream)
    return waits_for, waiting


def _end(name: str, work: ModelWork) -> Unit:
    """What models downstream wait for; of a single batch SQLMesh makes no joint."""
    return (name, 0 if len(work.seconds) == 1 else JOINED)


def critical_chain(works: Mapping[str, ModelWork], concurrency: int) -> Chain:
    """The chain of models that would take longest by itself: nothing is done sooner.

    Args:
        works: The models by name, those upstream first.
        concurrency: How many batches of one model run at once.
    """
    best: dict[str, Chain] = {}
    for name, work in works.items():
        alone = duration_of({name: ModelWork(work.seconds, (), work.at_once)}, concurrency)
        before = _longest([best[parent] for parent in work.upstream if parent in best])
        best[name] = Chain((*before.models, name), before.seconds + alone)
    return _longest(list(best.values()))


def _longest(chains: Sequence[Chain]) -> Chain:
    return max(chains, key=lambda chain: chain.seconds, default=Chain())
