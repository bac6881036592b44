"""How long an apply will still take, from what its batches took in this run or in earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import NamedTuple

from plan_tui.contract.state import ModelProgress, ModelStatus
from plan_tui.engine.impact.schedule import ModelWork

LATE = 5_000
"""Milliseconds beyond twice what a batch should take, after which nobody knows when it ends."""
GOING = (ModelStatus.WAITING, ModelStatus.RUNNING)


class _Left(NamedTuple):
    work: float
    """Milliseconds that its batches take, one after the other."""
    alone: float
    """Milliseconds until it is done, with all workers its own."""


class TimeLeft:
    """What is left of an apply; where nothing is known of a model, nothing is said of the whole."""

    def __init__(
        self,
        upstream: Mapping[str, tuple[str, ...]],
        workers: int,
        before: Mapping[str, ModelWork] | None = None,
    ) -> None:
        """Takes what does not change while the apply goes on.

        Args:
            upstream: The nearest models upstream of each that have work too.
            workers: How many batches run at once.
            before: What each model's batches should take, by what earlier applies took.
        """
        self._upstream = upstream
        self._workers = max(1, workers)
        self._before = before or {}
        self._order = tuple(TopologicalSorter(upstream).static_order())

    def of(self, models: Mapping[str, ModelProgress], now: int) -> int | None:
        """Milliseconds until all batches are done; None where one left has nothing that tells.

        It is what the workers need for all batches together, or the longest chain of models that
        wait for each other, whichever is longer. What comes after the last batch was never timed:
        nothing is said of it.
        """
        work, ends = 0.0, dict.fromkeys(models, 0.0)
        for name in dict.fromkeys((*self._order, *models)):
            model = models.get(name)
            start = max((ends.get(each, 0.0) for each in self._upstream.get(name, ())), default=0.0)
            if model is None or model.status not in GOING or model.done >= model.total:
                ends[name] = start
                continue
            left = self._left(model, now)
            if left is None:
                return None
            work += left.work
            ends[name] = start + left.alone
        return round(max(work / self._workers, max(ends.values(), default=0.0))) or None

    def _left(self, model: ModelProgress, now: int) -> _Left | None:
        before = self._before.get(model.name)
        each = _per_batch(model, before)
        ages = [max(0, now - batch.since) for batch in model.running]
        if each is None or any(age > 2 * each + LATE for age in ages):
            return None
        batches = model.total - model.done
        work = each * batches - sum(min(age, each) for age in ages)
        at_once = (before.at_once if before is not None else None) or self._workers
        return _Left(work, work / max(1, min(at_once, self._workers, batches)))


def _per_batch(model: ModelProgress, before: ModelWork | None) -> float | None:
    """Milliseconds of a batch: by this run where one is done, else by the applies before."""
    if model.done:
        return model.elapsed / model.done
    if before is None or not before.seconds:
        return None
    return 1000 * sum(before.seconds) / len(before.seconds)
