"""What looks at a plan will need, in steps between which other work may come first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
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


def look_ahead(asked: Asked, check: Callable[[], None], most: int) -> Iterator[None]:
    """Finds reach and costs of the first changes that the list has; stops after each.

    Args:
        asked: A question about the plan, of no model.
        check: Called between the steps of one; may raise to stop.
        most: How many changes.
    """
    built = asked.built
    diff = built.plan.context_diff
    changed = (name for name in sorted(diff.modified_snapshots) if diff.directly_modified(name))
    for name in islice(changed, most):
        for look in (lambda each: reach_of(built, each, check), lambda each: _costs(asked, each)):
            try:
                look(name)
            except LookDropped:
                raise
            except Exception as error:  # whoever looks at it is told
                logger.info("%s could not be looked at ahead.", name, exc_info=error)
            yield


def _costs(asked: Asked, name: str) -> None:
    if asked.built.known.done():
        what_if(replace(asked, name=name), name)
