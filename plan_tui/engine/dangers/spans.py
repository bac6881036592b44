"""Time: data that the new version will not have, and ranges in which nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlmesh.core.snapshot.definition import merge_intervals, start_date
from sqlmesh.utils.date import make_exclusive, to_timestamp

from plan_tui.contract.base import Interval
from plan_tui.contract.dangers import Danger, Severity
from plan_tui.engine.dangers.subject import Subject, span, spans
from plan_tui.engine.impact.absurd import foretold

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmesh.core.snapshot import Snapshot


def gaps(subject: Subject) -> Iterator[Danger]:
    """Intervals that the environment shows now and would not show afterwards."""
    plan = subject.plan
    if plan.no_gaps:
        return
    # Without a backfill nothing is filled; an empty one records every interval as filled.
    if plan.empty_backfill:
        return
    filled = {} if plan.skip_backfill else {each.name: each for each in subject.built.backfills}
    for new, old in subject.modified_models():
        # Without a category it is not known yet whether it gets a table of its own.
        if not new.version or new.version == old.version:
            continue
        if not (new.is_incremental and old.intervals):
            continue
        # A preview's own table has its intervals apart, as SQLMesh counts them (missing_intervals).
        deployable = plan.deployability_index.is_deployable(new)
        later = [*(new.intervals if deployable else new.dev_intervals)]
        if new.name in filled:
            later += filled[new.name].intervals
        missing = without(list(old.intervals), later)
        if missing:
            yield _gap(subject, new, missing)


def recorded_empty(subject: Subject) -> Iterator[Danger]:
    """Intervals that SQLMesh would record as filled though nothing computes them.

    It records the plan's whole range for every model, those included that did not change and are
    not due yet (``PlanEvaluator.visit_backfill_stage``).
    """
    plan = subject.plan
    if not plan.empty_backfill:
        return
    index = subject.built.work.index or plan.deployability_index
    starts: dict[str, datetime] = {}
    for snapshot in sorted(plan.snapshots.values()):
        # What is made by its definition alone has its data as soon as it is created.
        if snapshot.is_view or snapshot.is_managed or snapshot.is_seed:
            continue
        if not snapshot.evaluatable or not plan.is_selected_for_backfill(snapshot.name):
            continue
        start, end = snapshot.inclusive_exclusive(plan.start, plan.end, strict=False, expand=False)
        own = start_date(snapshot, plan.snapshots.values(), cache=starts)
        start = max(start, to_timestamp(snapshot.node.interval_unit.cron_floor(own)))
        there = snapshot.intervals if index.is_deployable(snapshot) else snapshot.dev_intervals
        if unfilled := without([(start, end)], list(there)):
            yield _recorded_empty(subject, snapshot, unfilled)


def _recorded_empty(subject: Subject, snapshot: Snapshot, unfilled: tuple[Interval, ...]) -> Danger:
    shown = subject.shown(snapshot.name)
    after = "no later plan fills it by itself"
    if not snapshot.is_incremental:
        after = "it is computed no sooner than its next interval is due"
    return Danger(
        rule="recorded_empty",
        model=snapshot.name,
        view_name=shown,
        severity=Severity.WARNS,
        message=(
            f"{shown} would be recorded as filled for {spans(unfilled)}, and nothing computes it: "
            f"what is not there stays missing, and {after}."
        ),
        hint="Plan with --skip-backfill, which leaves it to a later plan, or without both.",
        details=tuple(span(each) for each in unfilled),
    )


def _gap(subject: Subject, new: Snapshot, missing: tuple[Interval, ...]) -> Danger:
    shown = subject.shown(new.name)
    return Danger(
        rule="gap",
        model=new.name,
        view_name=shown,
        severity=Severity.NOTES if subject.plan.is_dev else Severity.WARNS,
        message=(
            f"{shown} would lose {spans(missing)}: the version that is there now has it, the new "
            "one would not."
        ),
        hint="Plan with --no-gaps, an earlier start, or backfill it afterwards."
        if not subject.plan.is_dev
        else "Plan with an earlier --start if the environment needs it.",
        details=tuple(span(each) for each in missing),
    )


def without(intervals: list[Interval], taken: list[Interval]) -> tuple[Interval, ...]:
    """The parts of intervals that no other covers."""
    left: list[Interval] = []
    covers = merge_intervals(sorted(taken)) if taken else []
    for start, end in intervals:
        at = start
        for cover_start, cover_end in covers:
            if cover_end <= at or cover_start >= end:
                continue
            if cover_start > at:
                left.append((at, cover_start))
            at = max(at, cover_end)
        if at < end:
            left.append((at, end))
    return tuple(left)


def ranges_too_short(subject: Subject) -> Iterator[Danger]:
    """Models of which no whole interval fits into the plan's dates.

    SQLMesh fills nothing of them where the plan ends at a time of day, and takes the rest of the
    interval along where it ends with a day.
    """
    plan = subject.plan
    if plan.provided_start is None or plan.skip_backfill or plan.empty_backfill:
        return
    dates = to_timestamp(plan.start), to_timestamp(make_exclusive(plan.end))
    filled = {each.name: each.intervals for each in subject.built.backfills}
    changed = {new.name for new, _ in subject.modified_models()}
    changed |= {snapshot_id.name for snapshot_id in plan.context_diff.added}
    for name in sorted(changed | set(filled)):
        snapshot = plan.context_diff.snapshots_by_name[name]
        if snapshot.is_model and snapshot.is_incremental and not _fits(snapshot, *dates):
            if name not in filled:
                yield _too_short(subject, snapshot, dates)
            elif without(list(filled[name]), [dates]):
                yield _extended(subject, snapshot, filled[name])


def _too_short(subject: Subject, snapshot: Snapshot, dates: Interval) -> Danger:
    shown, unit = subject.shown(snapshot.name), snapshot.node.interval_unit.value
    return Danger(
        rule="range_too_short",
        model=snapshot.name,
        view_name=shown,
        severity=Severity.WARNS,
        message=(
            f"{shown} is computed by the {unit}, and no whole {unit} lies between the plan's "
            "dates: nothing of it is filled."
        ),
        hint=f"Plan a range that holds a whole {unit}.",
        details=(span(dates),),
    )


def _extended(subject: Subject, snapshot: Snapshot, intervals: tuple[Interval, ...]) -> Danger:
    shown, unit = subject.shown(snapshot.name), snapshot.node.interval_unit.value
    return Danger(
        rule="range_extended",
        model=snapshot.name,
        view_name=shown,
        severity=Severity.NOTES,
        message=(
            f"{shown} is computed by the {unit}, which is longer than the plan's range: it is "
            f"filled for {spans(intervals)}."
        ),
        hint=f"Nothing is lost: the {unit} is computed whole, more than the dates ask for.",
        details=tuple(span(each) for each in intervals),
    )


def too_many_intervals(subject: Subject) -> Iterator[Danger]:
    """Models with more intervals to fill than anybody is likely to mean."""
    for snapshot, sentence in foretold(subject.plan):
        shown = subject.shown(snapshot.name)
        many, _, hint = sentence.partition(". ")
        yield Danger(
            rule="too_many_intervals",
            model=snapshot.name,
            view_name=shown,
            severity=Severity.WARNS,
            message=f"{shown} would fill {many}.",
            hint=hint,
        )


def _fits(snapshot: Snapshot, start: int, end: int) -> bool:
    unit = snapshot.node.interval_unit
    floor = to_timestamp(unit.cron_floor(start))
    first = floor if floor >= start else to_timestamp(unit.cron_next(start))
    return to_timestamp(unit.cron_next(first)) <= end
