"""Answers look-ups: finds the code of each by name, and stops when nobody waits any more."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from plan_tui.contract.base import Wire
from plan_tui.contract.errors import Problem, ProblemCode
from plan_tui.contract.looks import Look
from plan_tui.engine.refused import Refused, no_plan

if TYPE_CHECKING:
    from plan_tui.engine.backend import Backend
    from plan_tui.engine.context import EngineContext
    from plan_tui.engine.loading import Loading
    from plan_tui.engine.planner import BuiltPlan

ANSWERS = {
    "impact": "plan_tui.engine.impact.inspection:impact_of",
    "reach-counts": "plan_tui.engine.impact.reach_counts:reach_counts_of",
    "estimate": "plan_tui.engine.impact.estimate:estimate_of",
    "timeline": "plan_tui.engine.impact.timeline:timeline_of",
    "labels": "plan_tui.engine.labels:labels_of",
    "origins": "plan_tui.engine.origins:origins_of",
    "steps": "plan_tui.engine.impact.steps:steps_of",
    "step-sql": "plan_tui.engine.impact.step_sql:step_sql_of",
    "dangers": "plan_tui.engine.dangers.listing:dangers_of",
    "data-diff-offer": "plan_tui.engine.impact.data_sides:offer_of",
    "seed-rows": "plan_tui.engine.impact.seed_rows:seed_rows_of",
    "data-diff": "plan_tui.engine.impact.data_diff:data_diff_of",
}
"""The function of each look-up; its module is imported with the first question, as SQLMesh is."""


class LookDropped(Exception):
    """Nobody waits for the answer any more."""


@dataclass
class Asked:
    """One question about the reviewed plan."""

    backend: Backend
    plan: BuiltPlan | None
    """The plan that was under review when it was asked; None only where none is needed."""
    name: str = ""
    """The snapshot name of the model it is about, or nothing."""
    params: Mapping[str, str] = field(default_factory=dict)
    dropped: threading.Event = field(default_factory=threading.Event)

    @property
    def built(self) -> BuiltPlan:
        """The plan."""
        assert self.plan is not None
        return self.plan

    @property
    def context(self) -> EngineContext:
        """The loaded project."""
        return self.backend.project.context

    def check(self) -> None:
        """Stops a computation that nobody waits for; called between its steps.

        Raises:
            LookDropped: Whoever asked has gone.
        """
        if self.dropped.is_set():
            raise LookDropped


def answer(
    loading: Loading, look: Look[Wire], params: Mapping[str, str], dropped: threading.Event
) -> Wire:
    """Computes an answer, in the thread of its caller.

    Raises:
        Refused: There is no plan, or it has no such model.
        LookDropped: Whoever asked has gone.
    """
    if dropped.is_set():
        raise LookDropped
    backend = loading.backend
    if backend is None or not (backend.built or backend.applied):
        backend = loading.ready_backend()
    built = backend.built or backend.applied
    name = params.get("name", "")
    if built is None and look.needs_plan:
        if name and backend.is_without_changes:
            raise Refused(_not_changed(_found(backend, built, name)), 404)
        raise Refused(no_plan(), 404)
    if name and built is not None:
        name = _found(backend, built, name)
    module, _, function = ANSWERS[look.path].partition(":")
    compute = cast("Callable[[Asked], Wire]", getattr(importlib.import_module(module), function))
    return compute(Asked(backend, built, name, params, dropped))


def _not_changed(name: str) -> Problem:
    from plan_tui.engine.names import plain

    return Problem(
        code=ProblemCode.UNKNOWN_MODEL,
        title=f"{plain(name)} is not part of this plan.",
        message="Nothing differs, so SQLMesh made no plan: there is nothing to tell of any model.",
        hint="Change the model first, or plan with --include-unmodified.",
        model=name,
    )


def _found(backend: Backend, built: BuiltPlan | None, name: str) -> str:
    from plan_tui.engine.names import UnknownModelError
    from plan_tui.engine.planner import finder_of

    try:
        plan = built.plan if built is not None else None
        return finder_of(backend.project.context, plan).find(name)
    except UnknownModelError as error:
        raise Refused(error.problem, 404) from error
