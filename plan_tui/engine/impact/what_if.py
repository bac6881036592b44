"""What the plan would fill with each category of one model.

SQLMesh's own builder is asked, on copies: the reviewed plan keeps its categories. The numbers are
those of the whole plan with that one choice made and all others as they are, so that the category
that a model has shows the plan's own numbers, and the other one what it would come to.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from sqlmesh.core.console import NoopConsole
from sqlmesh.core.scheduler import Scheduler
from sqlmesh.core.snapshot import Snapshot, SnapshotChangeCategory

from plan_tui.contract.impact import ChoiceCost, Cost, CostDifference
from plan_tui.contract.plan import Category
from plan_tui.engine.awaiting import awaited
from plan_tui.engine.impact.estimate import pace_of, works_of
from plan_tui.engine.impact.kept import Kept
from plan_tui.engine.impact.known_state import KnownState, copy_of
from plan_tui.engine.impact.quick_sums import QuickSums, Sums, downstream
from plan_tui.engine.impact.schedule import ModelWork, duration_of
from plan_tui.engine.impact.trial_builder import Frame, TrialBuilder
from plan_tui.engine.looking import Asked
from plan_tui.engine.mapping import category_of
from plan_tui.engine.names import plain
from plan_tui.engine.work import PlanWork, work_of

if TYPE_CHECKING:
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.plan import Plan
    from sqlmesh.core.snapshot.definition import Intervals

    from plan_tui.engine.context import EngineContext

_costs: Kept[ChoiceCost] = Kept(512)
"""Without the batches that they were counted from, which are a plan's worth each."""
_frames: Kept[Frame] = Kept(2)
"""By plan id: choices change nothing of them."""


def what_if(asked: Asked, name: str) -> dict[Category, ChoiceCost]:
    """The cost of each category that can be chosen; empty where none can.

    Args:
        asked: The question; its plan is left as it is.
        name: The snapshot name of the model.
    """
    built = asked.built
    snapshot = built.plan.context_diff.snapshots_by_name[name]
    choices = built.view.choices(snapshot)
    if asked.backend.built is not built or not choices:
        return {}  # it is applied, or another one is reviewed
    present = built.chosen.get(name)
    now = _cost_now(asked, name)
    costs = {}
    try:
        for category in choices:
            asked.check()
            if present == category.value:
                costs[category] = now
            else:
                cost = _cost_with(asked, name, category)
                costs[category] = _against(cost, now) if present in choices else cost
    except _Revised:
        return {}  # meanwhile; whoever shows that plan asks again
    return costs


def _against(cost: ChoiceCost, now: ChoiceCost) -> ChoiceCost:
    """A cost with what it differs by from that of the plan as it is."""
    known = cost.seconds is not None and now.seconds is not None
    difference = CostDifference(
        models=cost.models - now.models,
        intervals=cost.intervals - now.intervals,
        batches=cost.batches - now.batches,
        seconds=(cost.seconds or 0) - (now.seconds or 0) if known else None,
    )
    return cost.model_copy(update={"difference": difference})


def _cost_now(asked: Asked, name: str) -> ChoiceCost:
    """The plan's own cost, and what of it a model and all below it make."""
    built = asked.built
    intervals = {each.name: each.interval_count for each in built.backfills}
    sums = Sums(intervals, built.work.batches)
    return _costs.get(_key(asked, name), lambda: _cost(asked, sums, name))


def _key(asked: Asked, name: str, category: Category | None = None) -> Hashable:
    """What a cost follows from: the plan, and the categories of all that have a choice.

    So what was tried is known once it is chosen, and what was chosen once it is no more.
    """
    built = asked.built
    chosen = built.chosen if category is None else {**built.chosen, name: category.value}
    return built.plan.plan_id, frozenset(chosen.items()), name


def _cost(asked: Asked, sums: Sums, name: str) -> ChoiceCost:
    """A cost without its difference from another one."""
    snapshots = asked.built.plan.snapshots
    below = {each.name for each in downstream(snapshots, name)}
    by_name = asked.built.plan.context_diff.snapshots_by_name
    works = works_of(pace_of(asked.backend.project.key.digest), by_name, sums.batches)
    whole, own = _counted(asked, sums, works), _counted(asked, sums.of(below), works)
    return ChoiceCost(**whole.model_dump(), own=own)


def _counted(asked: Asked, sums: Sums, works: Mapping[str, ModelWork]) -> Cost:
    """What some models come to; there are no seconds where nothing is known of any of them."""
    batches = sum(len(each) for each in sums.batches.values())
    timed = {name: work for name, work in works.items() if name in sums.batches}
    is_known = timed or not batches
    return Cost(
        models=len(sums.batches.keys() & sums.intervals.keys()),
        intervals=sum(sums.intervals.values()),
        batches=batches,
        seconds=duration_of(timed, asked.context.concurrent_tasks) if is_known else None,
        unknown=len(sums.batches) - len(timed) if batches else 0,
    )


def _cost_with(asked: Asked, name: str, category: Category) -> ChoiceCost:
    choices = {**asked.built.choices, name: category}

    def compute() -> ChoiceCost:
        plan = plan_with(asked, choices)
        asked.check()
        return _cost(asked, quickly_computed(asked, plan, name) or computed(asked, plan), name)

    return _costs.get(_key(asked, name, category), compute)


def quickly_computed(asked: Asked, plan: Plan, name: str) -> Sums | None:
    """What a plan comes to that differs from the reviewed one by one category, if that is quick."""
    offline = _Offline(asked.context, _known(asked))

    def scheduler(snapshots: Collection[Snapshot]) -> Scheduler:
        return offline.create_scheduler(snapshots, offline.snapshot_evaluator)

    quick = QuickSums(asked.built, plan, offline.state_reader, offline.default_catalog, scheduler)
    return quick.below(name)


def computed(asked: Asked, plan: Plan) -> Sums:
    """What a plan comes to, laid out from its first model to its last."""
    work = laid_out(asked, plan)
    fills = not plan.skip_backfill and not plan.empty_backfill
    missing = plan.missing_intervals if fills else []
    intervals = {each.snapshot_id.name: len(each.intervals) for each in missing}
    return Sums(intervals, work.batches)


def laid_out(asked: Asked, plan: Plan) -> PlanWork:
    """The work of a plan that is tried, from what is known of the state."""
    context = _Offline(asked.context, _known(asked))
    return work_of(context, plan, asked.check, look=False)


def _known(asked: Asked) -> KnownState:
    """The plan's state, which the worker thread reads right after it has shown the plan."""
    return awaited(asked.built.known, asked.check)


def plan_with(asked: Asked, choices: Mapping[str, Category]) -> Plan:
    """The plan that SQLMesh builds with these choices."""
    builder = _copied(asked)
    by_name = builder._context_diff.snapshots_by_name
    moved = []
    for name, category in choices.items():
        if name in by_name:
            snapshot = by_name[name]
            builder.set_choice(snapshot, SnapshotChangeCategory[category.value])
            if category_of(snapshot) != category.value:
                moved.append(snapshot.snapshot_id)
    builder.follow(moved)
    return builder.build()


def _copied(asked: Asked) -> TrialBuilder:
    """A builder of the same plan whose snapshots nobody else holds."""
    built = asked.built
    frame = _frames.get(built.plan.plan_id, lambda: Frame.of(built.builder, built.plan))
    with built.guard:
        if built.builder._latest_plan is not built.plan:
            raise _Revised("The plan has other categories by now.")
        builder = copy.copy(built.builder)
        diff = _copied_diff(builder._context_diff)
    return TrialBuilder.of(builder, diff, frame, asked.check)


def _copied_diff(diff: ContextDiff) -> ContextDiff:
    modified = {new.snapshot_id for new, _ in diff.modified_snapshots.values()}
    copies = {each: copy_of(diff.snapshots[each]) for each in modified | set(diff.new_snapshots)}
    new = {each: copies[each] for each in diff.new_snapshots}
    copied = diff.copy(
        update={
            "snapshots": {each: copies.get(each, old) for each, old in diff.snapshots.items()},
            "new_snapshots": new,
            "modified_snapshots": {
                name: (new.get(current.snapshot_id, current), old)
                for name, (current, old) in diff.modified_snapshots.items()
            },
        }
    )
    for name in set(copied.__dict__) - set(type(copied).model_fields):
        del copied.__dict__[name]  # what was cached of the snapshots before
    return copied


class _Revised(Exception):
    """The plan has other categories by now."""


class SignalUnknown(Exception):
    """Whether a model's intervals are ready is for its signals to say, which may ask anything."""


class _Offline:
    """What laying out work needs of a context, from memory."""

    def __init__(self, context: EngineContext, state: KnownState) -> None:
        self.state_reader = state
        self.default_catalog = context.default_catalog
        self.snapshot_evaluator = context.snapshot_evaluator

    def create_scheduler(self, snapshots: Any, snapshot_evaluator: Any) -> Scheduler:
        return _OfflineScheduler(
            snapshots,
            snapshot_evaluator,
            self.state_reader,  # type: ignore[arg-type]
            default_catalog=self.default_catalog,
            console=NoopConsole(),
        )


class _OfflineScheduler(Scheduler):
    """Splits intervals into batches; asks no signal."""

    def _check_ready_intervals(
        self, snapshot: Snapshot, intervals: Intervals, *args: Any, **kwargs: Any
    ) -> Intervals:
        signals = snapshot.is_model and snapshot.model.render_signal_calls()
        if signals and signals.signals_to_kwargs:
            raise SignalUnknown(f"{plain(snapshot.name)} waits for a signal.")
        return intervals
