"""What a plan comes to with another category of one model, from what only that can change.

A category of a model moves nothing but the model itself and what is downstream of it: the work of
all others is taken over from the reviewed plan. Where that does not hold (another start of the
plan, another set of models to backfill) there is no quick answer, and the whole is laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlmesh.core.plan.stages import PlanStagesBuilder
from sqlmesh.core.scheduler import compute_interval_params
from sqlmesh.core.snapshot import (
    DeployabilityIndex,
    Snapshot,
    SnapshotId,
    merge_intervals,
    missing_intervals,
    start_date,
)
from sqlmesh.utils.date import to_timestamp

from plan_tui.contract.base import Interval
from plan_tui.engine.impact.known_state import KnownState, copy_of

if TYPE_CHECKING:
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.scheduler import Scheduler

    from plan_tui.engine.planner import BuiltPlan

Intervals = Sequence[Interval]
Snapshots = dict[SnapshotId, Snapshot]
MakeScheduler = Callable[[Collection[Snapshot]], "Scheduler"]


@dataclass(frozen=True)
class Sums:
    """What a plan comes to."""

    intervals: Mapping[str, int]
    """How many, by snapshot name."""
    batches: Mapping[str, Sequence[Interval]]
    """By snapshot name."""

    def of(self, names: Collection[str]) -> Sums:
        """The part of some models."""
        return Sums(
            {name: number for name, number in self.intervals.items() if name in names},
            {name: batches for name, batches in self.batches.items() if name in names},
        )


class _Part(dict[SnapshotId, Snapshot]):
    """All snapshots, for whoever looks one up; going through them meets a part only."""

    def __init__(self, snapshots: Mapping[SnapshotId, Snapshot], part: Collection[Any]) -> None:
        super().__init__(snapshots)
        self._part = [snapshots[each] for each in part]

    def values(self) -> Any:
        return self._part


@dataclass(frozen=True)
class QuickSums:
    """Lays out a plan below one model, and takes over the rest of the reviewed one."""

    built: BuiltPlan
    plan: Plan
    """The plan with the other category."""
    known: KnownState
    default_catalog: str | None
    scheduler: MakeScheduler

    def below(self, name: str) -> Sums | None:
        """What the plan comes to when one model has another category; None for "lay it all out"."""
        before, plan = self.built.plan, self.plan
        if plan.skip_backfill or plan.empty_backfill:
            return Sums({}, {})
        if bool(before.uncategorized) != bool(plan.uncategorized):
            return None  # the work of an open plan is told from its intervals alone
        if before.models_to_backfill != plan.models_to_backfill:
            return None
        part = downstream(plan.snapshots, name)
        names = {each.name for each in part}
        missing = self._missing(part)
        others = [each for each in self.built.backfills if each.name not in names]
        starts = [each.intervals[0][0] for each in others]
        if not self._starts_alike([*starts, *(each[0][0] for each in missing.values())]):
            return None
        kept = {k: v for k, v in self.built.work.batches.items() if k not in names}
        batches = self._batches(part, missing)
        return Sums(
            {
                **{each.name: each.interval_count for each in others},
                **{each.name: len(intervals) for each, intervals in missing.items()},
            },
            {**kept, **{name: found for name, found in batches.items() if found}},
        )

    def _starts_alike(self, starts: list[int]) -> bool:
        """Whether the plan begins where the reviewed one does, so that others miss the same."""
        before, plan = self.built.plan, self.plan
        if plan.provided_start is not None:
            return True
        if plan._earliest_interval_start != before._earliest_interval_start or not starts:
            return False
        return to_timestamp(before.start) == min(starts)

    def _missing(self, part: list[SnapshotId]) -> dict[SnapshotId, Intervals]:
        """The part's missing intervals, as ``Plan.missing_intervals`` has them."""
        plan = self.plan
        selected = [each for each in part if plan.is_selected_for_backfill(each.name)]
        found = missing_intervals(
            _Part(plan.snapshots, selected),
            start=plan.provided_start or plan._earliest_interval_start,
            end=plan.provided_end,
            execution_time=plan.execution_time,
            restatements=plan.restatements,
            deployability_index=plan.deployability_index,
            start_override_per_model=plan.start_override_per_model,
            end_override_per_model=plan.end_override_per_model,
            end_bounded=plan.end_bounded,
            ignore_cron=plan.ignore_cron,
        )
        return {
            snapshot.snapshot_id: intervals
            for snapshot, intervals in found.items()
            if snapshot.is_model and intervals
        }

    def _batches(
        self, part: list[SnapshotId], missing: dict[SnapshotId, Intervals]
    ) -> dict[str, Intervals]:
        if self.plan.uncategorized:
            snapshots: Mapping[SnapshotId, Snapshot] = self.plan.snapshots
            merged = {snapshots[each]: merge_intervals(found) for each, found in missing.items()}
            index = self.plan.deployability_index
        else:
            snapshots = self._stored(self._around(part))
            index = self._index(snapshots)
            merged = self._merged(snapshots, part, index)
        batched = self.scheduler([snapshots[each] for each in part]).batch_intervals(
            merged, index, self.plan.environment_naming_info
        )
        return {snapshot.name: list(intervals) for snapshot, intervals in batched.items()}

    # The stages of an apply, below the model

    def _around(self, part: list[SnapshotId]) -> list[SnapshotId]:
        """The part, and upstream of it what decides whether it can be deployed."""
        known = self.built.work.index
        found = dict.fromkeys(part)
        waiting = list(part) if self.plan.is_dev else []
        while waiting:
            for parent in self.plan.snapshots[waiting.pop()].parents:
                if parent in found or parent not in self.plan.snapshots:
                    continue
                found[parent] = None
                if known is None or not known.is_deployable(parent):
                    waiting.append(parent)  # because of itself, or of one upstream
        return list(found)

    def _stored(self, around: list[SnapshotId]) -> Snapshots:
        """Snapshots with the intervals that an apply would find and take away."""
        plan = self.plan
        new = {each: copy_of(s) for each, s in plan.context_diff.new_snapshots.items()}
        stored = self.known.get_snapshots(plan.snapshots[each] for each in around)
        snapshots = {each: stored.get(each) or new[each] for each in around}
        names = {each.name for each in around}
        told: Any = SimpleNamespace(
            new_snapshots=[each for each in snapshots.values() if each.snapshot_id in new],
            restatements={
                each.name: interval
                for each, interval in plan.restatements.items()
                if each.name in names
            },
        )
        stages = PlanStagesBuilder(self.known, self.default_catalog)  # type: ignore[arg-type]
        environment = self.known.get_environment(plan.environment_naming_info.name)
        stages._adjust_intervals({s.name: s for s in snapshots.values()}, told, environment)
        return snapshots

    def _index(self, snapshots: Snapshots) -> DeployabilityIndex:
        if not self.plan.is_dev:
            return DeployabilityIndex.all_deployable()
        cache: dict[str, Any] = {}
        starts = {
            each.name: start_date(self.plan.snapshots[each], self.plan.snapshots, cache)
            for each in snapshots
        }
        return DeployabilityIndex.create(
            snapshots, start=self.built.plan.start, start_override_per_model=starts
        )

    def _merged(
        self, snapshots: Snapshots, part: list[SnapshotId], index: DeployabilityIndex
    ) -> dict[Snapshot, Any]:
        plan = self.plan
        whole = {**plan.snapshots, **snapshots}
        params: Any = _Part(whole, part)
        found = compute_interval_params(
            params,
            start=self.built.plan.start,
            end=plan.end,
            execution_time=plan.execution_time,
            restatements=plan.restatements,
            deployability_index=index,
            end_bounded=plan.end_bounded,
            ignore_cron=plan.ignore_cron,
            start_override_per_model=plan.start_override_per_model,
            end_override_per_model=plan.end_override_per_model,
        )
        return {s: i for s, i in found.items() if plan.is_selected_for_backfill(s.name)}


def downstream(snapshots: Mapping[SnapshotId, Snapshot], name: str) -> list[SnapshotId]:
    """A model and all that is below it, parents first."""
    children: dict[SnapshotId, list[SnapshotId]] = {}
    for snapshot in snapshots.values():
        for parent in snapshot.parents:
            children.setdefault(parent, []).append(snapshot.snapshot_id)
    start = next(each for each in snapshots if each.name == name)
    return list(_walk(start, children))


def _walk(
    start: SnapshotId, children: Mapping[SnapshotId, list[SnapshotId]]
) -> Iterator[SnapshotId]:
    seen = {start}
    waiting = [start]
    while waiting:
        each = waiting.pop()
        yield each
        for child in children.get(each, ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
