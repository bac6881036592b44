"""How a change spreads: from what changed to all that is computed from it, with the causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from plan_tui.engine.impact.model_flow import Flow
from plan_tui.engine.impact.own_change import Level, OwnChange
from plan_tui.engine.impact.plan_graph import PlanGraph
from plan_tui.engine.impact.relations import ANY, ROWS, Part, Ref


class Cause(NamedTuple):
    """Why something changes: the strongest reason, which is compared first."""

    level: Level
    near: bool
    """Whether it is the changed model itself; such a reason is the easiest to read."""
    column: str
    """A column of ``model``; nothing where its rows are meant."""
    model: str
    """Nothing at the changed model itself."""


@dataclass
class Touched:
    """What changes of one model."""

    rows: Cause | None = None
    columns: dict[str, Cause] = field(default_factory=dict)
    shape: bool = False

    @classmethod
    def of(cls, change: OwnChange) -> Touched:
        """What the change of the model itself does."""
        rows = None if change.rows is None else _itself(change.rows)
        columns = {name: _itself(level) for name, level in change.columns.items()}
        return cls(rows, columns, change.shape)

    @property
    def level(self) -> Level | None:
        """How sure it is that anything changes; None where nothing does."""
        causes = [*self.columns.values(), *([] if self.rows is None else [self.rows])]
        return max((cause.level for cause in causes), default=None)

    @property
    def is_none(self) -> bool:
        """Whether nothing of it changes."""
        return self.rows is None and not self.columns and not self.shape


Spread = dict[str, Touched]
"""What changes, by model; those where nothing changes are left out."""


def spread(
    graph: PlanGraph,
    starts: Mapping[str, Touched],
    order: Iterable[str],
    check: Callable[[], None],
) -> Spread:
    """What changes downstream because of what changes at the start.

    Args:
        graph: The plan's models.
        starts: The changed models.
        order: The models to look at, upstream ones first.
        check: Called for each; may raise to stop.
    """
    found: Spread = {name: touched for name, touched in starts.items() if not touched.is_none}
    near = frozenset(starts)
    for name in order:
        check()
        if found.keys().isdisjoint(graph.parents(name)):
            continue
        touched = _Step(graph, found, near).touched(name)
        if name in starts:
            touched = _both(starts[name], touched)
        if not touched.is_none:
            found[name] = touched
    return found


class _Step:
    """Goes on to one model."""

    def __init__(self, graph: PlanGraph, found: Spread, near: frozenset[str]) -> None:
        self._graph, self._found, self._near = graph, found, near

    def touched(self, name: str) -> Touched:
        flows = self._graph.flows(name)
        touched = self._by(flows)
        reads_itself = any(name in flow.sources for flow in flows)
        if reads_itself:
            self._found = dict(self._found)
        while reads_itself:
            # What it read of itself was changed in the run before.
            self._found[name] = touched
            again = self._by(flows)
            reads_itself = again != touched
            touched = again
        self._followed(name, touched)
        return touched

    def _by(self, flows: Iterable[Flow]) -> Touched:
        touched = Touched()
        for flow in flows:
            causes = [*self._opaque(flow), *self._causes(flow.rows)]
            touched.rows = max([*causes, *_some(touched.rows)], default=None)
            for column, part in flow.columns.items():
                cause = max(
                    [*self._causes(part), *_some(touched.columns.get(column))], default=None
                )
                if cause is not None:
                    touched.columns[column] = cause
        return touched

    def _causes(self, part: Part) -> Iterator[Cause]:
        for ref in part.refs:
            if ref[0] in self._found:
                yield from _some(self._cause(ref))

    def _cause(self, ref: Ref) -> Cause | None:
        name, column = ref
        touched = self._found[name]
        near = name in self._near
        if touched.rows is not None:
            return Cause(touched.rows.level, near, "", name)
        if column == ANY:
            return Cause(Level.MAYBE, near, "", name)
        if column == ROWS or column not in touched.columns:
            return None
        return Cause(touched.columns[column].level, near, column, name)

    def _opaque(self, flow: Flow) -> Iterator[Cause]:
        for name in flow.opaque & self._found.keys():
            yield Cause(Level.MAYBE, name in self._near, "", name)

    def _followed(self, name: str, touched: Touched) -> None:
        """Adds what the query gains or loses by itself, as a star does."""
        change = self._graph.follows(name)
        above = [parent for parent in self._graph.parents(name) if parent in self._found]
        if change.is_none or not above:
            return
        source = max(above, key=lambda parent: (parent in self._near, parent))
        touched.shape = touched.shape or change.shape
        if change.rows is not None:
            cause = Cause(change.rows, source in self._near, "", source)
            touched.rows = max(cause, *_some(touched.rows))
        for column, level in change.columns.items():
            cause = Cause(level, source in self._near, "", source)
            touched.columns[column] = max([cause, *_some(touched.columns.get(column))])


def _itself(level: Level) -> Cause:
    return Cause(level, True, "", "")


def _some(cause: Cause | None) -> tuple[Cause, ...]:
    return () if cause is None else (cause,)


def _both(first: Touched, second: Touched) -> Touched:
    rows = max((*_some(first.rows), *_some(second.rows)), default=None)
    return Touched(rows, {**second.columns, **first.columns}, first.shape or second.shape)
