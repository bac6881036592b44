"""Who is downstream of a change, and which of them read a changed column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plan_tui.contract.impact import Reached
from plan_tui.engine.impact.own_change import Level
from plan_tui.engine.impact.plan_graph import PlanGraph, graph_of
from plan_tui.engine.impact.spreading import Spread, Touched, spread

if TYPE_CHECKING:
    from plan_tui.engine.planner import BuiltPlan

_READS = {None: False, Level.MAYBE: None, Level.SURE: True}
_FIRST = {True: 0, None: 1, False: 2}


def reach_of(built: BuiltPlan, name: str, check: Callable[[], None]) -> tuple[Reached, ...]:
    """The models downstream of one: those that read what changed, then unknown ones, then others.

    Args:
        built: The plan.
        name: A model of it, or one that it removes.
        check: Called between steps; may raise to stop.
    """
    graph = graph_of(built)
    return graph.reached.get(name, lambda: _compute(graph, name, check))


def _compute(graph: PlanGraph, name: str, check: Callable[[], None]) -> tuple[Reached, ...]:
    below = graph.below(name)
    if not below:
        return ()
    found = spread(graph, {name: _start(graph, name, check)}, below, check)
    paths = _Paths(graph, found, name)
    reached = [_reached(graph, found, paths, each) for each in below]
    reached.sort(key=lambda each: (_FIRST[each.reads], len(each.path), each.view_name))
    return tuple(reached)


def reads_of(built: BuiltPlan, name: str, check: Callable[[], None]) -> list[bool | None]:
    """Of each model downstream whether it reads what changed; quicker than with the paths."""
    graph = graph_of(built)
    below = graph.below(name)
    if not below:
        return []
    found = spread(graph, {name: _start(graph, name, check)}, below, check)
    return [_reads(found, each) for each in below]


def _start(graph: PlanGraph, name: str, check: Callable[[], None]) -> Touched:
    """What changes in the model itself; where nobody edited it, what changes from above."""
    if name in graph.changed:
        return Touched.of(graph.own_change(name))
    starts = {}
    for each in graph.changed:
        check()
        starts[each] = Touched.of(graph.own_change(each))
    return spread(graph, starts, graph.order, check).get(name, Touched())


def _reads(found: Spread, name: str) -> bool | None:
    touched = found.get(name)
    return _READS[None if touched is None else touched.level]


def _reached(graph: PlanGraph, found: Spread, paths: _Paths, name: str) -> Reached:
    reads = _reads(found, name)
    touched = found.get(name, Touched())
    return Reached(
        name=name,
        view_name=graph.view_names[name],
        reads=reads,
        columns=_columns(graph, touched, name),
        path=paths.beside(name) if reads is False else paths.through(name),
    )


def _columns(graph: PlanGraph, touched: Touched, name: str) -> tuple[str, ...]:
    types = graph.snapshots[name].model.columns_to_types if graph.columns(name) else None
    every = touched.rows is not None
    return tuple(each for each in types or () if every or each.lower() in touched.columns)


class _Paths:
    """The ways from the changed model to those below it."""

    def __init__(self, graph: PlanGraph, found: Spread, start: str) -> None:
        self._graph, self._found, self._start = graph, found, start
        self._above: dict[str, str] = {}

    def through(self, name: str) -> tuple[str, ...]:
        """By what is computed from what, to the column or the rows that are reached first."""
        touched = self._found[name]
        column, cause = "", touched.rows
        for each, other in touched.columns.items():
            if cause is None or other > cause:
                column, cause = each, other
        steps = [self._step(name, column)]
        seen = {(name, column)}
        while cause is not None and name != self._start and (cause.model, cause.column) not in seen:
            name, column = cause.model, cause.column
            seen.add((name, column))
            steps.append(self._step(name, column))
            touched = self._found[name]
            cause = touched.columns.get(column) if column else touched.rows
        return tuple(reversed(steps))

    def _step(self, name: str, column: str) -> str:
        view_name = self._graph.view_names[name]
        return f"{view_name}.{self._written(name, column)}" if column else view_name

    def _written(self, name: str, column: str) -> str:
        """A column as its model writes it."""
        snapshot = self._graph.snapshots.get(name)
        types = snapshot.model.columns_to_types if snapshot is not None else None
        return next((each for each in types or () if each.lower() == column), column)

    def beside(self, name: str) -> tuple[str, ...]:
        """The shortest way down, whatever is read."""
        if not self._above:
            self._walk()
        steps = [name]
        while steps[-1] != self._start:
            steps.append(self._above[steps[-1]])
        return tuple(self._graph.view_names[each] for each in reversed(steps))

    def _walk(self) -> None:
        waiting = [self._start]
        self._above[self._start] = self._start
        for name in waiting:
            for child in self._graph.children(name):
                if child not in self._above:
                    self._above[child] = name
                    waiting.append(child)
