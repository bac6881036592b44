"""SQLMesh's builder for a plan that is only tried, with another category of a few models.

Of a thousand models such a category moves the model itself and those below it that changed with
it. All others keep what the reviewed plan gave them, and what no category decides is worked out
once for all trials of a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmesh.core.console import NoopConsole
from sqlmesh.core.snapshot import SnapshotId
from sqlmesh.utils.dag import DAG

from plan_tui.engine.plan_builder import ReviewingPlanBuilder

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.plan import Plan


@dataclass(frozen=True)
class Frame:
    """What every trial of a plan has in common: who reads whom, and what changed by itself."""

    dag: DAG[SnapshotId]
    directly_modified: set[SnapshotId]
    indirectly_modified: Any
    """By the directly modified model upstream."""
    models_to_backfill: set[str] | None
    """Those of the reviewed plan: no category decides them where they are named."""

    @classmethod
    def of(cls, builder: ReviewingPlanBuilder, plan: Plan) -> Frame:
        """What the builder of the reviewed plan worked out."""
        return cls(*builder.changed, plan.models_to_backfill)

    def following(self, moved: Collection[SnapshotId]) -> set[SnapshotId]:
        """Models with another category than in the reviewed plan, and all that may follow.

        Args:
            moved: Those whose category is another one by itself.
        """
        below = set(moved)
        graph = self.dag._dag
        for each in self.dag:
            if not graph[each].isdisjoint(below):
                below.add(each)
        return below - self.directly_modified | set(moved)


class TrialBuilder(ReviewingPlanBuilder):
    """Builds the plan with other categories from copies of what the reviewed plan has."""

    _frame: Frame
    _following: set[SnapshotId]
    _check: Callable[[], None]

    @classmethod
    def of(
        cls,
        builder: ReviewingPlanBuilder,
        diff: ContextDiff,
        frame: Frame,
        check: Callable[[], None],
    ) -> TrialBuilder:
        """A builder like another one, over snapshots of its own.

        Args:
            builder: The builder of the reviewed plan, which has been built.
            diff: Its comparison, with copies of all snapshots that a category may change.
            frame: What no category decides.
            check: Called between steps; may raise to stop.
        """
        trial = cls.__new__(cls)
        trial.__dict__.update(builder.__dict__)
        trial._context_diff = diff
        trial._model_fqn_to_snapshot = {each.name: each for each in diff.snapshots.values()}
        trial._choices = dict(builder._choices)
        trial._latest_plan = None
        trial._console = NoopConsole()
        trial._frame, trial._following, trial._check = frame, set(), check
        return trial

    def follow(self, moved: Collection[SnapshotId]) -> None:
        """Sets whose categories differ from those of the reviewed plan."""
        self._following = self._frame.following(moved)

    # Steps of SQLMesh's builder

    def _ensure_no_broken_references(self) -> None:
        """The reviewed plan has none."""
        self._check()

    def _apply_effective_from(self) -> None:
        """The copies have it from the reviewed plan."""

    def _build_dag(self) -> DAG[SnapshotId]:
        return self._frame.dag

    def _build_directly_and_indirectly_modified(self, dag: DAG[SnapshotId]) -> Any:
        self._check()
        return self._frame.directly_modified, self._frame.indirectly_modified

    def _build_models_to_backfill(self, dag: DAG[SnapshotId], restatements: Any) -> set[str] | None:
        if self._backfill_models is None:
            return super()._build_models_to_backfill(dag, restatements)
        return self._frame.models_to_backfill

    def _check_destructive_additive_changes(self, directly_modified: set[SnapshotId]) -> None:
        """The reviewed plan tells of them, whatever the category is."""

    def _categorize_snapshots(self, dag: Any, indirectly_modified: Any) -> None:
        part = _Part(self._frame.dag, self._following, self._check)
        super()._categorize_snapshots(part, indirectly_modified)  # type: ignore[arg-type]
        self._check()


class _Part:
    """A graph of which only a part is gone through; what is upstream is that of the whole."""

    def __init__(
        self, dag: DAG[SnapshotId], part: set[SnapshotId], check: Callable[[], None]
    ) -> None:
        self._dag, self._ids, self._check = dag, part, check

    def __iter__(self) -> Iterator[SnapshotId]:
        for each in self._dag:
            if each in self._ids:
                self._check()
                yield each

    def upstream(self, node: SnapshotId) -> set[SnapshotId]:
        """All that is upstream of one."""
        return self._dag.upstream(node)
