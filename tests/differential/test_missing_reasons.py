"""The reasons of missing intervals: they cover what SQLMesh counts, and SQLMesh bears them out."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from sqlmesh.core.plan import Plan
from sqlmesh.core.snapshot import Snapshot

from plan_tui.contract.base import Interval
from plan_tui.engine.impact.absurd import absurd_intervals, expected, foretold
from plan_tui.engine.impact.missing import missing_runs
from plan_tui.engine.impact.timeline import timeline_of
from plan_tui.engine.looking import Asked
from plan_tui.engine.planner import BuiltPlan

from . import edits as e
from .generated import scenario as generated
from .scenario import NOW, PROD, Ask, Deployment, Scenario
from .scenarios import SCENARIOS
from .subject import planned
from .workspace import Workspace

CHANGED = e.column("shop.lagged", "amount", "(amount * 2)::INT")
LATE = Deployment(CHANGED, Ask(dates={**NOW, "start": "2024-01-10", "end": "2024-01-12"}))
OWN = (
    Scenario("start moves back", ask=Ask(dates={**NOW, "start": "2024-01-05"}),
             history=(PROD, LATE)),
    Scenario("effective date in prod", CHANGED,
             Ask("prod", NOW, {"forward_only": True, "effective_from": "2024-01-08"})),
    Scenario("a month later", ask=Ask("prod", {"execution_time": "2024-02-12"})),
)  # fmt: skip
REASONS = {
    "first plan of all": {"new"},
    "start moves back": {"extended", "cron", "lookback"},
    "a month later": {"cron", "lookback"},
    "later execution time in prod": {"cron", "lookback"},
    "rest of a failed plan": {"gap", "new"},
    "restate hours": {"restated"},
    "restate in prod": {"restated"},
    "restate in dev": {"restated"},
    "forward-only plan with an effective date": {"new"},
    "effective date in prod": {"new", "lookback"},
    "forward-only plan in prod, later": {"cron", "lookback"},
    "skip backfill": {"new"},
}
"""The reasons that a person finds in each."""
BY_NAME = {**SCENARIOS, **{scenario.name: scenario for scenario in OWN}}
SEEDS = (3, 8, 47)


def check(scenario: Scenario, workspace: Workspace) -> Counter[str]:
    """Compares every model of the plan, interval by interval; counts the reasons."""
    seen: Counter[str] = Counter()
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        if backend is None or backend.built is None:
            return seen
        built = backend.built
        for missing in built.plan.missing_intervals:
            snapshot = built.plan.snapshots[missing.snapshot_id]
            runs = missing_runs(built, snapshot.name)
            assert all(a.end <= b.start for a, b in pairwise(runs))
            wanted = {unit: reason(built.plan, snapshot, unit) for unit in missing.intervals}
            found = {
                unit: [run.reason for run in runs if run.start < unit[1] and unit[0] < run.end]
                for unit in missing.intervals
            }
            assert found == {unit: [why] for unit, why in wanted.items()}, snapshot.name
            assert sum(run.end - run.start for run in runs) == sum(
                end - start for start, end in missing.merged_intervals
            )
            seen.update(wanted.values())
        check_timeline(built, Asked(backend, built))
        check_forecast(built)
    return seen


def reason(plan: Plan, snapshot: Snapshot, unit: Interval) -> str:
    """Why one interval is missing, from what SQLMesh says without lookback and restatement."""
    if is_filled(plan, snapshot, unit):
        restated = plan.restatements.get(snapshot.snapshot_id)
        inside = restated and restated[0] < unit[1] and unit[0] < restated[1]
        return "restated" if inside else "lookback"
    deployable = plan.deployability_index.is_representative(snapshot)
    filled = snapshot.intervals if deployable else snapshot.dev_intervals
    since = snapshot.normalized_effective_from_ts
    others = since is not None and unit[0] >= since and all(end <= since for _, end in filled)
    if not filled or others:
        return "new"
    before = any(low <= unit[0] for low, _ in filled)
    after = any(high >= unit[1] for _, high in filled)
    return "gap" if before and after else "cron" if before else "extended"


def is_filled(plan: Plan, snapshot: Snapshot, unit: Interval) -> bool:
    """Whether SQLMesh misses the interval for itself only because of another one."""
    kind = snapshot.model.kind
    if snapshot.model.lookback:
        kind = kind.copy(update={"lookback": 0})
    bare = snapshot.copy(update={"node": snapshot.model.copy(update={"kind": kind})})
    return not bare.missing_intervals(
        unit[0],
        unit[1],
        execution_time=plan.execution_time,
        deployability_index=plan.deployability_index,
        ignore_cron=True,
    )


def check_timeline(built: BuiltPlan, asked: Asked) -> None:
    """The timeline holds exactly the plan's backfill, batch by batch."""
    models = {model.name: model for model in timeline_of(asked).models}
    for backfill in built.backfills:
        model = models[backfill.name]
        assert model.interval_count == backfill.interval_count
        assert model.batch_count == backfill.batches
        assert not any(
            run.start < end and start < run.end
            for run in model.missing
            for start, end in model.there
        )
        unrolled = [
            (at, min(at + run.every, run.end))
            for run in model.batches
            for at in range(run.start, run.end, run.every)
        ]
        assert unrolled == sorted(built.work.batches.get(backfill.name, []))
        assert sum(run.count for run in model.batches) == len(unrolled)
    missing = {name for name, model in models.items() if model.missing}
    assert missing == {
        built.plan.snapshots[each.snapshot_id].name for each in built.plan.missing_intervals
    }


def check_forecast(built: BuiltPlan) -> None:
    """What is told before SQLMesh counts is about what it counts."""
    told = {snapshot.name: count for snapshot, _, count in expected(built.plan)}
    for missing in built.plan.missing_intervals:
        snapshot = built.plan.snapshots[missing.snapshot_id]
        if not snapshot.is_seed:
            off = 7 + (snapshot.model.lookback if snapshot.is_model else 0)
            assert abs(told.get(snapshot.name, 0) - len(missing.intervals)) <= off, snapshot.name


def test_too_many_intervals_are_told_while_the_plan_is_built(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plan_tui.engine.impact.absurd.MANY", 48)
    scenario = BY_NAME["hourly model changes"]
    with planned(workspace.copy(scenario, "plan_tui"), scenario) as backend:
        assert backend is not None
        assert backend.built is not None
        (told,) = foretold(backend.built.plan)
        models = timeline_of(Asked(backend, backend.built)).models
        flagged = [model.view_name for model in models if model.absurd]
        overview = backend.overview()
    assert told[1].startswith("48 hours from 2024-01-13, by its cron @hourly. Set a later start")
    assert overview is not None
    assert [w for w in overview.warnings if "would fill 48 hours" in w]
    assert flagged == ["shop__dev.clicks"]
    monkeypatch.setattr("plan_tui.engine.impact.absurd.MANY", 49)
    assert absurd_intervals(told[0], ((0, 1),), 48) is None


@pytest.mark.parametrize("name", REASONS)
def test_reasons_cover_what_sqlmesh_counts(name: str, workspace: Workspace) -> None:
    seen = check(BY_NAME[name], workspace)

    assert REASONS[name] <= set(seen), seen


@pytest.mark.parametrize("seed", SEEDS)
def test_reasons_of_random_projects(seed: int, workspace: Workspace) -> None:
    check(generated(seed), workspace)
