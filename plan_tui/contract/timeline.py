"""The backfill over time: what is there of each model, what is missing and why, and the batches."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Millis, Wire
from plan_tui.contract.impact import MissingRun


class BatchRun(Wire):
    """Batches that follow each other, all of one length; only the last may be shorter."""

    start: Millis
    end: Millis
    every: Millis
    """The length of each batch."""
    count: int


class TimelineModel(Wire):
    """One model over time."""

    name: str
    view_name: str
    kind: str
    unit: str
    """SQLMesh's interval unit: ``day``, ``hour``, ``five_minute``..."""
    unit_millis: Millis
    """How long one interval is, at least."""
    there: tuple[Interval, ...] = ()
    """What is filled and stays as it is, merged."""
    missing: tuple[MissingRun, ...] = ()
    """What is missing, in order; each stretch has one reason."""
    restated: Interval | None = None
    """The range that the plan restates, whether or not it was filled."""
    effective_from: Millis | None = None
    """From when on a forward-only change counts."""
    start: Millis | None = None
    """Where the model itself says that its data starts."""
    end: Millis | None = None
    """Where the model itself says that its data ends, exclusive."""
    interval_count: int = 0
    """How many intervals the plan fills."""
    batches: tuple[BatchRun, ...] = ()
    """The batches as the apply starts them, in order of time; empty where it fills nothing."""
    batch_count: int = 0
    absurd: str | None = None
    """Why so many intervals are hardly meant, and what to do; null where they are not many."""


class Timeline(Wire):
    """The backfill of a plan, over time."""

    plan_id: str
    now: Millis
    """The execution time of the plan."""
    fills: bool = True
    """Whether the plan fills what is missing; false with ``skip_backfill`` or an empty one."""
    note: str | None = None
    """Why nothing is filled."""
    models: tuple[TimelineModel, ...] = ()
    """Every model of the plan that has intervals, each after those that it reads."""
