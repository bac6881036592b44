"""What looks at a plan will need, in steps between which other work may come first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from plan_tui.engine.impact.plan_graph import graph_of
from plan_tui.engine.impact.reach import reach_of
from plan_tui.engine.impact.what_if import what_if
from plan_tui.engine.looking import Asked, LookDropped

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan

logger = logging.getLogger(__name__)


def trace_ahead(built: BuiltPlan) -> Iterator[None]:
    """Traces every model, those below a change first; stops after each.

    Args:
        built: The plan.
    """
    graph = graph_of(built)
    below = [each for name in sorted(graph.changed) for each in graph.below(name)]
    for name in dict.fromkeys((*below, *graph.order)):
        graph.flows(name)
        if name in graph.old:
            graph.own_change(name)
        yield


def look_ahead(
    ask: Callable[[], Asked], near: Callable[[], str], check: Callable[[], None], most: int
) -> Iterator[None]:
    """Finds reach and costs of changes before somebody looks at them; stops after each.

    Those that the list has next to the one that was looked at last come first. What is given up
    in its midst, since somebody asks for something, is begun anew later.

    Args:
        ask: Makes a question about the plan as it is now, of no model; it may be dropped.
        near: The name of the model that was looked at last, or nothing.
        check: Raises once the plan is no longer reviewed.
        most: How many changes.
    """
    done: set[str] = set()
    looked: BuiltPlan | None = None
    while len(done) < most:
        asked = ask()
        if asked.plan is None:
            return
        if asked.plan is not looked:
            looked, done = asked.plan, set()  # a choice moves what the others cost
        name = _next(asked.plan, near(), done)
        if name is None:
            return
        if _is_looked_at(asked, name, check):
            done.add(name)
        yield


def _next(built: BuiltPlan, near: str, done: set[str]) -> str | None:
    """The change that is nearest to the one looked at last, those below it in the list first."""
    names = changed_names(built)
    left = [(place, name) for place, name in enumerate(names) if name not in done]
    at = names.index(near) if near in names else 0
    by_distance = sorted(left, key=lambda each: (abs(each[0] - at), each[0] < at))
    return by_distance[0][1] if by_distance else None


def changed_names(built: BuiltPlan) -> list[str]:
    """The directly changed models in the order of the list, then those that are new."""
    diff = built.plan.context_diff
    changed = [name for name in sorted(diff.modified_snapshots) if diff.directly_modified(name)]
    return changed + [each.name for each in sorted(diff.added)]


def _is_looked_at(asked: Asked, name: str, check: Callable[[], None]) -> bool:
    """Whether a change was looked at to its end; what fails is told to whoever looks at it."""
    try:
        reach_of(asked.built, name, asked.check)
        what_if(replace(asked, name=name), name)
    except LookDropped:
        check()
        return False
    except Exception as error:
        logger.info("%s could not be looked at ahead.", name, exc_info=error)
    return True
