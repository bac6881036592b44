"""An apply whose engine died: what the journal and SQLMesh's state say of it together."""

from __future__ import annotations

from plan_tui.contract.base import Interval, Millis, Name, Wire
from plan_tui.contract.plan import PlanRequest

MOST_LEFT = 20
"""Unfinished models that are named; the others are counted."""


class BatchRisk(Name):
    """What a batch leaves behind that dies on its way."""

    EMPTY = "empty"
    """Its old rows may be deleted and the new ones not written."""
    TWICE = "twice"
    """Its rows may be there although no state says so, and running it again adds them again."""


class Hole(Wire):
    """An interval of a model that a batch may have left empty, or that may be filled twice."""

    name: str
    view_name: str
    interval: Interval


class ModelLeft(Wire):
    """A model with batches to do."""

    name: str
    view_name: str
    done: int
    total: int


class InterruptedRun(Wire):
    """What is known of an apply that its engine did not live to end."""

    run_id: str
    environment: str
    plan_id: str | None = None
    started: Millis
    last_heard: Millis
    """When the last that is known of it was recorded."""
    stage: str | None = None
    """The stage that it was in when it was last heard of, as ``StageName`` has it."""
    request: PlanRequest
    """What asks for its rest: the same environment, dates, options and categories."""
    batches_done: int = 0
    batches_total: int = 0
    left: tuple[ModelLeft, ...] = ()
    """Models with batches to do, at most ``MOST_LEFT`` of them."""
    models_left: int = 0
    recorded: bool = False
    """Whether the state has its new versions: their categories are fixed."""
    absent: bool = False
    """Whether there is no such environment: it was to be created."""
    promoted: bool = False
    """Whether the environment's record has its new versions."""
    finalized: bool = False
    """Whether its views were switched too, to the last."""
    after_all: bool = False
    """Whether its after_all statements may not have run, or not all of them."""
    statements: tuple[str, ...] = ()
    """Those statements, as the environment has them."""
    restating: bool = False
    tables_left: tuple[str, ...] | None = None
    """Tables that it made and no environment uses; null where nobody could look."""
    holes: tuple[Hole, ...] = ()
    """Intervals that may be empty now although the state calls them filled."""
    twice: tuple[Hole, ...] = ()
    """Intervals that may be filled already, and that the rest fills once more."""
    may_run_on: bool = False
    """Whether the warehouse may still be at its queries: it does not end them with a client."""
    unread: str = ""
    """Why the state could not be compared: then all of this is the journal's word alone."""

    @property
    def is_resumable(self) -> bool:
        """Whether a plan of the same request has anything to do."""
        return not self.finalized or self.models_left > 0
